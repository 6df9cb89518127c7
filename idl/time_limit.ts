/**
 * How long plugins may take.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";

/** Longest that a timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * What `work` settles to, if it does so within `limitMs` milliseconds (0: no limit); else rejects with an `RpcError` of kind
 * `"invalid"` that says `what` took too long. Nothing can stop the work itself, and nothing else has to keep the program
 * running while it waits.
 */
export async function withinLimit<T>(work: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new RpcError("invalid", `${what} did not end within ${limitMs / 1000} s`);
    timer = limitMs === 0 ? setInterval(() => {}, MAX_TIMER_MS) : setTimeout(() => reject(error), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
