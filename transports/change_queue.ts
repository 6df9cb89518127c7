/**
 * Changes of files between a watcher that reports them and a loop that takes them: each path once, until it is taken,
 * and none of the temporary files behind our own writes.
 *
 * @module
 */
import { isTemporaryName } from "./file_errors.ts";
import type { FileChange } from "../lib/platform.ts";

/** What a watcher reports to. */
export interface ChangeQueue extends AsyncIterable<FileChange> {
  /** Reports a changed path. */
  push(path: string): void;
  /** Ends the loop with an error, once what was reported before is taken. */
  fail(cause: unknown): void;
}

/** Makes a queue; `stop` is called once: when the signal fires, the loop is left, or the queue failed. */
export function changeQueue(signal: AbortSignal, stop: () => void): ChangeQueue {
  const changed = new Set<string>();
  let ended = false;
  let failure: { readonly cause: unknown } | undefined;
  let wake: (() => void) | undefined;
  const end = (): void => {
    if (ended) return;
    ended = true;
    signal.removeEventListener("abort", end);
    stop();
    wake?.();
  };
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  return {
    push(path) {
      if (isTemporaryName(path)) return;
      changed.add(path);
      wake?.();
    },
    fail(cause) {
      failure ??= { cause };
      end();
    },
    async *[Symbol.asyncIterator]() {
      try {
        while (true) {
          for (const path of changed) {
            changed.delete(path);
            yield { path };
          }
          if (changed.size > 0) continue;
          if (failure !== undefined) throw failure.cause;
          if (ended) return;
          await new Promise<void>((resolve) => wake = resolve);
        }
      } finally {
        end();
      }
    },
  };
}
