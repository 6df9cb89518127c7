/**
 * Policies that follow dynamic configuration in Kitex's shapes: retry, timeouts, breakers and degradation of a client, limits of a
 * server.
 *
 * @module
 */
import { readBreakers, readDegradation, readLimit, readRetry, readTimeouts } from "../lib/config/kitex_shapes.ts";
import type { ConfigCategory, ConfigKey, ConfigSource } from "../lib/config/source.ts";
import { RpcError } from "../lib/errors.ts";
import type { Limiter, LimitRules } from "../lib/limits/limiter.ts";
import { unknownMethod } from "../lib/rpc/check_methods.ts";
import type { Middleware } from "../lib/rpc/middleware.ts";
import type { ServiceSchema } from "../lib/schema/service.ts";
import { type Breaker, serviceBreaker } from "./breaker.ts";
import { degrade } from "./degrade.ts";
import { retry } from "./retry.ts";
import { timeout } from "./timeout.ts";

/** What both sides' configuration tells of. */
export interface ConfigEvents {
  /** Told when a configuration was applied; `value` is `undefined` where the defaults are back. Must not throw. */
  readonly onApplied?: ((category: ConfigCategory, value: unknown) => void) | undefined;
  /**
   * Told when a configuration was refused, with the path of what is wrong, or could not be read. What was applied before stays. Also
   * told once of each method in one that was applied, which no client has that was made with the policies: that part has no effect.
   * Must not throw.
   */
  readonly onRefused?: ((category: ConfigCategory, error: RpcError) => void) | undefined;
}

/** Options of `clientConfig`. */
export interface ClientConfigOptions extends ConfigEvents {
  /** Where the configuration is. */
  readonly source: ConfigSource;
  /** The name of the service that calls. */
  readonly client: string;
  /** The name of the service that is called. */
  readonly server: string;
}

/** Policies of a client that follow configuration. */
export interface ClientConfig {
  /** For the client's `use`: retry, the breaker of the service, timeout and degradation, in Kitex's order. */
  readonly use: readonly Middleware[];
  /** The breakers, by `server/method` (Kitex's key here). */
  readonly breaker: Breaker;
  /** Resolves when each category was read or refused once. Before, calls have no policy. */
  readonly ready: Promise<void>;
  /** Follows no more; what was applied stays. Twice is fine. */
  close(): void;
}

/**
 * Policies for one client's `use` that follow every change of their configuration. Without one, and again when it is deleted, nothing is
 * retried, timed or degraded, connections have the client's `connectTimeoutMs`, and breakers have Kitex's thresholds.
 *
 * Throws an `RpcError` of kind `"invalid"` for names that the source cannot have.
 */
export function clientConfig({ source, client, server, ...events }: ClientConfigOptions): ClientConfig {
  const retries = retry({ methods: {} });
  const timeouts = timeout({ ms: 0 });
  const degradation = degrade({ percentage: 0 });
  const breaker = serviceBreaker({ keyOf: ({ method }) => `${server}/${method.name}` });
  const follower = new Follower(source, events);
  const methods = new ConfiguredMethods((category, error) => events.onRefused?.(category, error));
  const follow = (category: ConfigCategory, apply: (value: unknown) => void): void =>
    follower.follow({ client, server, category }, apply);
  follow("retry", (value) => {
    const policies = value === undefined ? {} : readRetry(value);
    retries.update(policies);
    methods.configured("retry", policies);
  });
  follow("rpc_timeout", (value) => {
    const times = value === undefined ? {} : readTimeouts(value);
    timeouts.update(mapped(times, ({ rpcMs }) => rpcMs), mapped(times, ({ connectMs }) => connectMs));
    methods.configured("rpc_timeout", times);
  });
  follow("circuit_break", (value) => {
    const configs = value === undefined ? {} : readBreakers(value);
    const byMethod = Object.entries(configs);
    breaker.update(Object.fromEntries(byMethod.map(([method, config]) => [`${server}/${method}`, config])));
    methods.configured("circuit_break", configs);
  });
  follow(
    "degradation",
    (value) => degradation.update(value === undefined ? { percentage: 0 } : readDegradation(value)),
  );
  // What these say of names is told, not thrown: the configuration may be of another version than the program.
  for (const policy of [retries, timeouts]) policy.serves = (services) => methods.serve(services);
  return {
    use: [retries, breaker, timeouts, degradation],
    breaker,
    ready: follower.ready(),
    close: () => follower.close(),
  };
}

