/**
 * Calls per second, refilled as Kitex does it: a tenth of the limit every 100 ms, up to the limit.
 *
 * @module
 */

/** How often tokens come (Kitex's). */
const INTERVAL_MS = 100;

/** How many intervals a second has. */
const INTERVALS = 1_000 / INTERVAL_MS;

/**
 * A store of tokens, one for each call. It begins with those of one interval; what is not used piles up to the limit of a
 * second. Kitex rounds an interval's tokens down, so that a limit below 10 lets nothing pass; here the fractions count.
 */
export class TokenBucket {
  #limit: number;
  /** In parts of a token, so that an interval's are a whole number. */
  #parts: number;
  /** When the interval under way began. */
  #since: number;

  /** `limit` tokens a second from `now` on: more than 0. */
  constructor(limit: number, now: number) {
    this.#limit = limit;
    this.#parts = Math.max(INTERVALS, limit);
    this.#since = now;
  }

  /** Tokens there are, without what has come since the last look. */
  get tokens(): number {
    return Math.floor(this.#parts / INTERVALS);
  }

  /** Is there a token at `now`? */
  has(now: number): boolean {
    const intervals = Math.floor((now - this.#since) / INTERVAL_MS);
    if (intervals > 0) {
      this.#since += intervals * INTERVAL_MS;
      this.#parts = Math.min(this.#most, this.#parts + intervals * this.#limit);
    }
    return this.#parts >= INTERVALS;
  }

  /** Takes one that `has` told of. */
  take(): void {
    this.#parts -= INTERVALS;
  }

  /** Another limit from now on; tokens above it are lost. */
  update(limit: number): void {
    this.#limit = limit;
    this.#parts = Math.min(this.#parts, this.#most);
  }

  get #most(): number {
    return Math.max(1, this.#limit) * INTERVALS;
  }
}
