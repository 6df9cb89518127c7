/**
 * Sends calls by way of something else than the instance chosen: a sidecar, a gateway (Kitex's `WithProxy`).
 *
 * @module
 */
import { parseTarget } from "../lib/io/endpoint.ts";
import type { Endpoint } from "../lib/io/raw.ts";
import type { Call } from "../lib/rpc/call.ts";
import { isPromise, type Middleware, policy } from "../lib/rpc/middleware.ts";

/**
 * Says where a call is sent instead of `call.peer`, the instance chosen: an address or `Endpoint`, a promise of one, or `undefined` for the
 * instance itself. What it throws fails the call (Kitex's `ResolveProxyInstance`).
 */
export type ProxyRule = (
  call: Call,
) => string | Endpoint | undefined | PromiseLike<string | Endpoint | undefined>;

/**
 * Lets `rule` say where each try of a call is sent. Place it last in `instanceUse`: what is before it sees the instance, what dials sees
 * the proxy. Where all calls go to one proxy, the client's `to` with `destService` is enough.
 */
export function proxy(rule: ProxyRule): Middleware {
  return policy("proxy", (next) => (call) => {
    const by = (target: string | Endpoint | undefined): unknown =>
      next(target === undefined ? call : call.with({ peer: parseTarget(target) }));
    const target = rule(call);
    return isPromise(target) ? Promise.resolve(target).then(by) : by(target);
  });
}