/** Options of `serverConfig`. */
export interface ServerConfigOptions extends ConfigEvents {
  /** Where the configuration is. */
  readonly source: ConfigSource;
  /** The name of the service that serves. */
  readonly server: string;
  /** The server's limiter. */
  readonly limiter: Limiter;
  /** Limits beside the configured `connections` and `qps`, and those while nothing is configured. Default: none. */
  readonly rules?: LimitRules | undefined;
}

/** Limits of a server that follow configuration. */
export interface ServerConfig {
  /** Resolves when the configuration was read or refused once. */
  readonly ready: Promise<void>;
  /** Follows no more; what was applied stays. Twice is fine. */
  close(): void;
}

/**
 * Lets a server's limiter follow the category `limit`. Throws an `RpcError` of kind `"invalid"` for a name that the source cannot have.
 */
export function serverConfig({ source, server, limiter, rules = {}, ...events }: ServerConfigOptions): ServerConfig {
  const follower = new Follower(source, events);
  follower.follow({ server, category: "limit" }, (value) => {
    limiter.update(value === undefined ? rules : { ...rules, ...readLimit(value) });
  });
  return { ready: follower.ready(), close: () => follower.close() };
}

/** Applies what a source tells. */
class Follower {
  readonly #source: ConfigSource;
  readonly #events: ConfigEvents;
  readonly #stops: (() => void)[] = [];
  readonly #first: Promise<void>[] = [];

  constructor(source: ConfigSource, events: ConfigEvents) {
    this.#source = source;
    this.#events = events;
  }

  follow(key: ConfigKey, apply: (value: unknown) => void): void {
    const { onApplied, onRefused } = this.#events;
    this.#first.push(
      new Promise((resolve) => {
        const stop = this.#source.follow(key, {
          update: (value) => {
            try {
              apply(value);
              onApplied?.(key.category, value);
            } catch (error) {
              onRefused?.(key.category, RpcError.from(error, "invalid"));
            }
            resolve();
          },
          failed: (error) => {
            onRefused?.(key.category, error);
            resolve();
          },
        });
        this.#stops.push(stop, resolve);
      }),
    );
  }

  async ready(): Promise<void> {
    await Promise.all(this.#first);
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }
}

/** Tells of configured methods that no service has. */
class ConfiguredMethods {
  readonly #tell: (category: ConfigCategory, error: RpcError) => void;
  readonly #services = new Map<string, ServiceSchema>();
  readonly #names = new Map<ConfigCategory, readonly string[]>();
  /** What was told and is configured still. */
  readonly #told = new Map<ConfigCategory, ReadonlySet<string>>();
  #due = false;

  constructor(tell: (category: ConfigCategory, error: RpcError) => void) {
    this.#tell = tell;
  }

  /** These are configured now, by name. */
  configured(category: ConfigCategory, byMethod: Readonly<Record<string, unknown>>): void {
    this.#names.set(category, Object.keys(byMethod));
    this.#look();
  }

  /** There is a client of these, too. */
  serve(services: readonly ServiceSchema[]): void {
    for (const service of services) this.#services.set(service.fullName ?? service.name, service);
    this.#look();
  }

  /** After this turn: the clients of several services are made one after the other. */
  #look(): void {
    if (this.#due || this.#services.size === 0) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      for (const [category, names] of this.#names) this.#lookAt(category, names);
    });
  }

  #lookAt(category: ConfigCategory, names: readonly string[]): void {
    const services = [...this.#services.values()];
    const before = this.#told.get(category);
    const told = new Set<string>();
    for (const name of names) {
      const error = unknownMethod(category, name, services);
      if (error === undefined) continue;
      told.add(name);
      if (before?.has(name)) continue;
      try {
        this.#tell(category, error);
      } catch {
        // Who listens failed: that must not end the process, and there is nobody else to tell.
      }
    }
    this.#told.set(category, told);
  }
}

function mapped<A, B>(record: Record<string, A>, to: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));
}
