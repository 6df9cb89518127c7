/**
 * Measures calls in a closed loop: so many under way at any time, the next begins when one is answered.
 *
 * @module
 */

/** How much load, and for how long; what ends first ends it. */
export interface Load {
  /** Calls under way at once. */
  readonly concurrency: number;
  /** Milliseconds of calls that are made but not counted. */
  readonly warmUpMs: number;
  /** Milliseconds to measure. */
  readonly measureMs: number;
  /** Most calls to measure. */
  readonly maxCalls: number;
}

/** What was measured. */
export interface Measured {
  /** Milliseconds it took. */
  readonly ms: number;
  /** Milliseconds of each call, from before its function was called to after its promise was awaited. */
  readonly latencies: number[];
}

/** Runs the load over `call`, which rejects if its answer is wrong. */
export async function measure(call: () => Promise<void>, load: Load): Promise<Measured> {
  await loop(call, load.concurrency, load.warmUpMs, Infinity);
  return await loop(call, load.concurrency, load.measureMs, load.maxCalls);
}

async function loop(call: () => Promise<void>, workers: number, forMs: number, maxCalls: number): Promise<Measured> {
  const latencies: number[] = [];
  const started = performance.now(); // monotonic
  let begun = 0;
  const work = async (): Promise<void> => {
    for (let from = performance.now(); from - started < forMs && begun++ < maxCalls;) {
      await call();
      const now = performance.now();
      latencies.push(now - from);
      from = now;
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { ms: performance.now() - started, latencies };
}
