/**
 * What a caller gets instead of an error (Kitex's fallback).
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Call } from "../lib/rpc/call.ts";
import { type Handler, isPromise, type Middleware, policy } from "../lib/rpc/middleware.ts";

/** What stands in for an error, and for which. */
export interface FallbackOptions {
  /** Gives the value instead, or a promise of it; throws or rejects with what the caller gets to see. */
  readonly run: (error: unknown, call: Call) => unknown;
  /**
   * Which errors it is for: `"error"`, all, also business statuses and declared exceptions; `"unavailable"`, timeouts and what was
   * refused before it was sent (Kitex's `TimeoutAndCBFallback`); or a function. Default `"error"`.
   */
  readonly when?: "error" | "unavailable" | ((error: unknown, call: Call) => boolean) | undefined;
}

/** Runs `run` where a call that has one answer fails. Streams pass by. Place it outside everything that may help. */
export function fallback(options: FallbackOptions): Middleware {
  const { run, when = "error" } = options;
  const applies = typeof when === "function" ? when : when === "error" ? () => true : isUnavailable;
  const rescue = (error: unknown, call: Call): unknown => {
    if (!applies(error, call)) throw error;
    return run(error, call);
  };
  return policy("fallback", (next: Handler) => (call) => {
    if (call.method.streaming !== "unary") return next(call);
    let outcome: unknown;
    try {
      outcome = next(call);
    } catch (error) {
      return rescue(error, call);
    }
    return isPromise(outcome) ? outcome.then(undefined, (error: unknown) => rescue(error, call)) : outcome;
  });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof RpcError && (error.kind === "timeout" || (error.kind === "unavailable" && !error.remote));
}
