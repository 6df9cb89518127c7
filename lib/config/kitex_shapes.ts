/**
 * Kitex's JSON shapes of dynamic configuration, read into what Updraft's policies take.
 *
 * Names and defaults are Kitex's. Fields it does not know are skipped, as in Kitex, so that newer configuration can be read; what is
 * wrong in a known one is an error of kind `"invalid"` that names its path.
 *
 * @module
 */
import type { Backoff } from "../governance/backoff.ts";
import type { CircuitConfig } from "../governance/circuit.ts";
import { RETRY_BREAKER, RETRY_TIMES, type RetryLimits, type RetryPolicy } from "../governance/retry_policy.ts";
import { Fields } from "./reading.ts";

/** Longest time in milliseconds: what a timer takes. */
const MAX_MS = 0x7fffffff;

/** Kinds of retry by their number. */
const RETRY_TYPES = ["failure", "backup", "mixed"] as const;

/** `retry`: by method, or `"*"`. `false` is a policy that is there and switched off. */
export function readRetry(value: unknown): Record<string, RetryPolicy | false> {
  return byName(value, "retry", (policy) => {
    const type = RETRY_TYPES[policy.number("type", 0, 0, 2)];
    if (type === undefined) throw policy.error("type", "is not 0, 1 or 2");
    // What is switched off is read too: the mistake in it is found before it is switched on.
    const read = retryPolicy(policy.object(`${type}_policy`), type);
    return policy.boolean("enable", false) ? read : false;
  });
}

/** Times of a call. */
export interface CallTimes {
  /** Milliseconds of a try; 0: no limit. */
  readonly rpcMs: number;
  /** Milliseconds of opening a connection; 0: the client's own. */
  readonly connectMs: number;
}

/** `rpc_timeout`: by method, or `"*"`. What is left out is 0, as in Kitex: its 1,000 and 50 are for when nothing is configured. */
export function readTimeouts(value: unknown): Record<string, CallTimes> {
  return byName(value, "rpc_timeout", (times) => ({
    rpcMs: times.number("rpc_timeout_ms", 0, 0, MAX_MS),
    connectMs: times.number("conn_timeout_ms", 0, 0, MAX_MS),
  }));
}

/** `circuit_break`: by method. */
export function readBreakers(value: unknown): Record<string, CircuitConfig> {
  return byName(value, "circuit_break", (config) => {
    const enable = config.boolean("enable", false);
    const errorRate = config.number("err_rate", 0.5, 0, 1);
    if (errorRate === 0) throw config.error("err_rate", "0 is not above 0");
    return { enable, errorRate, minSamples: config.number("min_sample", 200, 1, Number.MAX_SAFE_INTEGER) };
  });
}

/** `degradation`. */
export function readDegradation(value: unknown): { enable: boolean; percentage: number } {
  const config = new Fields(value, "degradation");
  return { enable: config.boolean("enable", false), percentage: config.number("percentage", 0, 0, 100) };
}

/** `limit`; 0: none. */
export function readLimit(value: unknown): { connections: number; qps: number } {
  const config = new Fields(value, "limit");
  return {
    connections: config.number("connection_limit", 0, 0, Number.MAX_SAFE_INTEGER),
    qps: config.number("qps_limit", 0, 0, Number.MAX_SAFE_INTEGER),
  };
}

function byName<T>(value: unknown, path: string, read: (fields: Fields) => T): Record<string, T> {
  const fields = new Fields(value, path);
  const all: Record<string, T> = Object.create(null);
  for (const name of fields.names) all[name] = read(fields.object(name));
  return all;
}

function retryPolicy(fields: Fields, type: typeof RETRY_TYPES[number]): RetryPolicy {
  const { default: usual, max } = RETRY_TIMES[type];
  const stop = fields.object("stop_policy");
  const times = stop.number("max_retry_times", usual, 0, max);
  if (!Number.isInteger(times)) throw stop.error("max_retry_times", `${times} is no whole number`);
  const limits: RetryLimits = {
    maxDurationMs: stop.number("max_duration_ms", 0, 0, MAX_MS),
    chainStop: !stop.boolean("disable_chain_stop", false),
    // Kitex takes its default for 0.
    breakerErrorRate: stop.object("cb_policy").number("error_rate", 0, 0, RETRY_BREAKER.max) || RETRY_BREAKER.default,
    sameInstance: fields.boolean("retry_same_node", false),
  };
  if (type === "failure") return { ...limits, type, times, backoff: backoffOf(fields.object("backoff_policy")) };
  const delayMs = fields.number("retry_delay_ms", 0, 0, MAX_MS);
  if (delayMs === 0) throw fields.error("retry_delay_ms", "0 is not above 0");
  if (type === "backup") return { ...limits, type, times, delayMs };
  return { ...limits, type, times, delayMs, backoff: backoffOf(fields.object("backoff_policy")) };
}

function backoffOf(fields: Fields): Backoff {
  const type = fields.text("backoff_type", "none");
  const items = fields.object("cfg_items");
  switch (type) {
    case "none":
      return { type };
    case "fixed":
      return { type, ms: items.number("fix_ms", 0, 0, MAX_MS) };
    case "random": {
      const minMs = items.number("min_ms", 0, 0, MAX_MS);
      return { type, minMs, maxMs: items.number("max_ms", minMs, minMs, MAX_MS) };
    }
    default:
      throw fields.error("backoff_type", `${JSON.stringify(type)} is not none, fixed or random`);
  }
}
