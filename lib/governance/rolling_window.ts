/**
 * Counts of what happened lately: a ring of buckets, 100 of 100 ms as Kitex has them. It moves on when it is used, without timers.
 *
 * @module
 */

/** What is counted. */
export type Sample = "success" | "failure" | "timeout";

/** Buckets of a window (Kitex's). */
export const WINDOW_BUCKETS = 100;

/** Milliseconds of a bucket (Kitex's). */
export const BUCKET_MS = 100;

const KINDS = 3;
const INDEX: Readonly<Record<Sample, number>> = { success: 0, failure: 1, timeout: 2 };

/** Counts over the last `WINDOW_BUCKETS * BUCKET_MS` milliseconds. */
export class RollingWindow {
  readonly #buckets = new Uint32Array(WINDOW_BUCKETS * KINDS);
  readonly #totals = new Uint32Array(KINDS);
  #tick = 0;

  /** Calls that ended well. */
  get successes(): number {
    return this.#totals[INDEX.success]!;
  }

  /** Calls that failed, without those that took too long. */
  get failures(): number {
    return this.#totals[INDEX.failure]!;
  }

  /** Calls that took too long. */
  get timeouts(): number {
    return this.#totals[INDEX.timeout]!;
  }

  /** All calls. */
  get samples(): number {
    return this.successes + this.failures + this.timeouts;
  }

  /** The share of calls that did not end well; 0 without calls. */
  get errorRate(): number {
    const { samples } = this;
    return samples === 0 ? 0 : (this.failures + this.timeouts) / samples;
  }

  /** Forgets what is too old at `nowMs`; the figures are then those of that moment. */
  advance(nowMs: number): void {
    const tick = Math.floor(nowMs / BUCKET_MS);
    const steps = tick - this.#tick;
    if (steps <= 0) return;
    if (steps >= WINDOW_BUCKETS) this.reset();
    else for (let at = this.#tick + 1; at <= tick; at++) this.#clear(at % WINDOW_BUCKETS);
    this.#tick = tick;
  }

  /** Counts one. */
  add(sample: Sample, nowMs: number): void {
    this.advance(nowMs);
    const kind = INDEX[sample];
    this.#buckets[(this.#tick % WINDOW_BUCKETS) * KINDS + kind]!++;
    this.#totals[kind]!++;
  }

  /** Forgets everything. */
  reset(): void {
    this.#buckets.fill(0);
    this.#totals.fill(0);
  }

  #clear(bucket: number): void {
    for (let kind = 0; kind < KINDS; kind++) {
      const at = bucket * KINDS + kind;
      this.#totals[kind]! -= this.#buckets[at]!;
      this.#buckets[at] = 0;
    }
  }
}
