/**
 * How long to wait before the next try.
 *
 * @module
 */
import { RpcError } from "../errors.ts";

/** Waits between tries. `none`, `fixed` and `random` are Kitex's; `exponential` draws from 0 to a bound that grows (full jitter). */
export type Backoff =
  | {
    /** No wait. */
    readonly type: "none";
  }
  | {
    /** The same wait each time. */
    readonly type: "fixed";
    /** Milliseconds. */
    readonly ms: number;
  }
  | {
    /** Any wait within bounds. */
    readonly type: "random";
    /** Least milliseconds. */
    readonly minMs: number;
    /** Most milliseconds. */
    readonly maxMs: number;
  }
  | {
    /** From 0 to a bound that grows with every try. */
    readonly type: "exponential";
    /** The first bound in milliseconds. */
    readonly initialMs: number;
    /** The bound does not grow above this. Default 120,000. */
    readonly maxMs?: number | undefined;
    /** What the bound is multiplied with. Default 2. */
    readonly multiplier?: number | undefined;
  };

/** Milliseconds to wait before retry number `retry` (from 1); `random` gives numbers from 0 up to but not including 1. */
export function backoffMs(backoff: Backoff | undefined, retry: number, random: () => number): number {
  switch (backoff?.type) {
    case undefined:
    case "none":
      return 0;
    case "fixed":
      return backoff.ms;
    case "random":
      return backoff.minMs + random() * (backoff.maxMs - backoff.minMs);
    case "exponential": {
      const bound = backoff.initialMs * (backoff.multiplier ?? 2) ** (retry - 1);
      return random() * Math.min(bound, backoff.maxMs ?? 120_000);
    }
  }
}

/** Throws an `RpcError` of kind `"invalid"` that names the number that cannot be used. */
export function checkBackoff(backoff: Backoff | undefined): void {
  const bad = (what: string): never => {
    throw new RpcError("invalid", `backoff ${what}`);
  };
  switch (backoff?.type) {
    case undefined:
    case "none":
      return;
    case "fixed":
      return backoff.ms >= 0 ? undefined : bad(`ms ${backoff.ms} is not 0 or more`);
    case "random":
      return backoff.minMs >= 0 && backoff.maxMs >= backoff.minMs
        ? undefined
        : bad(`from ${backoff.minMs} to ${backoff.maxMs} ms is no range`);
    case "exponential":
      if (!(backoff.initialMs > 0)) bad(`initialMs ${backoff.initialMs} is not above 0`);
      if (!((backoff.multiplier ?? 2) >= 1)) bad(`multiplier ${backoff.multiplier} is less than 1`);
      return (backoff.maxMs ?? 120_000) > 0 ? undefined : bad(`maxMs ${backoff.maxMs} is not above 0`);
    default:
      return bad(`type ${JSON.stringify((backoff as Backoff).type)} is not none, fixed, random or exponential`);
  }
}
