/**
 * Time as everything in `lib` sees it: a monotonic reading and a one-shot timer. Tests put a clock of their own here.
 *
 * @module
 */

/** A source of time. */
export interface Clock {
  /** Milliseconds from some fixed moment, with fractions; never goes back. */
  now(): number;
  /**
   * Calls `fn` once, `ms` milliseconds from now or a little later; gives a function that prevents it (no effect after
   * the call). A waiting timer does not keep the process alive on its own, where the runtime allows that.
   */
  after(ms: number, fn: () => void): () => void;
  /** The time of a reading earlier in this turn of the event loop, if there was one: see `turnNow`. */
  turnNow?(): number;
}

/**
 * The time for what is counted rather than kept to: with a clock that keeps a reading, the one it made earlier in the same
 * turn. Readings cost more than most of what is done with them. A deadline begins with `now`: a turn may be long.
 */
export function turnNow(clock: Clock): number {
  return clock.turnNow === undefined ? clock.now() : clock.turnNow();
}

/** The runtime's own clock and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, fn) => {
    // Runtimes keep the delay in a signed 32-bit integer, and treat more as zero.
    const handle: unknown = setTimeout(fn, Math.min(Math.max(ms, 0), 0x7fffffff));
    if (hasUnref(handle)) handle.unref();
    return () => clearTimeout(handle as number);
  },
};

function hasUnref(handle: unknown): handle is { unref(): void } {
  return typeof handle === "object" && handle !== null && "unref" in handle && typeof handle.unref === "function";
}
