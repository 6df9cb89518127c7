/**
 * Circuit breakers: one for each service and method called, or one for each instance, by Kitex's rules.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import {
  Circuit,
  CIRCUIT_DEFAULTS,
  type CircuitConfig,
  type CircuitCounts,
  type CircuitSettings,
  type CircuitState,
} from "../lib/governance/circuit.ts";
import { BUCKET_MS, type Sample, WINDOW_BUCKETS } from "../lib/governance/rolling_window.ts";
import { type Clock, turnNow } from "../lib/io/clock.ts";
import { addressKeys } from "../lib/rpc/address_keys.ts";
import type { Call } from "../lib/rpc/call.ts";
import { type Middleware, policy, runFollowed } from "../lib/rpc/middleware.ts";
import type { Follower } from "../lib/rpc/outcome.ts";
import type { MethodSchema } from "../lib/schema/service.ts";

/** A breaker that went from one state to another. */
export interface CircuitChange {
  /** The breaker's key. */
  readonly key: string;
  /** The state before. */
  readonly from: CircuitState;
  /** The state now. */
  readonly to: CircuitState;
  /** What it counted. */
  readonly counts: CircuitCounts;
}

/** Thresholds by key; `"*"` is for all others. */
export type CircuitConfigs = Readonly<Record<string, CircuitConfig>>;

/** How breakers of one level behave. */
export interface CircuitOptions extends CircuitConfig, CircuitSettings {
  /** Thresholds of single keys, instead of those here; `"*"` is for all keys without an own one. */
  readonly configs?: CircuitConfigs | undefined;
  /** Which breaker a call belongs to. Default: `caller/service/method`, of instances the address. */
  readonly keyOf?: ((call: Call) => string) | undefined;
  /** What the end of a call counts as; `error` is `undefined` if it ended well. Default: Kitex's classes. */
  readonly classify?: ((error: unknown, call: Call) => Sample | "ignore") | undefined;
  /** Told of every change of state; what it throws is dropped. Default: nobody. */
  readonly onChange?: ((change: CircuitChange) => void) | undefined;
}

/** The middleware, and what can be done with it while it runs. */
export interface Breaker extends Middleware {
  /** Its place in the options of a client. */
  readonly policy: string;
  /** Replaces the thresholds by key; keys that are not named have those of `"*"`, or else of the options, again. */
  update(configs: CircuitConfigs): void;
  /** The breakers there are, by key. */
  circuits(): ReadonlyMap<string, { readonly state: CircuitState; readonly counts: CircuitCounts }>;
}

/**
 * Breakers for each service and method: a call is refused with kind `"unavailable"` while its breaker is open. Business
 * statuses and declared exceptions are successes; what this side refused or gave up is not counted. Of streams the opening counts.
 * Throws an `RpcError` of kind `"invalid"` for a number that cannot be used.
 */
export function serviceBreaker(options: CircuitOptions = {}): Breaker {
  return breaker("serviceBreaker", options, {
    keyOf: keysOfCalls(),
    classify: classOfCall,
    // Not to be retried: the next try would be refused too.
    refusal: (key) => new RpcError("unavailable", `the circuit breaker of ${key} is open`),
  });
}

/**
 * Breakers for each instance, in the place of `instanceUse`: only connections that cannot be made are failures. While one is open its
 * instance is refused, and the call goes to another.
 * Throws an `RpcError` of kind `"invalid"` for a number that cannot be used.
 */
export function instanceBreaker(options: CircuitOptions = {}): Breaker {
  const keyOfAddress = addressKeys();
  return breaker("instanceBreaker", options, {
    keyOf: ({ peer }) => peer === undefined ? "" : keyOfAddress(peer),
    classify: classOfInstance,
    refusal: (key) =>
      new RpcError("unavailable", `the circuit breaker of instance ${key} is open`, { retryable: true }),
  });
}

interface Level {
  keyOf(call: Call): string;
  classify(error: unknown): Sample | "ignore";
  refusal(key: string): RpcError;
}

/** A breaker, and what hears how calls end if no function of the program's own classes them: made once, not for each call. */
interface Watched {
  readonly circuit: Circuit;
  readonly follower: Follower;
}

