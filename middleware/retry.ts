/**
 * Sends a call again: after a failed try, when a try has not answered for a while, or both, by Kitex's policies.
 *
 * Unlike in Kitex the first success wins, tries that lost are cancelled on the wire, and an instance that was tried comes last.
 *
 * @module
 */
import type { Instance } from "../lib/discovery/instance.ts";
import { RpcError } from "../lib/errors.ts";
import { backoffMs } from "../lib/governance/backoff.ts";
import {
  checkRetryPolicy,
  RETRY_BREAKER,
  RETRY_KEY,
  type RetryPolicy,
  retryTimes,
} from "../lib/governance/retry_policy.ts";
import { RollingWindow } from "../lib/governance/rolling_window.ts";
import type { AbortListener, Call } from "../lib/rpc/call.ts";
import { type Handler, isPromise, type Middleware, policy } from "../lib/rpc/middleware.ts";

/** Policies by the method's name in the IDL; `"*"` is for all others. `false`: calls are sent once. */
export type RetryPolicies = Readonly<Record<string, RetryPolicy | false>>;

/** How calls are sent again: one policy for all methods, or `methods`. */
export type RetryOptions = (RetryPolicy | { readonly methods: RetryPolicies }) & {
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
};

/** The middleware, and what can be done with it while it runs. */
export interface Retry extends Middleware {
  /** Its place in the options of a client. */
  readonly policy: string;
  /** Replaces the policies. Throws an `RpcError` of kind `"invalid"` for one that cannot be used; then the old ones stay. */
  update(policies: RetryPolicies): void;
}

/**
 * Sends calls again that have one answer and wait for it; oneway calls and streams pass by. `retry` of the call's own options
 * goes before these. Place it outside what limits the time of a try.
 * Throws an `RpcError` of kind `"invalid"` for a policy that cannot be used.
 */
export function retry(options: RetryOptions = {}): Retry {
  const random = options.random ?? Math.random;
  let policies = checked("methods" in options ? options.methods : { "*": options });
  const statistics = new Map<string, TryStatistics>();

  const wrap: Middleware = (next) => (call) => {
    const { method } = call;
    if (method.streaming !== "unary" || method.oneway) return next(call);
    const found = call.retry ?? policies[method.name] ?? policies["*"];
    if (found === undefined || found === false || retryTimes(found) === 0) return next(call);
    if (found.chainStop !== false && call.metaIfAny?.persistent.has(RETRY_KEY)) return next(call);
    let own = statistics.get(method.name);
    if (own === undefined) statistics.set(method.name, own = new TryStatistics());
    return new Retrying(call, next, found, own, random).start();
  };
  return Object.assign(policy("retry", wrap), {
    update: (changed: RetryPolicies) => {
      policies = checked(changed);
    },
  });
}

function checked(policies: RetryPolicies): RetryPolicies {
  const own: Record<string, RetryPolicy | false> = Object.create(null);
  for (const [method, each] of Object.entries(policies)) {
    try {
      own[method] = each === false ? false : checkRetryPolicy(each);
    } catch (error) {
      throw new RpcError("invalid", `${method}: ${RpcError.from(error).message}`, { cause: error });
    }
  }
  return own;
}

/** What became of the tries of a method lately. */
class TryStatistics {
  readonly #outcomes = new RollingWindow();
  /** First tries as successes, retries as failures. */
  readonly #shares = new RollingWindow();

  ended(well: boolean, nowMs: number): void {
    this.#outcomes.add(well ? "success" : "failure", nowMs);
  }

  began(isRetry: boolean, nowMs: number): void {
    this.#shares.add(isRetry ? "failure" : "success", nowMs);
  }

