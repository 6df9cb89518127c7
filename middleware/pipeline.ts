/**
 * All policies of a client in Kitex's order. The one place, beside `mod.ts`, where policies meet.
 *
 * @module
 */
import type { Balancer } from "../lib/discovery/balancer.ts";
import { RpcError } from "../lib/errors.ts";
import { parseServiceConfig } from "../lib/governance/service_config.ts";
import type { ClientOptions } from "../lib/rpc/client.ts";
import type { Middleware } from "../lib/rpc/middleware.ts";
import { acl, type AclRule } from "./acl.ts";
import { type CircuitOptions, instanceBreaker, serviceBreaker } from "./breaker.ts";
import { degrade, type DegradeOptions } from "./degrade.ts";
import type { FallbackOptions } from "../lib/rpc/fallback.ts";
import { fallback } from "./fallback.ts";
import { proxy, type ProxyRule } from "./proxy.ts";
import { retry, type RetryOptions } from "./retry.ts";
import { applyServiceConfig, balancerOf, hasRetries } from "./service_config.ts";
import { timeout, type Timeouts } from "./timeout.ts";
import { trace, type Tracer } from "./trace.ts";

/** Circuit breakers of a client. */
export interface BreakerOptions {
  /** For each service and method. Default: Kitex's; `false`: none. */
  readonly service?: CircuitOptions | false | undefined;
  /** For each instance. Default: Kitex's; `false`: none. */
  readonly instance?: CircuitOptions | false | undefined;
}

/** What a client does for its calls beside sending them. Each may be left out, and then costs nothing. */
export interface PolicyOptions {
  /** What stands in for an error. */
  readonly fallback?: FallbackOptions | undefined;
  /** Is told of each call. */
  readonly tracers?: readonly Tracer[] | undefined;
  /** When calls are sent again. */
  readonly retry?: RetryOptions | undefined;
  /** gRPC's service config, as JSON or parsed: balancer, deadlines, limits on messages, wait-for-ready, retries. */
  readonly serviceConfig?: string | object | undefined;
  /** Circuit breakers; `true`: Kitex's at both levels. */
  readonly breaker?: BreakerOptions | true | undefined;
  /** Milliseconds a try may take, by method (Kitex's timeout provider). */
  readonly timeouts?: Timeouts | undefined;
  /** The share of calls that is dropped. */
  readonly degrade?: DegradeOptions | undefined;
  /** Rules that refuse calls. */
  readonly acl?: readonly AclRule[] | undefined;
  /** Where a call is sent instead of the instance chosen. */
  readonly proxy?: ProxyRule | undefined;
}

/** What `clientPipeline` reads. */
export type PipelineOptions =
  & PolicyOptions
  & Pick<ClientOptions, "timeoutMs" | "use" | "instanceUse" | "balancer" | "random">;

/** A pipeline, as options of a client. */
export interface ClientPipeline {
  /** Around every call. */
  readonly use: readonly Middleware[];
  /** Around every try on an instance. */
  readonly instanceUse: readonly Middleware[];
  /** Milliseconds of a whole call; `undefined` where each try has its own. */
  readonly timeoutMs: number | undefined;
  /** Chooses an instance for each call: the client's own, else that of its service config. */
  readonly balancer: Balancer | undefined;
}

/**
 * Puts the policies around the user's own middleware: fallback, trace, the service config, retry, the breaker of the service, timeout, `use`,
 * degradation, access rules; then an instance is chosen; then its breaker, `instanceUse` and the proxy.
 *
 * With `retry` or `timeouts` the client's `timeoutMs` is for each try, as in Kitex.
 * Throws an `RpcError` of kind `"invalid"` for a policy that is in the options and in `use`, and for numbers that cannot be used; the
 * client, for methods that its service has not.
 */
export function clientPipeline(options: PipelineOptions): ClientPipeline {
  const { use = [], instanceUse = [], timeouts, timeoutMs } = options;
  const breaker = options.breaker === true ? {} : options.breaker;
  const { serviceConfig, random, balancer } = options;
  const config = serviceConfig === undefined ? undefined : parseServiceConfig(serviceConfig);
  if (config !== undefined && options.retry !== undefined && hasRetries(config)) {
    throw new RpcError("invalid", "`retry` and the service config both say when calls are sent again: say it in one");
  }
  const each = options.retry !== undefined || timeouts !== undefined;
  const outer = present([
    options.fallback && fallback(options.fallback),
    options.tracers && trace(options.tracers),
    config && applyServiceConfig(config, { random }),
    options.retry && retry(options.retry),
    breaker && breaker.service !== false && serviceBreaker(breaker.service ?? {}),
    each && (timeouts ?? timeoutMs) !== undefined &&
    timeout({ ms: { ...(timeoutMs === undefined ? {} : { "*": timeoutMs }), ...timeouts } }),
  ]);
  const inner = present([options.degrade && degrade(options.degrade), options.acl && acl(options.acl)]);
  const instance = present([breaker && breaker.instance !== false && instanceBreaker(breaker.instance ?? {})]);
  const last = present([options.proxy && proxy(options.proxy)]);
  refuseTwice([...outer, ...inner, ...instance, ...last], [...use, ...instanceUse]);
  return {
    use: [...outer, ...use, ...inner],
    instanceUse: [...instance, ...instanceUse, ...last],
    timeoutMs: each ? undefined : timeoutMs,
    balancer: balancer ?? (config && balancerOf(config)),
  };
}

function present(list: readonly (Middleware | false | undefined)[]): Middleware[] {
  return list.filter((each) => each !== false && each !== undefined);
}

function refuseTwice(made: readonly Middleware[], given: readonly Middleware[]): void {
  const names = new Set(made.map(({ policy }) => policy));
  const twice = given.find(({ policy }) => policy !== undefined && names.has(policy))?.policy;
  if (twice !== undefined) throw new RpcError("invalid", `${twice} is both an option and in \`use\`: name it once`);
}
