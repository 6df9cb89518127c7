/**
 * When a call is sent again, as data: Kitex's policies, defaults and limits.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { type Backoff, checkBackoff } from "./backoff.ts";

/** What all policies say. */
export interface RetryLimits {
  /** Milliseconds from the first try after which no further one begins; 0: any. Default 0. */
  readonly maxDurationMs?: number | undefined;
  /** False to send again also calls that are part of a retry further up the chain. Default true: they are not (Kitex's chain stop). */
  readonly chainStop?: boolean | undefined;
  /** Share of tries that fail at which no more retries are sent, above 0 up to 0.3. Default 0.1 (Kitex's retry breaker). */
  readonly breakerErrorRate?: number | undefined;
  /** Share of all tries of the last ten seconds that may be retries, above 0 up to 1. Default: no such limit. */
  readonly budget?: number | undefined;
  /** True to send to the instance of the first try again. Default false: instances that were tried come last. */
  readonly sameInstance?: boolean | undefined;
}

/** What makes a result one to try again after. */
export interface RetryCondition {
  /** False to let timeouts be. Default true. */
  readonly onTimeout?: boolean | undefined;
  /**
   * Which errors are tried again after. Default: timeouts, and errors that prove that the server did not run the call
   * (`retryable`). A function of the program's own, so not part of dynamic configuration.
   */
  readonly onError?: ((error: unknown) => boolean) | undefined;
  /** Which values are tried again after. Default: none. */
  readonly onResult?: ((value: unknown) => boolean) | undefined;
}

/** Another try after one that failed (Kitex's failure retry). */
export interface FailureRetry extends RetryLimits, RetryCondition {
  /** The kind of policy; may be left out. */
  readonly type?: "failure" | undefined;
  /** Retries beside the first try, 0 to 5. Default 2. */
  readonly times?: number | undefined;
  /** The wait between tries. Default none. */
  readonly backoff?: Backoff | undefined;
}

/** A further try while the first has not answered (Kitex's backup request). The first success wins, the others are cancelled. */
export interface BackupRetry extends RetryLimits {
  /** The kind of policy. */
  readonly type: "backup";
  /** Milliseconds without an answer after which another try is sent; take a high percentile of the latency. */
  readonly delayMs: number;
  /** Further tries, 0 to 2. Default 1. */
  readonly times?: number | undefined;
}

/** Both: a further try when one failed, and when none has answered for a while (Kitex's mixed retry). */
export interface MixedRetry extends RetryLimits, RetryCondition {
  /** The kind of policy. */
  readonly type: "mixed";
  /** Milliseconds without an answer after which another try is sent. */
  readonly delayMs: number;
  /** Further tries, 0 to 3. Default 1. */
  readonly times?: number | undefined;
  /** The wait after a failed try. Default none. */
  readonly backoff?: Backoff | undefined;
}

/** When a call is sent again. */
export type RetryPolicy = FailureRetry | BackupRetry | MixedRetry;

/** Retries that each kind of policy has by default, and at most (Kitex's). */
export const RETRY_TIMES = {
  failure: { default: 2, max: 5 },
  backup: { default: 1, max: 2 },
  mixed: { default: 1, max: 3 },
} as const;

/** Default share of failed tries at which retrying stops, its highest value, and the tries it takes to know (Kitex's). */
export const RETRY_BREAKER = { default: 0.1, max: 0.3, minSamples: 10 } as const;

/** Key of the persistent metadata that tells the servers down the chain that a call is a retry (Kitex's). */
export const RETRY_KEY = "RetryReq";

/** Retries of a policy. */
export function retryTimes(policy: RetryPolicy): number {
  return policy.times ?? RETRY_TIMES[policy.type ?? "failure"].default;
}

/** Gives a policy that can be used; throws an `RpcError` of kind `"invalid"` that says what is wrong with it. */
export function checkRetryPolicy<P extends RetryPolicy>(policy: P): P {
  const bad = (what: string): never => {
    throw new RpcError("invalid", `retry ${what}`);
  };
  const type = policy.type ?? "failure";
  if (!Object.hasOwn(RETRY_TIMES, type)) bad(`type ${JSON.stringify(type)} is not failure, backup or mixed`);
  const { max } = RETRY_TIMES[type];
  const times = retryTimes(policy);
  if (!(Number.isInteger(times) && times >= 0 && times <= max)) bad(`times ${times} is not 0 to ${max}`);
  if (policy.type === "backup" || policy.type === "mixed") {
    if (!(policy.delayMs > 0)) bad(`delayMs ${policy.delayMs} is not above 0`);
  }
  if (policy.type !== "backup") checkBackoff(policy.backoff);
  const { maxDurationMs = 0, breakerErrorRate = RETRY_BREAKER.default, budget } = policy;
  if (!(maxDurationMs >= 0)) bad(`maxDurationMs ${maxDurationMs} is not 0 or more`);
  if (!(breakerErrorRate > 0 && breakerErrorRate <= RETRY_BREAKER.max)) {
    bad(`breakerErrorRate ${breakerErrorRate} is not above 0 and up to ${RETRY_BREAKER.max}`);
  }
  if (budget !== undefined && !(budget > 0 && budget <= 1)) bad(`budget ${budget} is not above 0 and up to 1`);
  return policy;
}
