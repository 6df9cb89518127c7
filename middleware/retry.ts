/**
 * Sends a call again: after a failed try, when a try has not answered for a while, or both, by Kitex's policies.
 *
 * Unlike in Kitex the first success wins, tries that lost are cancelled on the wire, and an instance that was tried comes last.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import { checkRetryPolicy, RETRY_KEY, type RetryPolicy, retryTimes } from "../lib/governance/retry_policy.ts";
import { TryStatistics } from "../lib/governance/try_statistics.ts";
import { checkMethods } from "../lib/rpc/check_methods.ts";
import { type Middleware, policy } from "../lib/rpc/middleware.ts";
import { sendWithRetries } from "../lib/rpc/retrying.ts";
import type { ServiceSchema } from "../lib/schema/service.ts";

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
  /**
   * Replaces the policies. Throws an `RpcError` of kind `"invalid"` for one that cannot be used; then the old ones stay. Names of
   * methods are not looked at.
   */
  update(policies: RetryPolicies): void;
}

/**
 * Sends calls again that have one answer and wait for it; oneway calls and streams pass by. `retry` of the call's own options
 * goes before these. Place it outside what limits the time of a try.
 * Throws an `RpcError` of kind `"invalid"` for a policy that cannot be used; the client it is for, for a method that its service has not.
 */
export function retry(options: RetryOptions = {}): Retry {
  const random = options.random ?? Math.random;
  let policies = checked("methods" in options ? options.methods : { "*": options });
  const statistics = new Map<string, TryStatistics>();

  const wrap: Middleware = (next) => (call) => {
    const { method } = call;
    if (method.streaming !== "unary" || method.oneway) return next(call);
    const own = call.retry;
    const found = own === undefined ? policies[method.name] ?? policies["*"] : own && checkRetryPolicy(own);
    if (found === undefined || found === false || retryTimes(found) === 0) return next(call);
    if (found.chainStop !== false && call.metaIfAny?.persistent.has(RETRY_KEY)) return next(call);
    let tries = statistics.get(method.name);
    if (tries === undefined) statistics.set(method.name, tries = new TryStatistics(call.clock));
    return sendWithRetries(call, { next, policy: found, statistics: tries, random });
  };
  return Object.assign(policy("retry", wrap), {
    serves: (services: readonly ServiceSchema[]) => checkMethods("retry.methods", Object.keys(policies), services),
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
