/**
 * The loop of a resolver that asks a registry: try, and after a failure try again, later each time.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { type Backoff, backoffMs } from "../governance/backoff.ts";
import type { Clock } from "../io/clock.ts";
import { quiet } from "../io/settler.ts";

/** Waits between tries of a registry that does not answer. */
export const REGISTRY_BACKOFF: Backoff = { type: "exponential", initialMs: 500, maxMs: 30_000 };

/** Least wait, so that a registry that refuses at once is not asked in a loop. */
export const MIN_WAIT_MS = 50;

/** A run that was good for so long counts as a success; one that ends sooner is tried again later each time. */
const STEADY_MS = 5_000;

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
    for (let runs = 0; !signal.aborted;) {
      let good = false;
      const beganMs = clock.now();
      const steady = (): boolean => good && clock.now() - beganMs >= STEADY_MS;
      try {
        await run(signal, () => {
          good = true;
        });
        if (steady()) runs = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (steady()) runs = 0;
        try {
          failed(RpcError.from(error));
        } catch {
          // Who listens failed: that must not end the process, and there is nobody else to tell.
        }
      }
      await pause(Math.max(MIN_WAIT_MS, backoffMs(REGISTRY_BACKOFF, ++runs, random)), clock, signal);
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

/** A wait that may be cut short: a list is due at some time, and sooner when an instance of it cannot be reached. */
export interface Hint {
  /** Cuts the wait short, this one or the next. */
  give(): void;
  /** Resolves after `ms`; after a hint already at `minMs`; at once when the signal fires. */
  pause(minMs: number, ms: number, clock: Clock, signal: AbortSignal): Promise<void>;
}

/** Makes one. */
export function createHint(): Hint {
  let given = false;
  let wake = (): void => {};
  return {
    give() {
      given = true;
      wake();
    },
    async pause(minMs, ms, clock, signal) {
      const beganMs = clock.now();
      const cut = new AbortController();
      const end = (): void => cut.abort();
      let cancel: (() => void) | undefined;
      wake = () => {
        const leftMs = beganMs + minMs - clock.now();
        if (leftMs <= 0) end();
        else cancel ??= clock.after(leftMs, end);
      };
      if (given) wake();
      if (signal.aborted) end();
      signal.addEventListener("abort", end, { once: true });
      await pause(Math.max(minMs, ms), clock, cut.signal);
      signal.removeEventListener("abort", end);
      cancel?.();
      wake = () => {};
      given = false;
    },
  };
}

/** Of what an answer is waited for, and how long. */
export interface Waiting {
  /** Whose answer it is, for the error. */
  readonly what: string;
  /** Milliseconds. */
  readonly ms: number;
  /** Tells the time. */
  readonly clock: Clock;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** What was asked for; a rejection after `ms` milliseconds, or with the signal's reason when that fires. */
export async function within<T>(asked: Promise<T>, { what, ms, clock, signal }: Waiting): Promise<T> {
  if (signal.aborted) {
    quiet(asked); // nobody waits for it
    throw signal.reason;
  }
  let end = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    const cancel = clock.after(ms, () => reject(new RpcError("timeout", `no answer of ${what} within ${ms} ms`)));
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    end = () => {
      cancel();
      signal.removeEventListener("abort", abort);
    };
  });
  return await Promise.race([asked, ended]).finally(end);
}
