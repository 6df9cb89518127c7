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
import type { ConnectionOptions } from "./connection_options.ts";
import { type Timer, TimerWheel } from "./timer_wheel.ts";

/** What a watchdog sees of the output. */
export interface WatchedOutput {
  /** It waits for the transport. */
  readonly blocked: boolean;
}

/** What a watchdog sees of the input. */
export interface WatchedInput {
  /** How many bytes are kept. */
  readonly length: number;
  /** Nobody waits for more. */
  readonly stopped: boolean;
  /** Grows whenever some is consumed. */
  readonly consumed: number;
}

/** Whom a watchdog tells. */
export interface WatchdogOwner {
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
  readonly #options: ConnectionOptions;
  readonly #out: WatchedOutput;
  readonly #in: WatchedInput;
  readonly #owner: WatchdogOwner;
  #wheel: TimerWheel | undefined;
  #timer: Timer | undefined;
  #looking = false;
  #lookMs: number;
  #activeMs = 0;
  /** When output was first seen waiting, and a message incomplete, without progress since. */
  #blockedMs = NaN;
  #consumed = 0;
  #incompleteMs = NaN;

  /** The timeouts and the wheel are those of `options`; without a wheel it makes one of its own when it needs one. */
  constructor(clock: Clock, options: ConnectionOptions, out: WatchedOutput, input: WatchedInput, owner: WatchdogOwner) {
    this.#clock = clock;
    this.#options = options;
    this.#out = out;
    this.#in = input;
    this.#owner = owner;
    this.#wheel = options.wheel;
    const { readTimeoutMs, writeTimeoutMs, idleTimeoutMs } = options;
    this.#lookMs = Math.min(readTimeoutMs || Infinity, writeTimeoutMs || Infinity, idleTimeoutMs || Infinity) / LOOKS;
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

  /** Calls `WatchdogOwner.expire` at that time. */
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
    let nextMs = this.#owner.expire(nowMs);
    if (this.#looking) {
      this.#see(nowMs);
      if (!this.#judge(nowMs)) return;
      this.#looking = (this.#options.idleTimeoutMs ?? 0) > 0 || this.#out.blocked || this.#incomplete;
      if (this.#looking) nextMs = Math.min(nextMs, nowMs + this.#lookMs);
    }
    if (nextMs !== Infinity) this.watchUntil(nextMs);
  }

  #see(nowMs: number): void {
    const { consumed } = this.#in;
    if (this.touched) this.#activeMs = nowMs;
    if (!this.#out.blocked) this.#blockedMs = NaN;
    else if (this.wrote || Number.isNaN(this.#blockedMs)) this.#blockedMs = nowMs;
    if (!this.#incomplete) this.#incompleteMs = NaN;
    else if (consumed !== this.#consumed || Number.isNaN(this.#incompleteMs)) this.#incompleteMs = nowMs;
    this.#consumed = consumed;
    this.touched = this.wrote = false;
  }

  /** Part of a message is there, and its rest is waited for. */
  get #incomplete(): boolean {
    return this.#in.length > 0 && !this.#in.stopped;
  }

  #judge(nowMs: number): boolean {
    const { readTimeoutMs, writeTimeoutMs, idleTimeoutMs } = this.#options;
    if (nowMs - this.#blockedMs >= (writeTimeoutMs || Infinity)) return this.#owner.timedOut("write");
    if (nowMs - this.#incompleteMs >= (readTimeoutMs || Infinity)) return this.#owner.timedOut("read");
    if (nowMs - this.#activeMs < (idleTimeoutMs || Infinity)) return true;
    this.#activeMs = nowMs;
    return this.#owner.timedOut("idle");
  }
}