  allowRetry(policy: RetryPolicy, nowMs: number): boolean {
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

/** One call with all its tries. */
class Retrying implements AbortListener {
  readonly #call: Call;
  readonly #next: Handler;
  readonly #policy: RetryPolicy;
  readonly #statistics: TryStatistics;
  readonly #random: () => number;
  readonly #began: number;
  readonly #tried = new Set<Instance>();
  readonly #running = new Set<Call>();
  #resolve: ((value: unknown) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #stopTimer: (() => void) | undefined;
  /** How the call ends if no further try is sent. */
  #last: (() => void) | undefined;
  #retries = 0;
  #over = false;

  constructor(call: Call, next: Handler, policy: RetryPolicy, statistics: TryStatistics, random: () => number) {
    this.#call = call;
    this.#next = next;
    this.#policy = policy;
    this.#statistics = statistics;
    this.#random = random;
    this.#began = call.clock.now();
  }

  start(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#try();
      if (!this.#over) this.#call.onAbort(this);
    });
  }

  /** The call was ended: its tries hear of it by themselves, a wait between them does not. */
  aborted(reason: RpcError): void {
    this.#settle(() => this.#reject!(reason));
  }

  #try(): void {
    const { clock } = this.#call;
    const attempt = this.#attempt();
    this.#running.add(attempt);
    this.#statistics.began(this.#retries > 0, clock.now());
    let outcome: unknown;
    try {
      outcome = this.#next(attempt);
    } catch (error) {
      return this.#failed(attempt, error);
    }
    if (!isPromise(outcome)) return this.#succeeded(attempt, outcome);
    outcome.then((value) => this.#succeeded(attempt, value), (error) => this.#failed(attempt, error));
    if (this.#policy.type === "backup" || this.#policy.type === "mixed") this.#later(this.#policy.delayMs);
  }

  /** The call as one try sends it. */
  #attempt(): Call {
    const call = this.#call;
    const tried = this.#tried;
    if (this.#retries === 0) return call.with({ tried });
    const meta = call.meta.copy();
    meta.persistent.set(RETRY_KEY, String(this.#retries));
    const [first] = tried;
    const same = this.#policy.sameInstance === true && first !== undefined;
    return call.with(same ? { tried, meta, peer: first.endpoint } : { tried, meta });
  }

  #succeeded(attempt: Call, value: unknown): void {
    this.#running.delete(attempt);
    if (this.#over) return;
    const { type } = this.#policy;
    const unwanted = type !== "backup" && this.#policy.onResult?.(value) === true;
    this.#statistics.ended(!unwanted, this.#call.clock.now());
    this.#last = () => {
      if (attempt.meta !== this.#call.meta) this.#call.meta.receiveAll(attempt.meta);
      this.#resolve!(value);
    };
    if (!unwanted || !this.#goesOn(true)) this.#settle(this.#last);
  }

  #failed(attempt: Call, error: unknown): void {
    this.#running.delete(attempt);
    if (this.#over) return;
    const answer = isAnswer(error);
    const again = this.#policy.type !== "backup" && isWorthRetrying(this.#policy, error);
    this.#statistics.ended(answer && !again, this.#call.clock.now());
    this.#last = () => this.#reject!(error);
    if ((answer && !again) || !this.#goesOn(again)) this.#settle(this.#last);
  }

  /** A try did not bring what was wanted: true if the call goes on nevertheless, with another one if `again`. */
  #goesOn(again: boolean): boolean {
    if (!again || this.#policy.type === "backup" || !this.#mayRetry()) return this.#running.size > 0;
    const waitMs = backoffMs(this.#policy.backoff, this.#retries + 1, this.#random);
    if (this.#call.clock.now() + waitMs >= this.#call.deadline) return this.#running.size > 0;
    if (waitMs > 0) this.#later(waitMs);
    else this.#again();
    return true;
  }

  /** Sends another try in a while, if that is allowed then; there is one such wait at a time. */
  #later(ms: number): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#over || this.#retries >= retryTimes(this.#policy)) return;
    this.#stopTimer = this.#call.clock.after(ms, () => {
      this.#stopTimer = undefined;
      if (this.#mayRetry()) this.#again();
      else if (this.#running.size === 0) this.#settle(this.#last!);
    });
  }

  #again(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#retries++;
    this.#try();
  }

  #mayRetry(): boolean {
    const { clock, deadline, reason } = this.#call;
    const now = clock.now();
    const { maxDurationMs = 0 } = this.#policy;
    return !this.#over && reason === undefined && this.#retries < retryTimes(this.#policy) && now < deadline &&
      (maxDurationMs === 0 || now - this.#began < maxDurationMs) && this.#statistics.allowRetry(this.#policy, now);
  }

  /** The end of the call; tries that still run are cancelled. */
  #settle(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimer?.();
    this.#call.offAbort(this);
    tell();
    for (const attempt of this.#running) {
      attempt.abort(new RpcError("canceled", "another try of the call was answered"));
    }
  }
}

/** Did the server answer, if not with what was hoped for? */
function isAnswer(error: unknown): boolean {
  return !(error instanceof RpcError) || error.kind === "business";
}

function isWorthRetrying({ onError, onTimeout }: Exclude<RetryPolicy, { type: "backup" }>, error: unknown): boolean {
  if (error instanceof RpcError && error.kind === "timeout" && onTimeout === false) return false;
  if (onError !== undefined) return onError(error);
  return error instanceof RpcError && (error.kind === "timeout" || error.retryable);
}
