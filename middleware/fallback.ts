/**
 * What callers get instead of errors, as a policy of a client.
 *
 * @module
 */
import { type FallbackOptions, runWithFallback } from "../lib/rpc/fallback.ts";
import { type Middleware, policy } from "../lib/rpc/middleware.ts";

/**
 * Runs `run` where a call that has one answer fails. Streams pass by, and so do calls with a `fallback` of their own. Place it outside
 * everything that may help.
 */
export function fallback(options: FallbackOptions): Middleware {
  return policy("fallback", (next) => (call) => {
    // Its caller named another one, or none: the client sees to that.
    if (call.fallback !== undefined) return next(call);
    return runWithFallback(options, next, call);
  });
}
