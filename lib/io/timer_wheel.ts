/**
 * Timers shared by many: adding and cancelling one costs a few list links, whether it is due in 10 ms or in a month.
 *
 * Four rings of 256 slots, each ring 256 times as coarse as the one below; a timer moves down a ring when its slot comes
 * up. One timer of the runtime serves all of them. It is armed for the next slot in use, and not again once none is.
 *
 * @module
 */
import { type Clock, turnNow } from "./clock.ts";
import { TurnClock } from "./turn_clock.ts";

/** One timer of a wheel. */
export interface Timer {
  /** True until it has run or is cancelled. */
  readonly active: boolean;
  /** When it is due, in the clock's milliseconds. */
  readonly atMs: number;
}

const SLOTS = 256;
const LEVELS = 4;
/** Slot number of an entry taken out to be run. */
const DUE = LEVELS * SLOTS;
const NONE = -1;

/** Runs functions at given times; never early, late by up to one tick and what the event loop adds. */
export class TimerWheel implements Clock {
  /** The time that `add` is measured by. */
  readonly clock: Clock;
  readonly #tickMs: number;
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #baseMs: number;
  /** First entry of each slot, and of the list of due ones. */
  readonly #slots: (Entry | undefined)[] = new Array<Entry | undefined>(DUE + 1).fill(undefined);
  /** Last tick that was run. */
  #tick = 0;
  #size = 0;
  #armedTick = Infinity;
  #disarm: (() => void) | undefined;
  #running = false;
  #closed = false;

  /**
   * `tickMs` is the granularity, default 10. What a timer's function throws goes to `onError` after all due timers have
   * run; without it, it is thrown from the runtime's timer (two or more as one `AggregateError`).
   */
  constructor(clock: Clock = new TurnClock(), tickMs = 10, onError?: (error: unknown) => void) {
    this.clock = clock;
    this.#tickMs = tickMs;
    this.#onError = onError;
    this.#baseMs = clock.now();
  }

  /** The clock's time. */
  now(): number {
    return this.clock.now();
  }

  /** The clock's time, as it was read earlier in this turn. */
  turnNow(): number {
    return turnNow(this.clock);
  }

  /** Calls `fn` once, `ms` milliseconds from now or up to a tick later; gives a function that prevents it. */
  after(ms: number, fn: () => void): () => void {
    const timer = this.add(this.clock.now() + ms, fn);
    return () => this.cancel(timer);
  }

  /** How many timers wait. */
  get size(): number {
    return this.#size;
  }

  /** Calls `fn` once, at `atMs` of the clock or up to a tick later; a time gone by means the next tick. */
  add(atMs: number, fn: () => void): Timer {
    const entry = new Entry(fn);
    this.#insert(entry, atMs);
    return entry;
  }

  /**
   * Sets a timer of this wheel to another time, whether it waits, has run or was cancelled: the same object serves for
   * as long as its owner lives.
   */
  restart(timer: Timer, atMs: number): void {
    const entry = timer as Entry;
    if (entry.slot !== NONE) this.#unlink(entry);
    this.#insert(entry, atMs);
  }

  /** Makes sure that the timer does not run. One that has run or was cancelled is left as it is. */
  cancel(timer: Timer): void {
    if ((timer as Entry).slot !== NONE) this.#unlink(timer as Entry);
  }

