/**
 * A limit on calls at once that finds itself: as many as a server can run without making them wait for each other.
 *
 * It is a gradient limit. Each window compares how long calls took with how long they take when nothing waits. Longer: the
 * limit shrinks by that proportion; no longer, and the limit was used: it grows by its square root. Vegas, the other usual
 * choice, takes steps of a fixed size, and so is late both when load comes and when it goes.
 *
 * What calls take when nothing waits is the least average of a window, for each method by itself, since methods differ. A
 * server that became slower for good would be held down by it: so while calls are refused it is measured anew now and then,
 * at a quarter of the limit, when nothing waits.
 *
 * @module
 */
import { RpcError } from "../errors.ts";

/** Options of an adaptive limit. */
export interface AdaptiveOptions {
  /** The first limit. Default 20. */
  readonly initial?: number | undefined;
  /** The lowest. Default 4. */
  readonly min?: number | undefined;
  /** The highest. Default 1,000. */
  readonly max?: number | undefined;
  /** How many times as long as without load calls may take before the limit shrinks. Default 2. */
  readonly tolerance?: number | undefined;
  /** Milliseconds of a window, at least. Default 100. */
  readonly windowMs?: number | undefined;
  /** Calls that a window has, at least. Default 20. */
  readonly minCalls?: number | undefined;
  /** Milliseconds after which, while calls are refused, their time without load is measured anew. Default 30,000. */
  readonly remeasureMs?: number | undefined;
}

/** Shorter waits are the event loop's, and say nothing. */
const SLACK_MS = 2;

/** The most that one window takes from the limit. */
const LEAST_GRADIENT = 0.5;

/** What a window with calls that came too late takes from the limit. */
const LATE_GRADIENT = 0.9;

/** The part of the limit that calls are measured at: the tolerance lets it grow back to more, but to less than it was if it was too high. */
const MEASURED_PART = 1 / 4;

/** The calls of a method in a window, and before. */
interface Times {
  calls: number;
  sumMs: number;
  /** Milliseconds a call takes when nothing waits; `Infinity` while nothing is known. */
  baseMs: number;
}

/** A limit on calls at once that follows how long they take. */
export class AdaptiveLimit {
  readonly #min: number;
  readonly #max: number;
  readonly #tolerance: number;
  readonly #windowMs: number;
  readonly #minCalls: number;
  readonly #remeasureMs: number;
  readonly #times = new Map<unknown, Times>();
  #limit: number;
  #running = 0;
  #mostRunning = 0;
  #calls = 0;
  #late = 0;
  #since = -Infinity;
  #measuredAt = -Infinity;
  /** A call was refused since the last measurement. */
  #restrained = false;
  /** The limit to return to, while calls are measured. */
  #before: number | undefined;
  /** Calls that began earlier say nothing about now. */
  #countFrom = -Infinity;

  /** Throws an `RpcError` of kind `"invalid"` for options out of range. */
  constructor(options: AdaptiveOptions = {}) {
    this.#min = options.min ?? 4;
    this.#max = options.max ?? 1_000;
    this.#tolerance = options.tolerance ?? 2;
    this.#windowMs = options.windowMs ?? 100;
    this.#minCalls = options.minCalls ?? 20;
    this.#remeasureMs = options.remeasureMs ?? 30_000;
    if (!(this.#min >= 1 && this.#max >= this.#min)) {
      throw new RpcError("invalid", `adaptive limit from ${this.#min} to ${this.#max}: 1 or more, and in this order`);
    }
    if (!(this.#tolerance >= 1)) throw new RpcError("invalid", `tolerance ${this.#tolerance} is below 1`);
    for (const name of ["initial", "windowMs", "minCalls", "remeasureMs"] as const) {
      const value = options[name] ?? 1;
      if (!(value > 0)) throw new RpcError("invalid", `${name} ${value} is not above 0`);
    }
    this.#limit = Math.min(this.#max, Math.max(this.#min, options.initial ?? 20));
  }

  /** The limit now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Calls that run. */
  get running(): number {
    return this.#running;
  }

  /** Is there room for a call that may fill `share` of the limit? */
  has(share: number): boolean {
    if (this.#running < Math.max(1, Math.floor(this.#limit * share))) return true;
    this.#restrained = true;
    return false;
  }

  /** A call begins. */
  begin(): void {
    this.#running++;
    if (this.#running > this.#mostRunning) this.#mostRunning = this.#running;
  }

  /** A call of `method` that began at `began` ended at `now`; `late`: after its caller stopped waiting. */
  ended(method: unknown, began: number, now: number, late: boolean): void {
    this.#running--;
    if (began < this.#countFrom) return;
    let times = this.#times.get(method);
    if (times === undefined) this.#times.set(method, times = { calls: 0, sumMs: 0, baseMs: Infinity });
    times.calls++;
    times.sumMs += now - began;
    this.#calls++;
    if (late) this.#late++;
    if (this.#since === -Infinity) this.#since = this.#measuredAt = began;
    if (now - this.#since >= this.#windowMs && this.#calls >= this.#minCalls) this.#closeWindow(now);
  }

  #closeWindow(now: number): void {
    const gradient = this.#gradient();
    const used = this.#mostRunning >= this.#limit / 2;
    if (this.#before !== undefined) {
      this.#limit = this.#before;
      this.#before = undefined;
    } else {
      const next = this.#limit * gradient + (gradient === LATE_GRADIENT ? 0 : Math.sqrt(this.#limit));
      if (next < this.#limit || used) this.#limit = Math.min(this.#max, Math.max(this.#min, next));
      if (this.#restrained && now - this.#measuredAt >= this.#remeasureMs) this.#measure(now);
    }
    this.#since = now;
    this.#calls = this.#late = 0;
    this.#mostRunning = this.#running;
  }

  /** By how much calls took longer than without load; learns what that is. */
  #gradient(): number {
    let fairMs = 0;
    let tookMs = 0;
    for (const times of this.#times.values()) {
      if (times.calls === 0) continue;
      times.baseMs = Math.min(times.baseMs, times.sumMs / times.calls);
      fairMs += times.calls * (times.baseMs * this.#tolerance + SLACK_MS);
      tookMs += times.sumMs;
      times.calls = times.sumMs = 0;
    }
    const gradient = Math.min(1, Math.max(LEAST_GRADIENT, fairMs / tookMs));
    return this.#late > 0 ? Math.min(gradient, LATE_GRADIENT) : gradient;
  }

  /** The next window runs at a quarter of the limit, and what calls take then is what they take without load. */
  #measure(now: number): void {
    this.#before = this.#limit;
    this.#limit = Math.max(this.#min, this.#limit * MEASURED_PART);
    this.#measuredAt = this.#countFrom = now;
    this.#restrained = false;
    this.#times.clear();
  }
}
