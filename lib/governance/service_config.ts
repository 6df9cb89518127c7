/**
 * gRPC's service config: how the owners of a service want its clients to call it, as JSON.
 *
 * What is not known is passed over, as gRPC has it; what is known and makes no sense is refused as a whole.
 *
 * Spec: gRPC's service_config.md, gRFC A2 (balancers), A6 (retries); the JSON is that of `grpc.service_config.ServiceConfig`.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { CallLimits } from "./call_limits.ts";
import { GrpcStatus } from "./grpc_status.ts";

/** When a call is sent again, by its status. */
export interface StatusRetry {
  /** Tries in all, 2 to 5; more are 5. */
  readonly maxAttempts: number;
  /** Bound in milliseconds of the wait before the first retry. */
  readonly initialBackoffMs: number;
  /** That bound does not grow above this. */
  readonly maxBackoffMs: number;
  /** What it is multiplied with after each retry. */
  readonly backoffMultiplier: number;
  /** The statuses that are tried again after. */
  readonly retryableStatusCodes: ReadonlySet<number>;
}

/** What holds for a method. */
export interface MethodConfig {
  /** Whether its calls wait until there is a connection. Default: that is not said. */
  readonly waitForReady: boolean | undefined;
  /** Milliseconds that a call may take in all. Default: any. */
  readonly timeoutMs: number | undefined;
  /** How large its messages may be. Default: any. */
  readonly limits: CallLimits | undefined;
  /** When calls are sent again. Default: never. */
  readonly retry: StatusRetry | undefined;
}

/** How retries stop when too many calls fail. */
export interface RetryThrottling {
  /** Tokens there are at first, and at most; retries stop while half of them or less is left. */
  readonly maxTokens: number;
  /** What a call that went well gives back; one that failed takes 1. */
  readonly tokenRatio: number;
}

/** Which balancer is asked for. */
export type BalancingConfig =
  | { readonly name: "pick_first"; readonly shuffle: boolean }
  | { readonly name: "round_robin" };

