/**
 * What a caller gets instead of an error (Kitex's fallback).
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Call } from "./call.ts";
import { type Handler, runFollowed } from "./middleware.ts";

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

/** The outcome of `next`, or what stands in for its error. Streams pass by. */
export function runWithFallback({ run, when = "error" }: FallbackOptions, next: Handler, call: Call): unknown {
  if (call.method.streaming !== "unary") return next(call);
  const rescue = (error: unknown): unknown => {
    const applies = typeof when === "function" ? when(error, call) : when === "error" || isUnavailable(error);
    if (!applies) throw error;
    return run(error, call);
  };
  return runFollowed(next, call, { succeeded() {}, failed() {}, recover: rescue });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof RpcError && (error.kind === "timeout" || (error.kind === "unavailable" && !error.remote));
}
