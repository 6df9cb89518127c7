/**
 * A call that may be sent more than once: after a try that failed, when a try has not answered for a while, or both.
 *
 * The first success wins; tries that lost are cancelled on the wire.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { backoffMs } from "../governance/backoff.ts";
import { RETRY_KEY, type RetryPolicy, retryTimes } from "../governance/retry_policy.ts";
import type { RetryGate } from "../governance/try_statistics.ts";
import type { AbortListener, Call } from "./call.ts";
import { type Handler, isPromise, runFollowed } from "./middleware.ts";
import type { Follower } from "./outcome.ts";

/** What a call is sent again by. */
export interface RetryingInit {
  /** Sends it. */
  readonly next: Handler;
  /** When it is sent again. */
  readonly policy: RetryPolicy;
  /** Those of its method. */
  readonly statistics: RetryGate;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
  /**
   * Milliseconds to wait after a try that failed, as its server asked for; less than 0: no further try. Default: the policy's
   * waits alone.
   */
  readonly pushback?: ((attempt: Call) => number | undefined) | undefined;
  /** False tells servers down the chain nothing of Kitex's own of a retry. Default true. */
  readonly marked?: boolean | undefined;
}

/**
 * Makes the first try of a call, and others if need be. Gives the outcome.
 *
 * A first try that brings what was wanted costs little: the rest is made when it does not, or when another try may be due
 * before it ends.
 */
export function sendWithRetries(call: Call, init: RetryingInit): unknown {
  const { policy, next, statistics } = init;
  const { type, maxDurationMs = 0 } = policy;
  if (type === "backup" || type === "mixed" || policy.onResult !== undefined) return new Retrying(call, init).start();
  const beganMs = maxDurationMs > 0 ? call.clock.now() : 0;
  statistics.began(policy, false);
  return runFollowed(next, call, new FirstTry(call, init, beganMs));
}

/** Counts a first try that ended well, and goes on after one that did not. */
class FirstTry implements Follower {
  readonly #call: Call;
  readonly #init: RetryingInit;
  readonly #beganMs: number;

  constructor(call: Call, init: RetryingInit, beganMs: number) {
    this.#call = call;
    this.#init = init;
    this.#beganMs = beganMs;
  }

  succeeded(): void {
    this.#init.statistics.ended(true, false);
  }

  failed(): void {}

  recover(error: unknown): Promise<unknown> {
    return new Retrying(this.#call, this.#init, this.#beganMs).afterError(error);
  }
}

/** One call with all its tries. */
class Retrying implements AbortListener {
  readonly #call: Call;
  readonly #next: Handler;
  readonly #policy: RetryPolicy;
  readonly #statistics: RetryGate;
  readonly #random: () => number;
  readonly #pushback: RetryingInit["pushback"];
  readonly #marked: boolean;
  readonly #beganMs: number;
  readonly #running = new Set<Call>();
  #resolve: ((value: unknown) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #stopTimer: (() => void) | undefined;
  /** How the call ends if no further try is sent. */
  #last: (() => void) | undefined;
  #retries = 0;
  /** Retries before the waits began with the shortest again. */
  #retriesBefore = 0;
  #over = false;

  constructor(call: Call, init: RetryingInit, beganMs = call.clock.now()) {
    const { next, policy, statistics, random, pushback, marked = true } = init;
    this.#call = call;
    this.#next = next;
    this.#policy = policy;
    this.#statistics = statistics;
    this.#random = random;
    this.#pushback = pushback;
    this.#marked = marked;
    this.#beganMs = beganMs;
  }

  /** Makes the first try. */
  start(): Promise<unknown> {
    return this.#run(() => this.#try(this.#call.with({})));
  }

  /** Goes on after a first try that failed. */
  afterError(error: unknown): Promise<unknown> {
    return this.#run(() => this.#failed(this.#call, error));
  }

  #run(begin: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      begin();
      if (!this.#over) this.#call.onAbort(this);
    });
  }

  /** The call was ended: its tries hear of it by themselves, a wait between them does not. */
  aborted(reason: RpcError): void {
    this.#settle(() => this.#reject!(reason));
  }

  #try(attempt: Call): void {
    this.#running.add(attempt);
    this.#statistics.began(this.#policy, this.#retries > 0);
    let outcome: unknown;
    try {
      outcome = this.#next(attempt);
    } catch (error) {
      return this.#heard(() => this.#failed(attempt, error));
    }
    if (!isPromise(outcome)) return this.#heard(() => this.#succeeded(attempt, outcome));
    outcome.then(
      (value) => this.#heard(() => this.#succeeded(attempt, value)),
      (error) => this.#heard(() => this.#failed(attempt, error)),
    );
    if (this.#policy.type === "backup" || this.#policy.type === "mixed") this.#later(this.#policy.delayMs);
  }

  /** What a program's own `onError` or `onResult` throws ends the call: nobody else would hear of it. */
  #heard(ended: () => void): void {
    try {
      ended();
    } catch (error) {
      this.#settle(() => this.#reject!(error));
    }
  }

  /** The call as a retry sends it. */
  #retry(): Call {
    const call = this.#call;
    const meta = call.meta.copy();
    if (this.#marked) meta.persistent.set(RETRY_KEY, String(this.#retries));
    const previousTries = this.#retries;
    const [first] = call.tried;
    const same = this.#policy.sameInstance === true && first !== undefined;
    return call.with(same ? { meta, previousTries, peer: first.endpoint } : { meta, previousTries });
  }

  #succeeded(attempt: Call, value: unknown): void {
    this.#running.delete(attempt);
    if (this.#over) return;
    const { type } = this.#policy;
    const unwanted = type !== "backup" && this.#policy.onResult?.(value) === true;
    this.#statistics.ended(!unwanted, unwanted);
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
    const worth = this.#policy.type !== "backup" && isWorthRetrying(this.#policy, error);
    const asked = worth ? this.#pushback?.(attempt) : undefined;
    const again = worth && !(asked !== undefined && asked < 0);
    this.#statistics.ended(answer && !again, worth);
    this.#last = () => {
      if (attempt.meta !== this.#call.meta) this.#call.meta.receiveAll(attempt.meta);
      this.#reject!(error);
    };
    if ((answer && !again) || !this.#goesOn(again, asked)) this.#settle(this.#last);
  }

  /**
   * A try did not bring what was wanted: true if the call goes on nevertheless, with another one if `again`, after the wait that
   * its server asked for or the policy's.
   */
  #goesOn(again: boolean, askedMs?: number): boolean {
    if (!again || this.#policy.type === "backup" || !this.#mayRetry()) return this.#running.size > 0;
    if (askedMs !== undefined) this.#retriesBefore = this.#retries + 1;
    const waitMs = askedMs ?? backoffMs(this.#policy.backoff, this.#retries + 1 - this.#retriesBefore, this.#random);
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
    this.#try(this.#retry());
  }

  #mayRetry(): boolean {
    const { clock, deadline, reason } = this.#call;
    const now = clock.now();
    const { maxDurationMs = 0 } = this.#policy;
    return !this.#over && reason === undefined && this.#retries < retryTimes(this.#policy) && now < deadline &&
      (maxDurationMs === 0 || now - this.#beganMs < maxDurationMs) && this.#statistics.allowRetry(this.#policy);
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