/** A service config. */
export interface ServiceConfig {
  /** The first balancer of the list that there is here. Default: that is not said. */
  readonly balancer: BalancingConfig | undefined;
  /** What holds for a method: by `service/method`, `service/`, and `/` for all others. */
  readonly methods: ReadonlyMap<string, MethodConfig>;
  /** Default: retries do not stop. */
  readonly retryThrottling: RetryThrottling | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const CODES: readonly string[] = Object.keys(GrpcStatus);
const MAX_ATTEMPTS = 5;

/** Reads a service config: JSON as text, or what that is when it was parsed. Throws an `RpcError` of kind `"invalid"` that says where. */
export function parseServiceConfig(json: string | object): ServiceConfig {
  const root = objectAt("", typeof json === "string" ? parsed(json) : json);
  const methods = new Map<string, MethodConfig>();
  listAt("methodConfig", root.methodConfig).forEach((each, i) => {
    const at = `methodConfig[${i}]`;
    const config = methodConfig(at, objectAt(at, each));
    listAt(`${at}.name`, objectAt(at, each).name).forEach((name, j) => {
      const key = keyOf(`${at}.name[${j}]`, objectAt(`${at}.name[${j}]`, name));
      if (methods.has(key)) throw bad(`${at}.name[${j}]`, `names ${JSON.stringify(key)} a second time`);
      methods.set(key, config);
    });
  });
  return { balancer: balancerOf(root), methods, retryThrottling: throttlingOf(root.retryThrottling) };
}

/** What a config says of a method; `service` is its full name. */
export function methodConfigOf(config: ServiceConfig, service: string, method: string): MethodConfig | undefined {
  const { methods } = config;
  return methods.get(`${service}/${method}`) ?? methods.get(`${service}/`) ?? methods.get("/");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RpcError("invalid", `service config is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function keyOf(at: string, { service = "", method = "" }: Json): string {
  if (typeof service !== "string") throw bad(`${at}.service`, "is no text");
  if (typeof method !== "string") throw bad(`${at}.method`, "is no text");
  if (service === "" && method !== "") throw bad(at, `names the method ${method} without its service`);
  return `${service}/${method}`;
}

function methodConfig(at: string, json: Json): MethodConfig {
  const { waitForReady, timeout, hedgingPolicy, retryPolicy } = json;
  if (waitForReady !== undefined && typeof waitForReady !== "boolean") {
    throw bad(`${at}.waitForReady`, "is neither true nor false");
  }
  if (hedgingPolicy !== undefined) {
    throw bad(`${at}.hedgingPolicy`, 'is not supported: use the client\'s `retry` of the type "backup" or "mixed"');
  }
  const maxRequestBytes = bytesAt(`${at}.maxRequestMessageBytes`, json.maxRequestMessageBytes);
  const maxResponseBytes = bytesAt(`${at}.maxResponseMessageBytes`, json.maxResponseMessageBytes);
  const bounded = maxRequestBytes !== undefined || maxResponseBytes !== undefined;
  return {
    waitForReady,
    timeoutMs: timeout === undefined ? undefined : durationAt(`${at}.timeout`, timeout),
    limits: bounded ? { maxRequestBytes, maxResponseBytes } : undefined,
    retry: retryPolicy === undefined
      ? undefined
      : retryAt(`${at}.retryPolicy`, objectAt(`${at}.retryPolicy`, retryPolicy)),
  };
}

function retryAt(at: string, json: Json): StatusRetry {
  const { maxAttempts, backoffMultiplier, retryableStatusCodes } = json;
  if (!(Number.isInteger(maxAttempts) && Number(maxAttempts) >= 2)) {
    throw bad(`${at}.maxAttempts`, `${JSON.stringify(maxAttempts)} is no integer above 1`);
  }
  const codes = listAt(`${at}.retryableStatusCodes`, retryableStatusCodes).map((code, i) => {
    const number = typeof code === "string" ? CODES.indexOf(code) : code;
    if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number < CODES.length) return number;
    throw bad(`${at}.retryableStatusCodes[${i}]`, `${JSON.stringify(code)} is no status`);
  });
  if (codes.length === 0) throw bad(`${at}.retryableStatusCodes`, "is empty");
  return {
    maxAttempts: Math.min(maxAttempts as number, MAX_ATTEMPTS),
    initialBackoffMs: above0(`${at}.initialBackoff`, durationAt(`${at}.initialBackoff`, json.initialBackoff)),
    maxBackoffMs: above0(`${at}.maxBackoff`, durationAt(`${at}.maxBackoff`, json.maxBackoff)),
    backoffMultiplier: above0(`${at}.backoffMultiplier`, backoffMultiplier),
    retryableStatusCodes: new Set(codes),
  };
}

function balancerOf({ loadBalancingConfig, loadBalancingPolicy }: Json): BalancingConfig | undefined {
  if (loadBalancingConfig === undefined) {
    if (loadBalancingPolicy === undefined) return undefined;
    const name = String(loadBalancingPolicy).toLowerCase();
    if (name === "round_robin") return { name };
    if (name === "pick_first") return { name, shuffle: false };
    throw bad("loadBalancingPolicy", `${JSON.stringify(loadBalancingPolicy)} is neither pick_first nor round_robin`);
  }
  const list = listAt("loadBalancingConfig", loadBalancingConfig);
  for (const [i, each] of list.entries()) {
    const at = `loadBalancingConfig[${i}]`;
    const entries = Object.entries(objectAt(at, each));
    if (entries.length !== 1) throw bad(at, `has ${entries.length} policies instead of one`);
    const [[name, of]] = entries as [[string, unknown]];
    const config = objectAt(`${at}.${name}`, of);
    if (name === "round_robin") return { name };
    if (name !== "pick_first") continue;
    const { shuffleAddressList = false } = config;
    if (typeof shuffleAddressList === "boolean") return { name, shuffle: shuffleAddressList };
    throw bad(`${at}.pick_first.shuffleAddressList`, "is neither true nor false");
  }
  if (list.length === 0) return undefined;
  throw bad("loadBalancingConfig", "has none of pick_first and round_robin");
}

function throttlingOf(json: unknown): RetryThrottling | undefined {
  if (json === undefined) return undefined;
  const { maxTokens, tokenRatio } = objectAt("retryThrottling", json);
  if (!(typeof maxTokens === "number" && maxTokens > 0 && maxTokens <= 1_000)) {
    throw bad("retryThrottling.maxTokens", `${JSON.stringify(maxTokens)} is not above 0 and up to 1000`);
  }
  return { maxTokens, tokenRatio: above0("retryThrottling.tokenRatio", tokenRatio) };
}

/** A duration as Protocol Buffers have it in JSON: seconds with up to nine digits of a fraction, and `s`. In milliseconds. */
function durationAt(at: string, value: unknown): number {
  const found = typeof value === "string" ? /^\d{1,12}(?:\.\d{1,9})?s$/.exec(value) : null;
  if (found === null) throw bad(at, `${JSON.stringify(value)} is no duration such as "1.5s"`);
  return Number(found[0].slice(0, -1)) * 1_000;
}

function bytesAt(at: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  // JSON of Protocol Buffers may have integers as text.
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0) return number;
  throw bad(at, `${JSON.stringify(value)} is no number of bytes`);
}

function above0(at: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value < Infinity) return value;
  throw bad(at, `${JSON.stringify(value)} is not above 0`);
}

function objectAt(at: string, value: unknown): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw bad(at, "is no object");
}

function listAt(at: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw bad(at, "is no list");
}

function bad(at: string, what: string): RpcError {
  return new RpcError("invalid", `service config ${at === "" ? "" : `${at} `}${what}`);
}
