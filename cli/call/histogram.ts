/**
 * Latencies of many calls in a fixed amount of memory: buckets whose width is 1/32 of their value.
 *
 * @module
 */

/** Buckets in each doubling. */
const PARTS = 32;
/** Doublings from a microsecond on; the last reaches 19 hours. */
const DOUBLINGS = 36;

/** Counts latencies. */
export class Histogram {
  readonly #counts: number[] = new Array(PARTS * DOUBLINGS).fill(0);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** Adds one, in milliseconds. */
  add(ms: number): void {
    const index = Math.floor(Math.log2(Math.max(ms * 1000, 1)) * PARTS);
    this.#counts[Math.min(index, this.#counts.length - 1)]!++;
    this.#count++;
    this.#sum += ms;
    this.#max = Math.max(this.#max, ms);
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** The longest, exact. */
  get max(): number {
    return this.#max;
  }

  /** The mean, exact; 0 of none. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** What `part` (0 to 1) of them are not above, to 1/32; 0 of none. */
  quantile(part: number): number {
    let left = Math.ceil(part * this.#count);
    if (left <= 0) return 0;
    const index = this.#counts.findIndex((count) => (left -= count) <= 0);
    if (index === this.#counts.length - 1) return this.#max;
    return Math.min(2 ** ((index + 1) / PARTS) / 1000, this.#max);
  }

  /** How many lie in each doubling that has any, with its upper end in milliseconds. */
  doublings(): { readonly upTo: number; readonly count: number }[] {
    const rows: { upTo: number; count: number }[] = [];
    for (let i = 0; i < DOUBLINGS; i++) {
      const count = this.#counts.slice(i * PARTS, (i + 1) * PARTS).reduce((sum, part) => sum + part, 0);
      rows.push({ upTo: 2 ** (i + 1) / 1000, count });
    }
    const first = rows.findIndex(({ count }) => count > 0);
    return first < 0 ? [] : rows.slice(first, rows.findLastIndex(({ count }) => count > 0) + 1);
  }
}
