/**
 * Applies gRPC's service config to the calls of a client: deadlines, limits on messages, wait-for-ready, retries.
 *
 * Retries are those of `retry`, with gRPC's conditions in place of Kitex's: statuses, tokens, and what the server says in
 * `grpc-retry-pushback-ms`. A call is not sent again once its server has begun to answer. Streams are sent once.
 *
 * @module
 */
import type { Balancer } from "../lib/discovery/balancer.ts";
import { pickFirst } from "../lib/discovery/balancers/pick_first.ts";
import { roundRobin } from "../lib/discovery/balancers/round_robin.ts";
import { type ErrorKind, RpcError } from "../lib/errors.ts";
import { GrpcStatus } from "../lib/governance/grpc_status.ts";
import type { FailureRetry } from "../lib/governance/retry_policy.ts";
import { RetryThrottle } from "../lib/governance/retry_throttle.ts";
import {
  type MethodConfig,
  methodConfigOf,
  parseServiceConfig,
  type ServiceConfig,
  type StatusRetry,
} from "../lib/governance/service_config.ts";
import type { Call, CallChange } from "../lib/rpc/call.ts";
import { type Middleware, policy } from "../lib/rpc/middleware.ts";
import { sendWithRetries } from "../lib/rpc/retrying.ts";

/** Options of `serviceConfig`. */
export interface ServiceConfigOptions {
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const PUSHBACK = "grpc-retry-pushback-ms";

/** The statuses of errors that carry none: what this side found out itself. */
const CODES: Partial<Readonly<Record<ErrorKind, number>>> = {
  canceled: GrpcStatus.CANCELLED,
  overload: GrpcStatus.RESOURCE_EXHAUSTED,
  unimplemented: GrpcStatus.UNIMPLEMENTED,
  internal: GrpcStatus.INTERNAL,
  protocol: GrpcStatus.INTERNAL,
  connect: GrpcStatus.UNAVAILABLE,
  transport: GrpcStatus.UNAVAILABLE,
  unavailable: GrpcStatus.UNAVAILABLE,
};

/**
 * Applies a service config: JSON as text, or what that is when it was parsed. Place it outside `timeout`, which then limits each
 * try. Throws an `RpcError` of kind `"invalid"` for a config that cannot be used.
 */
export function serviceConfig(json: string | object, options: ServiceConfigOptions = {}): Middleware {
  return applyServiceConfig(parseServiceConfig(json), options);
}

/** The middleware of a config that was read. */
export function applyServiceConfig(config: ServiceConfig, { random = Math.random }: ServiceConfigOptions): Middleware {
  const throttle = new RetryThrottle(config.retryThrottling);
  const policies = new Map<MethodConfig, FailureRetry>();
  for (const each of config.methods.values()) if (each.retry !== undefined) policies.set(each, policyOf(each.retry));
  return policy("serviceConfig", (next) => (call) => {
    const { service, method } = call;
    const found = methodConfigOf(config, service.fullName ?? service.name, method.name);
    if (found === undefined) return next(call);
    const changed = changedBy(call, found);
    const retry = policies.get(found);
    if (retry === undefined || call.retry === false || method.streaming !== "unary" || method.oneway) {
      return next(changed);
    }
    return sendWithRetries(changed, { next, policy: retry, statistics: throttle, random, pushback, marked: false });
  });
}

/** The balancer that a service config names, for the `balancer` of a client; `undefined` if it names none. Throws as `serviceConfig`. */
export function serviceConfigBalancer(json: string | object): Balancer | undefined {
  return balancerOf(parseServiceConfig(json));
}

/** The balancer of a config that was read. */
export function balancerOf({ balancer }: ServiceConfig): Balancer | undefined {
  switch (balancer?.name) {
    case "pick_first":
      return pickFirst({ shuffle: balancer.shuffle });
    case "round_robin":
      return roundRobin();
    default:
      return undefined;
  }
}

/** Does a config that was read say when calls are sent again? */
export function hasRetries({ methods }: ServiceConfig): boolean {
  return [...methods.values()].some(({ retry }) => retry !== undefined);
}

function changedBy(call: Call, { timeoutMs, limits, waitForReady }: MethodConfig): Call {
  const deadline = timeoutMs === undefined ? Infinity : call.clock.now() + timeoutMs;
  const waits = call.waitForReady === undefined && waitForReady !== undefined;
  if (deadline >= call.deadline && limits === undefined && !waits) return call;
  const change: CallChange = {
    deadline: Math.min(deadline, call.deadline),
    ...(limits === undefined ? {} : { limits }),
    ...(waits ? { waitForReady } : {}),
  };
  return call.with(change);
}

function policyOf(retry: StatusRetry): FailureRetry {
  const { maxAttempts, initialBackoffMs, maxBackoffMs, backoffMultiplier, retryableStatusCodes } = retry;
  return {
    times: maxAttempts - 1,
    backoff: { type: "exponential", initialMs: initialBackoffMs, maxMs: maxBackoffMs, multiplier: backoffMultiplier },
    onError(error) {
      if (!(error instanceof RpcError) || error.kind === "business") return false;
      const code = error.code ?? CODES[error.kind];
      return code !== undefined && retryableStatusCodes.has(code);
    },
  };
}

/** Milliseconds that a server asks to wait before the next try; less than 0 for none, as after one that it began to answer. */
function pushback({ metaIfAny: meta }: Call): number | undefined {
  if (meta === undefined) return undefined;
  if (meta.answered) return -1;
  const said = meta.hasTrailers ? meta.trailers.get(PUSHBACK) : undefined;
  if (said === undefined) return undefined;
  return /^\d{1,10}$/.test(said) ? Number(said) : -1;
}
