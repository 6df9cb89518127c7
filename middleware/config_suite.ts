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
import type { Middleware } from "../lib/rpc/middleware.ts";
import { type Breaker, serviceBreaker } from "./breaker.ts";
import { degrade } from "./degrade.ts";
import { retry } from "./retry.ts";
import { timeout } from "./timeout.ts";

/** What both sides' configuration tells of. */
export interface ConfigEvents {
  /** Told when a configuration was applied; `value` is `undefined` where the defaults are back. Must not throw. */
  readonly onApplied?: ((category: ConfigCategory, value: unknown) => void) | undefined;
  /**
   * Told when a configuration was refused, with the path of what is wrong, or could not be read. What was applied before stays. Must
   * not throw.
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
  const follow = (category: ConfigCategory, apply: (value: unknown) => void): void =>
    follower.follow({ client, server, category }, apply);
  follow("retry", (value) => retries.update(value === undefined ? {} : readRetry(value)));
  follow("rpc_timeout", (value) => {
    const times = value === undefined ? {} : readTimeouts(value);
    timeouts.update(mapped(times, ({ rpcMs }) => rpcMs), mapped(times, ({ connectMs }) => connectMs));
  });
  follow("circuit_break", (value) => {
    const configs = Object.entries(value === undefined ? {} : readBreakers(value));
    breaker.update(Object.fromEntries(configs.map(([method, config]) => [`${server}/${method}`, config])));
  });
  follow(
    "degradation",
    (value) => degradation.update(value === undefined ? { percentage: 0 } : readDegradation(value)),
  );
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

function mapped<A, B>(record: Record<string, A>, to: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));
}