function breaker(name: string, options: CircuitOptions, level: Level): Breaker {
  const { keyOf = level.keyOf, classify, onChange } = options;
  let configs = options.configs ?? {};
  for (const [key, config] of Object.entries({ options, ...configs })) checkConfig(key, config);
  const circuits = new Map<string, Watched>();
  let swept = 0;

  const configOf = (key: string): CircuitConfig =>
    (Object.hasOwn(configs, key) ? configs[key] : undefined) ?? configs["*"] ?? options;

  function added(key: string, clock: Clock): Watched {
    sweep(clock.now());
    const circuit: Circuit = new Circuit(configOf(key), options, (from, to) => {
      try {
        onChange?.({ key, from, to, counts: circuit });
      } catch {
        // An observer that fails must not become the call's failure; there is nobody else to tell.
      }
    });
    const failed = (error: unknown): void => record(circuit, level.classify(error), clock);
    const watched = { circuit, follower: { succeeded: () => failed(undefined), failed } };
    circuits.set(key, watched);
    return watched;
  }

  /** Breakers without a call in their window go, as in Kitex; looked for where one is added, once a window. */
  function sweep(nowMs: number): void {
    if (nowMs - swept < WINDOW_BUCKETS * BUCKET_MS) return;
    swept = nowMs;
    for (const [key, { circuit }] of circuits) if (circuit.idle(nowMs)) circuits.delete(key);
  }

  const wrap: Middleware = (next) => (call) => {
    const key = keyOf(call);
    const { circuit, follower } = circuits.get(key) ?? added(key, call.clock);
    if (circuit.state !== "closed" && !circuit.allows(call.clock.now())) return Promise.reject(level.refusal(key));
    return runFollowed(next, call, classify === undefined ? follower : classedBy(classify, circuit, call));
  };
  return Object.assign(policy(name, wrap), {
    update(changed: CircuitConfigs) {
      for (const [key, config] of Object.entries(changed)) checkConfig(key, config);
      configs = changed;
      for (const [key, { circuit }] of circuits) circuit.config = configOf(key);
    },
    circuits: () =>
      new Map([...circuits].map(([key, { circuit }]) => [key, { state: circuit.state, counts: circuit }])),
  });
}

/** What hears how a call ends that the program classes itself. */
function classedBy(
  classify: (error: unknown, call: Call) => Sample | "ignore",
  circuit: Circuit,
  call: Call,
): Follower {
  const failed = (error: unknown): void => {
    let sample: Sample | "ignore" = "ignore";
    try {
      sample = classify(error, call);
    } catch {
      // The call has its outcome, and there is nobody to tell: see `record`.
    }
    record(circuit, sample, call.clock);
  };
  return { succeeded: () => failed(undefined), failed };
}

function record(circuit: Circuit, sample: Sample | "ignore", clock: Clock): void {
  if (sample === "ignore") return;
  try {
    circuit.record(sample, turnNow(clock));
  } catch {
    // Of `trip`: beside the call, where a rejection that nobody handles would end the process.
  }
}

function checkConfig(key: string, config: CircuitConfig): void {
  const { errorRate = CIRCUIT_DEFAULTS.errorRate, minSamples = CIRCUIT_DEFAULTS.minSamples } = config;
  if (!(errorRate > 0 && errorRate <= 1)) {
    throw new RpcError("invalid", `breaker ${key}: errorRate ${errorRate} is not above 0 and up to 1`);
  }
  if (!(minSamples >= 1)) throw new RpcError("invalid", `breaker ${key}: minSamples ${minSamples} is less than 1`);
}

/** Gives `caller/service/method`, made once for each method while caller and service stay the same. */
function keysOfCalls(): (call: Call) => string {
  const known = new WeakMap<MethodSchema, { caller: string; destService: string; key: string }>();
  return ({ caller = "", destService, method }) => {
    const found = known.get(method);
    if (found !== undefined && found.caller === caller && found.destService === destService) return found.key;
    const key = `${caller}/${destService}/${method.name}`;
    known.set(method, { caller, destService, key });
    return key;
  };
}

function classOfCall(error: unknown): Sample | "ignore" {
  if (!(error instanceof RpcError)) return "success"; // also an exception that the IDL declares
  switch (error.kind) {
    case "business":
      return "success";
    case "timeout":
      return "timeout";
    case "invalid":
    case "canceled":
      return "ignore";
    case "forbidden":
    case "unavailable":
      return error.remote ? "failure" : "ignore";
    default:
      return "failure";
  }
}

function classOfInstance(error: unknown): Sample | "ignore" {
  if (!(error instanceof RpcError)) return "success";
  if (error.kind === "connect") return "failure";
  return error.kind === "canceled" || error.kind === "invalid" ? "ignore" : "success";
}
