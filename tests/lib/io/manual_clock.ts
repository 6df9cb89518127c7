/**
 * A clock that stands still until a test moves it.
 *
 * @module
 */
import type { Clock } from "../../../lib/io/clock.ts";

/** Time by hand. */
export class ManualClock implements Clock {
  #nowMs: number;
  #timers: { atMs: number; fn: () => void }[] = [];

  /** Begins at `nowMs`. */
  constructor(nowMs = 1000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(ms, 0), fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next timer is due, or `Infinity`. */
  get nextMs(): number {
    return this.#timers.reduce((least, t) => Math.min(least, t.atMs), Infinity);
  }

  /** Moves on, running what becomes due in its order; what a timer throws comes out at once. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const nextMs = this.nextMs;
      if (nextMs > endMs) break;
      const at = this.#timers.findIndex((t) => t.atMs === nextMs);
      const [timer] = this.#timers.splice(at, 1);
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      timer!.fn();
    }
    this.#nowMs = endMs;
  }

  /** Moves time without running timers, as when a process was stopped. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }
}
