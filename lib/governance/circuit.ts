/**
 * One circuit breaker: refuses calls to what fails, and tries it again carefully. Kitex's states, times and thresholds.
 *
 * ```text
 *            trips                      cooled down, one call let through
 *  closed ----------> open ----------------------------------------------> half-open
 *    ^                 ^                                                    |     |
 *    |                 '------------------ a call failed -------------------'     |
 *    '----------------------- enough calls in a row ended well -------------------'
 * ```
 *
 * @module
 */
import { RollingWindow, type Sample } from "./rolling_window.ts";

/** Where a breaker stands. */
export type CircuitState = "closed" | "open" | "half-open";

/** What a breaker's window says, as trip functions and observers see it. */
export interface CircuitCounts {
  /** Calls in the window. */
  readonly samples: number;
  /** Those that ended well. */
  readonly successes: number;
  /** Those that failed, without timeouts. */
  readonly failures: number;
  /** Those that took too long. */
  readonly timeouts: number;
  /** Failures and timeouts since the last success. */
  readonly consecutiveErrors: number;
}

/** When a breaker trips. */
export interface CircuitConfig {
  /** False to let every call through. Default true. */
  readonly enable?: boolean | undefined;
  /** Share of calls that fail at which it trips, above 0 up to 1. Default 0.5 (Kitex's). */
  readonly errorRate?: number | undefined;
  /** Calls in the window below which it does not trip. Default 200 (Kitex's). */
  readonly minSamples?: number | undefined;
}

/** How a breaker behaves beside that. */
export interface CircuitSettings {
  /** Milliseconds it refuses everything after it tripped. Default 5,000 (Kitex's). */
  readonly coolingMs?: number | undefined;
  /** Milliseconds between the calls that a half-open breaker lets through. Default 200 (Kitex's). */
  readonly detectIntervalMs?: number | undefined;
  /** Calls in a row that must end well to close it. Default 2 (Kitex's). */
  readonly halfOpenSuccesses?: number | undefined;
  /** Decides instead of error rate and samples whether a failure trips it. Default: those. */
  readonly trip?: ((counts: CircuitCounts) => boolean) | undefined;
}

/** The defaults of `CircuitConfig` and `CircuitSettings`. */
export const CIRCUIT_DEFAULTS = {
  enable: true,
  errorRate: 0.5,
  minSamples: 200,
  coolingMs: 5_000,
  detectIntervalMs: 200,
  halfOpenSuccesses: 2,
} as const;

/** Trips after so many errors in the window. */
export function tripOnCount(errors: number): (counts: CircuitCounts) => boolean {
  return ({ failures, timeouts }) => failures + timeouts >= errors;
}

/** Trips after so many errors in a row. */
export function tripOnConsecutive(errors: number): (counts: CircuitCounts) => boolean {
  return ({ consecutiveErrors }) => consecutiveErrors >= errors;
}

/** One breaker. All times are milliseconds of one clock. */
export class Circuit implements CircuitCounts {
  /** When it trips; may be replaced at any time. */
  config: CircuitConfig;
  readonly #settings: CircuitSettings;
  readonly #onChange: ((from: CircuitState, to: CircuitState) => void) | undefined;
  readonly #window = new RollingWindow();
  #state: CircuitState = "closed";
  #since = 0;
  #detected = 0;
  #goodInARow = 0;
  #consecutiveErrors = 0;

  /** Begins closed. `onChange` must not throw. */
  constructor(
    config: CircuitConfig,
    settings: CircuitSettings = {},
    onChange?: (from: CircuitState, to: CircuitState) => void,
  ) {
    this.config = config;
    this.#settings = settings;
    this.#onChange = onChange;
  }

  /** Where it stands. An open one stays so until a call asks after the cooling. */
  get state(): CircuitState {
    return this.#state;
  }

  get samples(): number {
    return this.#window.samples;
  }

  get successes(): number {
    return this.#window.successes;
  }

  get failures(): number {
    return this.#window.failures;
  }

  get timeouts(): number {
    return this.#window.timeouts;
  }

  get consecutiveErrors(): number {
    return this.#consecutiveErrors;
  }

  /** True if nothing speaks for keeping it: no call in the window, and if it tripped, it has cooled down. */
  idle(nowMs: number): boolean {
    this.#window.advance(nowMs);
    return this.#window.samples === 0 && (this.#state === "closed" || this.#cool(nowMs));
  }

  /** May a call go? A half-open breaker counts it as its next trial. */
  allows(nowMs: number): boolean {
    if (this.#state === "closed" || this.config.enable === false) return true;
    if (this.#state === "open") {
      if (!this.#cool(nowMs)) return false;
      this.#goodInARow = 0;
      this.#change("half-open", nowMs);
    } else if (nowMs - this.#detected < (this.#settings.detectIntervalMs ?? CIRCUIT_DEFAULTS.detectIntervalMs)) {
      return false;
    }
    this.#detected = nowMs;
    return true;
  }

  #cool(nowMs: number): boolean {
    return nowMs - this.#since >= (this.#settings.coolingMs ?? CIRCUIT_DEFAULTS.coolingMs);
  }

  /** A call that was let through ended. */
  record(sample: Sample, nowMs: number): void {
    if (sample === "success") this.#succeeded(nowMs);
    else this.#failed(sample, nowMs);
  }

  #succeeded(nowMs: number): void {
    if (this.#state === "open") return;
    this.#consecutiveErrors = 0;
    if (this.#state === "closed") return this.#window.add("success", nowMs);
    if (++this.#goodInARow < (this.#settings.halfOpenSuccesses ?? CIRCUIT_DEFAULTS.halfOpenSuccesses)) return;
    this.#window.reset();
    this.#change("closed", nowMs);
  }

  #failed(sample: Sample, nowMs: number): void {
    this.#window.add(sample, nowMs);
    this.#consecutiveErrors++;
    if (this.#state === "half-open" || (this.#state === "closed" && this.#trips())) this.#change("open", nowMs);
  }

  #trips(): boolean {
    const { enable, errorRate = CIRCUIT_DEFAULTS.errorRate, minSamples = CIRCUIT_DEFAULTS.minSamples } = this.config;
    if (enable === false) return false;
    const { trip } = this.#settings;
    if (trip !== undefined) return trip(this);
    return this.samples >= minSamples && this.#window.errorRate >= errorRate;
  }

  #change(to: CircuitState, nowMs: number): void {
    const from = this.#state;
    this.#state = to;
    this.#since = nowMs;
    this.#onChange?.(from, to);
  }
}
