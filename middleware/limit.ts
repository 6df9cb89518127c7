/**
 * Limits on the calls of a client, or of one service of a server.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Admission } from "../lib/rpc/admission.ts";
import { type Middleware, runFollowed } from "../lib/rpc/middleware.ts";

/**
 * Refuses calls that `limiter` has no room for with kind `"overload"`; they are not sent, or not handled. A call counts until
 * its outcome is there: one that streams to its caller, until its stream is.
 *
 * For a whole server its option `limit` is better: that refuses before arguments are decoded.
 */
export function limit(limiter: Admission): Middleware {
  return (next) => (call) => {
    const admitted = limiter.admit(call);
    if (admitted instanceof RpcError) throw admitted;
    const ended = (): void => admitted.ended();
    return runFollowed(next, call, { succeeded: ended, failed: ended });
  };
}
