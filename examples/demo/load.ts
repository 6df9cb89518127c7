/**
 * Calls in a closed loop: so many under way at any time, the next begins when one is answered.
 *
 * @module
 */

/** How much load, and for how long; what ends first ends it. */
export interface Load {
  /** Calls under way at once. */
  readonly concurrency: number;
  /** Milliseconds in which calls begin. */
  readonly forMs: number;
  /** Most calls. */
  readonly maxCalls: number;
}

/** What was measured. */
export interface Measured {
  /** Milliseconds until the last answer. */
  readonly ms: number;
  /** Milliseconds of each call, from before its function was called to after its promise was awaited. */
  readonly latencies: number[];
}

/** Runs the load over `call`, which rejects if its answer is wrong. */
export async function measure(call: () => Promise<void>, load: Load): Promise<Measured> {
  const latencies: number[] = [];
  const started = performance.now(); // monotonic
  let begun = 0;
  const work = async (): Promise<void> => {
    for (let from = performance.now(); from - started < load.forMs && begun++ < load.maxCalls;) {
      await call();
      const now = performance.now();
      latencies.push(now - from);
      from = now;
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, work));
  return { ms: performance.now() - started, latencies };
}
