/**
 * The loop of a resolver that asks a registry: try, and after a failure try again, later each time.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { type Backoff, backoffMs } from "../governance/backoff.ts";
import type { Clock } from "../io/clock.ts";

/** Waits between tries of a registry that does not answer. */
export const REGISTRY_BACKOFF: Backoff = { type: "exponential", initialMs: 500, maxMs: 30_000 };

/** Least wait, so that a registry that refuses at once is not asked in a loop. */
const MIN_WAIT_MS = 50;

/** What `follow` runs. */
export interface Following {
  /**
   * Follows the list until the signal fires or it fails; calls `good` whenever something arrived. It may end by itself, and is then
   * run again.
   */
  run(signal: AbortSignal, good: () => void): Promise<void>;
  /** Told of every failure. */
  failed(error: RpcError): void;
  /** Tells the time. */
  readonly clock: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** Runs it until the function given back is called. */
export function follow({ run, failed, clock, random }: Following): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  void (async () => {
    for (let failures = 0; !signal.aborted;) {
      try {
        await run(signal, () => {
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        try {
          failed(RpcError.from(error));
        } catch {
          // Who listens failed: that must not end the process, and there is nobody else to tell.
        }
      }
      await pause(Math.max(MIN_WAIT_MS, backoffMs(REGISTRY_BACKOFF, Math.max(1, failures), random)), clock, signal);
    }
  })();
  return () => controller.abort(new RpcError("canceled", "nobody follows the list any more"));
}

/** Resolves after a while, or as soon as the signal fires. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done, { once: true });
  });
}
