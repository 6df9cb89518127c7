/**
 * The runtime's clock, read once a turn where that is enough.
 *
 * @module
 */
import { type Clock, systemClock } from "./clock.ts";

/** What a turn's reading is forgotten after: the jobs that were waiting when it was made. */
const TURN: Promise<void> = Promise.resolve();

/** A clock that keeps a reading for the rest of the turn it was made in. */
export class TurnClock implements Clock {
  #kept = NaN;
  readonly #forget = (): void => {
    this.#kept = NaN;
  };

  /** The time now. */
  now(): number {
    return this.#keep(systemClock.now());
  }

  /** Calls `fn` once, in `ms` milliseconds; gives what prevents it. */
  after(ms: number, fn: () => void): () => void {
    return systemClock.after(ms, fn);
  }

  /** The last reading of this turn, or one made now. */
  turnNow(): number {
    const kept = this.#kept;
    return kept === kept ? kept : this.#keep(systemClock.now());
  }

  #keep(nowMs: number): number {
    if (this.#kept !== this.#kept) TURN.then(this.#forget);
    return this.#kept = nowMs;
  }
}
