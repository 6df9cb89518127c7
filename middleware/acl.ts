/**
 * Rules that refuse calls, on either side (Kitex's `WithACLRules`).
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Call } from "../lib/rpc/call.ts";
import { type Middleware, policy } from "../lib/rpc/middleware.ts";

/** Says why a call is refused, or nothing. A string or an error refuses it; so does what it throws. */
export type AclRule = (call: Call) => string | RpcError | undefined;

/**
 * Refuses the calls that a rule names, with kind `"forbidden"` and the rule's reason, or with the rule's own error. The first rule
 * that refuses decides.
 */
export function acl(rules: readonly AclRule[]): Middleware {
  return policy("acl", (next) => (call) => {
    for (const rule of rules) {
      const reason = rule(call);
      if (reason !== undefined) {
        throw typeof reason === "string" ? new RpcError("forbidden", reason) : reason;
      }
    }
    return next(call);
  });
}
