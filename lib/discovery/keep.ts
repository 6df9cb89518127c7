/**
 * The loop of a registry that keeps an entry alive: renew, and after a failure try again sooner than the next time is due.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { backoffMs } from "../governance/backoff.ts";
import type { Clock } from "../io/clock.ts";
import { type Hint, MIN_WAIT_MS, pause, REGISTRY_BACKOFF } from "./follow.ts";

/** What `keep` keeps. */
export interface Keeping {
  /** Renews the entry, or makes it anew. What was lost meanwhile it tells to `lost`. */
  renew(signal: AbortSignal, lost: (error: RpcError) => void): Promise<void>;
  /** Milliseconds until the next renewal, asked for before each wait. */
  everyMs(): number;
  /** Takes the entry out; called once, when no renewal runs any more. */
  leave(): Promise<void>;
  /** Cuts a wait short, where something tells that the entry was lost. Default: nothing does. */
  readonly hint?: Hint | undefined;
  /** Told of failures, and of entries that were lost. */
  readonly onError: ((error: RpcError) => void) | undefined;
  /** Tells the time. */
  readonly clock: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** Keeps an entry until the function given back is called; that resolves when the entry is taken out. Twice is fine. */
export function keep({ renew, everyMs, leave, hint, onError, clock, random }: Keeping): () => Promise<void> {
  const over = new AbortController();
  const { signal } = over;

  function tell(error: RpcError): void {
    try {
      onError?.(error);
    } catch {
      // Who listens failed: that must neither end the process nor the entry, and there is nobody else to tell.
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      const waitMs = failures === 0 ? everyMs() : Math.min(everyMs(), backoffMs(REGISTRY_BACKOFF, failures, random));
      if (hint === undefined) await pause(Math.max(waitMs, MIN_WAIT_MS), clock, signal);
      else await hint.pause(MIN_WAIT_MS, waitMs, clock, signal);
      if (signal.aborted) return;
      try {
        await renew(signal, tell);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        tell(RpcError.from(error));
      }
    }
  }

  const running = run();
  let ending: Promise<void> | undefined;
  async function end(): Promise<void> {
    over.abort(new RpcError("canceled", "deregistered"));
    await running;
    await leave();
  }
  return () => ending ??= end();
}
