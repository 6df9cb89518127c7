/**
 * Middleware: functions from handler to handler, one shape for client and server.
 *
 * @module
 */
import type { Call } from "./call.ts";

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
}

/** Marks a middleware as the policy `name`. */
export function policy<M extends Middleware>(name: string, middleware: M): M & { readonly policy: string } {
  return Object.assign(middleware, { policy: name });
}

/** One handler of many: the first middleware is the outermost. */
export function compose(middleware: readonly Middleware[], innermost: Handler): Handler {
  return middleware.reduceRight((next, wrap) => wrap(next), innermost);
}

/** Tells a promise (or any thenable) from a plain outcome. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
