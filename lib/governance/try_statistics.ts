/**
 * What became of the tries of a method lately: whether another one may be sent.
 *
 * @module
 */
import { type Clock, turnNow } from "../io/clock.ts";
import { RETRY_BREAKER, type RetryPolicy } from "./retry_policy.ts";
import { RollingWindow } from "./rolling_window.ts";

/** Hears what became of tries, and says whether another may be sent. */
export interface RetryGate {
  /** A try begins. */
  began(policy: RetryPolicy, isRetry: boolean): void;
  /** A try ended; `worthRetrying`: in a way that the policy would try again after. */
  ended(well: boolean, worthRetrying: boolean): void;
  /** May another try be sent? */
  allowRetry(policy: RetryPolicy): boolean;
}

/** Outcomes of tries, and how many of them were retries. */
export class TryStatistics implements RetryGate {
  readonly #clock: Clock;
  readonly #outcomes = new RollingWindow();
  /** First tries as successes, retries as failures; counted only for policies with a budget. */
  readonly #shares = new RollingWindow();

  /** Begins with nothing. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A try begins. */
  began(policy: RetryPolicy, isRetry: boolean): void {
    if (policy.budget !== undefined) this.#shares.add(isRetry ? "failure" : "success", turnNow(this.#clock));
  }

  /** A try ended. */
  ended(well: boolean): void {
    this.#outcomes.add(well ? "success" : "failure", turnNow(this.#clock));
  }

  /** May another try be sent? */
  allowRetry(policy: RetryPolicy): boolean {
    const nowMs = this.#clock.now();
    this.#outcomes.advance(nowMs);
    this.#shares.advance(nowMs);
    const { samples, errorRate } = this.#outcomes;
    if (samples >= RETRY_BREAKER.minSamples && errorRate >= (policy.breakerErrorRate ?? RETRY_BREAKER.default)) {
      return false;
    }
    return policy.budget === undefined ||
      (this.#shares.failures + 1) / (this.#shares.samples + 1) <= policy.budget;
  }
}