  /** Cancels all timers; those added later never run. */
  close(): void {
    this.#closed = true;
    this.#disarm?.();
    this.#disarm = undefined;
    for (let slot = 0; slot <= DUE; slot++) {
      for (let entry = this.#slots[slot]; entry !== undefined; entry = this.#slots[slot]) this.#unlink(entry);
    }
  }

  #insert(entry: Entry, atMs: number): void {
    if (this.#closed) return;
    // With nothing waiting the hand may be far behind: it would make near times look far.
    if (this.#size === 0 && !this.#running) this.#tick = Math.max(this.#tick, this.#tickNow());
    entry.atMs = atMs;
    entry.tick = Math.max(Math.ceil((atMs - this.#baseMs) / this.#tickMs), this.#tick + 1);
    const wakeTick = this.#place(entry);
    if (wakeTick < this.#armedTick && !this.#running) this.#arm(wakeTick);
  }

  /** Links the entry into its slot; gives the tick at which that slot has to be looked at. */
  #place(entry: Entry): number {
    // Farther than the rings reach (497 days at 10 ms): it goes round again from there.
    const tick = Math.min(entry.tick, this.#tick + 0xffffffff);
    const distance = tick - this.#tick;
    const level = distance < 0x100 ? 0 : distance < 0x10000 ? 1 : distance < 0x1000000 ? 2 : 3;
    const shift = level * 8;
    this.#link(entry, level * SLOTS + ((tick >>> shift) & (SLOTS - 1)));
    return level === 0 ? tick : tick - tick % 2 ** shift;
  }

  #link(entry: Entry, slot: number): void {
    const first = this.#slots[slot];
    entry.slot = slot;
    entry.previous = undefined;
    entry.next = first;
    if (first !== undefined) first.previous = entry;
    this.#slots[slot] = entry;
    this.#size++;
  }

  #unlink(entry: Entry): void {
    const { slot, previous, next } = entry;
    if (previous === undefined) this.#slots[slot] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    entry.previous = entry.next = undefined;
    entry.slot = NONE;
    this.#size--;
  }

  #arm(tick: number): void {
    this.#disarm?.();
    this.#armedTick = tick;
    const delayMs = this.#baseMs + tick * this.#tickMs - this.clock.now();
    this.#disarm = this.clock.after(Math.max(delayMs, 0), () => this.#wake());
  }

  #wake(): void {
    this.#disarm = undefined;
    this.#armedTick = Infinity;
    const errors: unknown[] = [];
    this.#running = true;
    const until = this.#tickNow();
    for (let tick = this.#nextTick(); tick <= until; tick = this.#nextTick()) {
      this.#tick = tick;
      this.#moveDown(tick);
      this.#runSlot(tick, errors);
    }
    this.#tick = Math.max(this.#tick, until);
    this.#running = false;
    if (this.#size > 0 && !this.#closed) this.#arm(this.#nextTick());
    this.#report(errors);
  }

  /** Brings the entries of coarser slots that begin at this tick to where they belong now. */
  #moveDown(tick: number): void {
    for (let level = LEVELS - 1; level > 0; level--) {
      if (tick % 2 ** (level * 8) !== 0) continue;
      const slot = level * SLOTS + ((tick >>> (level * 8)) & (SLOTS - 1));
      let entry = this.#slots[slot];
      while (entry !== undefined) {
        const next: Entry | undefined = entry.next;
        this.#unlink(entry);
        this.#place(entry);
        entry = next;
      }
    }
  }

  #runSlot(tick: number, errors: unknown[]): void {
    const slot = tick & (SLOTS - 1);
    // Out of the slot first, so that what the functions add or cancel cannot disturb the walk.
    for (let entry = this.#slots[slot]; entry !== undefined; entry = this.#slots[slot]) {
      this.#unlink(entry);
      this.#link(entry, DUE);
    }
    for (let entry = this.#slots[DUE]; entry !== undefined; entry = this.#slots[DUE]) {
      this.#unlink(entry);
      try {
        entry.fn();
      } catch (error) {
        errors.push(error);
      }
    }
  }

  #report(errors: unknown[]): void {
    if (errors.length === 0) return;
    if (this.#onError !== undefined) { for (const error of errors) this.#onError(error); }
    else throw errors.length === 1 ? errors[0] : new AggregateError(errors, `${errors.length} timers threw`);
  }

  #tickNow(): number {
    return Math.floor((turnNow(this.clock) - this.#baseMs) / this.#tickMs);
  }

  /** The next tick at which some slot has to be looked at, or `Infinity`. */
  #nextTick(): number {
    let best = Infinity;
    for (let level = 0; level < LEVELS; level++) {
      const unit = 2 ** (level * 8);
      const first = Math.floor(this.#tick / unit) + 1;
      for (let at = first; at < first + SLOTS && at * unit < best; at++) {
        if (this.#slots[level * SLOTS + (at & (SLOTS - 1))] !== undefined) best = at * unit;
      }
    }
    return best;
  }
}

class Entry implements Timer {
  readonly fn: () => void;
  atMs = 0;
  tick = 0;
  slot = NONE;
  previous: Entry | undefined;
  next: Entry | undefined;

  constructor(fn: () => void) {
    this.fn = fn;
  }

  get active(): boolean {
    return this.slot !== NONE;
  }
}
