/**
 * Middleware: functions from handler to handler, one shape for client and server.
 *
 * @module
 */
import type { ServiceSchema } from "../schema/service.ts";
import type { Call } from "./call.ts";
import { type Follower, Outcome } from "./outcome.ts";

/**
 * Runs a call and gives its outcome: a value or a promise of one; it throws or rejects with the call's error.
 * A value given back without a promise is answered in the same turn.
 */
export type Handler = (call: Call) => unknown;

/** Wraps a handler. It runs once, when the client or server is built; what it returns runs for each call. */
export interface Middleware {
  /** Gives the handler that runs instead of `next`. */
  (next: Handler): Handler;
  /** Which policy it is, if it is one that options of a client or server name too: configuring it in both is an error. */
  readonly policy?: string | undefined;
  /**
   * Told which services the calls are of, when a client is built, or when a server begins to serve. Throws an `RpcError` of kind
   * `"invalid"` if its options name what none of them has. Default: it does not ask.
   */
  serves?(services: readonly ServiceSchema[]): void;
}

/** Tells middleware of its services. Throws what one of them throws. */
export function tellServices(use: readonly Middleware[] | undefined, services: readonly ServiceSchema[]): void {
  for (const each of use ?? []) each.serves?.(services);
}

/** Marks a middleware as the policy `name`. What it gets from `next` may be an `Outcome`: see `runFollowed`. */
export function policy<M extends Middleware>(name: string, middleware: M): M & { readonly policy: string } {
  return Object.assign(middleware, { policy: name });
}

/** One handler of many: the first middleware is the outermost. Those that are no policy get promises from what they wrap. */
export function compose(middleware: readonly Middleware[], innermost: Handler): Handler {
  return middleware.reduceRight((next, wrap) => wrap(wrap.policy === undefined ? promising(next) : next), innermost);
}

function promising(next: Handler): Handler {
  return (call) => {
    const outcome = next(call);
    return outcome instanceof Outcome ? outcome.promise() : outcome;
  };
}

/** Runs a call and tells `follower` how it ends. Gives its outcome, or what it was recovered to. */
export function runFollowed(next: Handler, call: Call, follower: Follower): unknown {
  let outcome: unknown;
  try {
    outcome = next(call);
  } catch (error) {
    follower.failed(error);
    if (follower.recover === undefined) throw error;
    return follower.recover(error);
  }
  if (outcome instanceof Outcome) outcome.follow(follower);
  else if (isPromise(outcome)) return followPromise(outcome, follower);
  else follower.succeeded(outcome);
  return outcome;
}

function followPromise(outcome: PromiseLike<unknown>, follower: Follower): PromiseLike<unknown> {
  const followed = outcome.then((value) => {
    follower.succeeded(value);
    return value;
  }, (error: unknown) => {
    follower.failed(error);
    if (follower.recover === undefined) throw error;
    return follower.recover(error);
  });
  if (follower.recover !== undefined) return followed;
  followed.then(undefined, () => {}); // who only listens stands beside: the outcome goes on as it is
  return outcome;
}

/** Tells a promise (or any thenable) from a plain outcome. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** What a handler gave, as a promise. */
export function promiseOf(outcome: unknown): Promise<unknown> {
  return outcome instanceof Outcome
    ? outcome.promise()
    : outcome instanceof Promise
    ? outcome
    : Promise.resolve(outcome);
}
