/**
 * Lets a channel rest that had no call for a while.
 *
 * @module
 */
import type { Timer, TimerWheel } from "../io/timer_wheel.ts";

/** What is watched. */
export interface IdleHost {
  /** When the last call ended, or the channel last had something to do, in the clock's milliseconds; `Infinity` while calls are under way. */
  readonly usedMs: number;
  /** Ends what the channel does for calls to come. */
  rest(): void;
}

/** Watches a channel from its first call, or its first dial, until it rests. */
export class ChannelIdle {
  readonly #wheel: TimerWheel;
  readonly #idleMs: number;
  readonly #host: IdleHost;
  #timer: Timer | undefined;
  #watching = false;
  /** When it was woken last: of calls that never got a connection nothing else tells. */
  #wokenMs = -Infinity;

  /** Lets `host` rest after `idleMs` milliseconds without a call. */
  constructor(wheel: TimerWheel, idleMs: number, host: IdleHost) {
    this.#wheel = wheel;
    this.#idleMs = idleMs;
    this.#host = host;
  }

  /** The channel has something to do. */
  wake(): void {
    this.#wokenMs = this.#wheel.turnNow();
    if (this.#watching) return;
    this.#watching = true;
    const atMs = this.#wokenMs + this.#idleMs;
    if (this.#timer === undefined) this.#timer = this.#wheel.add(atMs, () => this.#look());
    else this.#wheel.restart(this.#timer, atMs);
  }

  /** Watches no more. */
  close(): void {
    this.#watching = true;
    if (this.#timer !== undefined) this.#wheel.cancel(this.#timer);
  }

  #look(): void {
    const nowMs = this.#wheel.clock.now();
    const atMs = Math.min(Math.max(this.#host.usedMs, this.#wokenMs), nowMs) + this.#idleMs;
    if (atMs > nowMs) return this.#wheel.restart(this.#timer!, atMs);
    this.#watching = false;
    this.#host.rest();
  }
}
