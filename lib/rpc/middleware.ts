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
export type Middleware = (next: Handler) => Handler;

/** One handler of many: the first middleware is the outermost. */
export function compose(middleware: readonly Middleware[], innermost: Handler): Handler {
  return middleware.reduceRight((next, wrap) => wrap(next), innermost);
}

/** Tells a promise (or any thenable) from a plain outcome. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
