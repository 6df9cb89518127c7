/**
 * What a peer may cost before the connection is cut: allowances that refill with time and with useful work.
 *
 * @module
 */

/** An allowance of `capacity`, refilled by `perSecond`. The time is read only when it is used up. */
export class Budget {
  readonly #capacity: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  #left: number;
  #readMs: number;

  /** A full allowance; `now` gives monotonic milliseconds. */
  constructor(capacity: number, perSecond: number, now: () => number) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#left = capacity;
    this.#readMs = now();
  }

  /** Spends one; false if there was none. */
  spend(): boolean {
    if (this.#left < 1) this.#refill();
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Useful work earns `count`. */
  earn(count: number): void {
    this.#left = Math.min(this.#capacity, this.#left + count);
  }

  #refill(): void {
    const nowMs = this.#now();
    this.earn((nowMs - this.#readMs) * this.#perSecond / 1000);
    this.#readMs = nowMs;
  }
}
