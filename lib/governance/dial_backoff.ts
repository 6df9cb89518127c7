/**
 * How long to wait between dials of one address: gRPC's connection backoff.
 *
 * Spec: gRPC's connection-backoff.md. A wait is counted from the beginning of the dial that failed, and a dial may always take
 * the whole time up to the next one.
 *
 * @module
 */
import { RpcError } from "../errors.ts";

/** Waits between dials. */
export interface DialBackoff {
  /** Milliseconds from the first dial that failed to the next. Default 1,000. */
  readonly initialMs?: number | undefined;
  /** What the wait is multiplied with after each further failure. Default 1.6. */
  readonly multiplier?: number | undefined;
  /** The wait does not grow above this. Default 120,000. */
  readonly maxMs?: number | undefined;
  /** By which share a wait is made longer or shorter at random. Default 0.2. */
  readonly jitter?: number | undefined;
  /** Milliseconds that a dial may take at least, until the server has said its first words. Default 20,000. */
  readonly minConnectTimeoutMs?: number | undefined;
}

/** gRPC's waits. */
export const DIAL_BACKOFF: Required<{ [K in keyof DialBackoff]: number }> = {
  initialMs: 1_000,
  multiplier: 1.6,
  maxMs: 120_000,
  jitter: 0.2,
  minConnectTimeoutMs: 20_000,
};

/** Waits with nothing left out. */
export type DialWaits = typeof DIAL_BACKOFF;

/** Fills in what is left out. Throws an `RpcError` of kind `"invalid"` that names the number that cannot be used. */
export function dialWaits(backoff: DialBackoff = {}): DialWaits {
  const waits = { ...DIAL_BACKOFF };
  for (const key of Object.keys(waits) as (keyof DialWaits)[]) waits[key] = backoff[key] ?? waits[key];
  const { initialMs, multiplier, maxMs, jitter, minConnectTimeoutMs } = waits;
  const bad = (what: string): never => {
    throw new RpcError("invalid", `dial backoff ${what}`);
  };
  if (!(initialMs > 0)) bad(`initialMs ${initialMs} is not above 0`);
  if (!(multiplier >= 1)) bad(`multiplier ${multiplier} is less than 1`);
  if (!(maxMs >= initialMs)) bad(`maxMs ${maxMs} is less than initialMs ${initialMs}`);
  if (!(jitter >= 0 && jitter < 1)) bad(`jitter ${jitter} is not 0 or more and less than 1`);
  if (!(minConnectTimeoutMs > 0)) bad(`minConnectTimeoutMs ${minConnectTimeoutMs} is not above 0`);
  return waits;
}

/** Milliseconds from a dial to the next, if it fails after `failures` others did. `random` gives numbers from 0 up to but not including 1. */
export function dialWaitMs(waits: DialWaits, failures: number, random: () => number): number {
  const { initialMs, multiplier, maxMs, jitter } = waits;
  const base = Math.min(initialMs * multiplier ** failures, maxMs);
  return base * (1 + jitter * (2 * random() - 1));
}
