/**
 * The timeouts of one connection, on one timer.
 *
 * Reading the clock for every chunk costs more than handling a small one, so most times are found by looking now and then:
 * a timeout counts from the first look that saw its cause, and comes late by up to an eighth of its length. It never
 * comes early.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { type Timer, TimerWheel } from "./timer_wheel.ts";

/** Lengths of the timeouts; 0 for none. */
export interface Timeouts {
  /** A message that has begun makes no progress. */
  readonly readMs: number;
  /** Output makes no progress. */
  readonly writeMs: number;
  /** No byte comes or goes. */
  readonly idleMs: number;
}

/** What a watchdog sees of its connection, and tells it. */
export interface Watched {
  /** Output waits for the transport. */
  readonly blocked: boolean;
  /** Part of a message is there, and its rest is waited for. */
  readonly incomplete: boolean;
  /** Grows whenever input is consumed. */
  readonly consumed: number;
  /** A time set by `Watchdog.watchUntil` may have come: gives the next one, or `Infinity`. */
  expire(nowMs: number): number;
  /** A timeout has come. True if the connection goes on. */
  timedOut(what: "read" | "write" | "idle"): boolean;
}

/** How many times in the length of a timeout one looks. */
const LOOKS = 8;

/** Looks after one connection. */
export class Watchdog {
  /** Set it when a byte comes or goes. */
  touched = true;
  /** Set it when output makes progress. */
  wrote = false;
  readonly #clock: Clock;
  readonly #timeouts: Timeouts;
  readonly #watched: Watched;
  #wheel: TimerWheel | undefined;
  #timer: Timer | undefined;
  #looking = false;
  #lookMs: number;
  #activeMs = 0;
  /** When output was first seen waiting, and a message incomplete, without progress since. */
  #blockedMs = NaN;
  #consumed = 0;
  #incompleteMs = NaN;

  /** Without a wheel it makes one of its own when it needs one. */
  constructor(clock: Clock, wheel: TimerWheel | undefined, timeouts: Timeouts, watched: Watched) {
    this.#clock = clock;
    this.#wheel = wheel;
    this.#timeouts = timeouts;
    this.#watched = watched;
    const { readMs, writeMs, idleMs } = timeouts;
    this.#lookMs = Math.min(readMs || Infinity, writeMs || Infinity, idleMs || Infinity) / LOOKS;
  }

  /** When a byte came or went last, or was first asked for since. */
  get activeMs(): number {
    if (this.touched) {
      this.touched = false;
      this.#activeMs = this.#clock.now();
    }
    return this.#activeMs;
  }

  /** There is something to look at from here on: output waits, a message is incomplete, or idle time counts. */
  look(): void {
    if (this.#looking || this.#lookMs === Infinity) return;
    this.#looking = true;
    const nowMs = this.#clock.now();
    this.#see(nowMs);
    this.watchUntil(nowMs + this.#lookMs);
  }

  /** Calls `Watched.expire` at that time. */
  watchUntil(atMs: number): void {
    const wheel = this.#wheel ??= new TimerWheel(this.#clock);
    if (this.#timer === undefined) this.#timer = wheel.add(atMs, () => this.#wake());
    else if (!this.#timer.active || this.#timer.atMs > atMs) wheel.restart(this.#timer, atMs);
  }

  /** Ends it. */
  stop(): void {
    if (this.#timer !== undefined) this.#wheel!.cancel(this.#timer);
    this.#looking = true;
    this.#lookMs = Infinity;
  }

  #wake(): void {
    const nowMs = this.#clock.now();
    let nextMs = this.#watched.expire(nowMs);
    if (this.#looking) {
      this.#see(nowMs);
      if (!this.#judge(nowMs)) return;
      const { blocked, incomplete } = this.#watched;
      this.#looking = this.#timeouts.idleMs > 0 || blocked || incomplete;
      if (this.#looking) nextMs = Math.min(nextMs, nowMs + this.#lookMs);
    }
    if (nextMs !== Infinity) this.watchUntil(nextMs);
  }

  #see(nowMs: number): void {
    const { blocked, incomplete, consumed } = this.#watched;
    if (this.touched) this.#activeMs = nowMs;
    if (!blocked) this.#blockedMs = NaN;
    else if (this.wrote || Number.isNaN(this.#blockedMs)) this.#blockedMs = nowMs;
    if (!incomplete) this.#incompleteMs = NaN;
    else if (consumed !== this.#consumed || Number.isNaN(this.#incompleteMs)) this.#incompleteMs = nowMs;
    this.#consumed = consumed;
    this.touched = this.wrote = false;
  }

  #judge(nowMs: number): boolean {
    const { readMs, writeMs, idleMs } = this.#timeouts;
    if (writeMs > 0 && nowMs - this.#blockedMs >= writeMs) return this.#watched.timedOut("write");
    if (readMs > 0 && nowMs - this.#incompleteMs >= readMs) return this.#watched.timedOut("read");
    if (idleMs === 0 || nowMs - this.#activeMs < idleMs) return true;
    this.#activeMs = nowMs;
    return this.#watched.timedOut("idle");
  }
}
