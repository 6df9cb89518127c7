/**
 * Middleware for clients and servers: one policy a file.
 *
 * ```ts ignore
 * import { createServer } from "@updraft/rpc";
 * import { validate } from "@updraft/rpc/middleware";
 * import { Shop, ShopValidators } from "./gen/shop.ts";
 *
 * createServer({ use: [validate(ShopValidators)] }).add(Shop, handlers);
 * ```
 *
 * @module
 */
export type { Backoff } from "../lib/governance/backoff.ts";
export {
  CIRCUIT_DEFAULTS,
  type CircuitConfig,
  type CircuitCounts,
  type CircuitSettings,
  type CircuitState,
  tripOnConsecutive,
  tripOnCount,
} from "../lib/governance/circuit.ts";
export {
  type BackupRetry,
  type FailureRetry,
  type MixedRetry,
  RETRY_BREAKER,
  RETRY_KEY,
  RETRY_TIMES,
  type RetryCondition,
  type RetryLimits,
  type RetryPolicy,
} from "../lib/governance/retry_policy.ts";
export type { Sample } from "../lib/governance/rolling_window.ts";
export type { MethodValidators, ServiceValidators, Validator, Violation } from "../lib/schema/violation.ts";
export { acl, type AclRule } from "./acl.ts";
export {
  type Breaker,
  type CircuitChange,
  type CircuitConfigs,
  type CircuitOptions,
  instanceBreaker,
  serviceBreaker,
} from "./breaker.ts";
export { type Degrade, degrade, type DegradeConfig, type DegradeOptions } from "./degrade.ts";
export type { FallbackOptions } from "../lib/rpc/fallback.ts";
export { fallback } from "./fallback.ts";
export { proxy, type ProxyRule } from "./proxy.ts";
export {
  type BreakerOptions,
  type ClientPipeline,
  clientPipeline,
  type PipelineOptions,
  type PolicyOptions,
} from "./pipeline.ts";
export { serviceConfig, serviceConfigBalancer, type ServiceConfigOptions } from "./service_config.ts";
export { type Retry, retry, type RetryOptions, type RetryPolicies } from "./retry.ts";
export { type Timeout, timeout, type TimeoutOptions, type Timeouts } from "./timeout.ts";
export { trace, type TraceEnd, type Tracer } from "./trace.ts";
export { validate, type ValidateOptions, ViolationError, violationsOf } from "./validate.ts";
export type { AdaptiveOptions } from "../lib/limits/adaptive_limit.ts";
export {
  createLimiter,
  Limiter,
  type LimiterOptions,
  type LimiterStats,
  type LimitRules,
  type Limits,
  type Refusal,
} from "../lib/limits/limiter.ts";
export type { Admission, CallHead, Ticket } from "../lib/rpc/admission.ts";
export { limit } from "./limit.ts";
export { etcdConfig, type EtcdConfigOptions } from "../lib/config/etcd_source.ts";
export type { StoredConfigOptions } from "../lib/config/stored_json.ts";
export { fileConfig, type FileConfigOptions } from "../lib/config/file_source.ts";
export { zooKeeperConfig, type ZooKeeperConfigOptions } from "../lib/config/zookeeper_source.ts";
export type { ConfigCategory, ConfigKey, ConfigSink, ConfigSource } from "../lib/config/source.ts";
export {
  type ClientConfig,
  clientConfig,
  type ClientConfigOptions,
  type ConfigEvents,
  type ServerConfig,
  serverConfig,
  type ServerConfigOptions,
} from "./config_suite.ts";
