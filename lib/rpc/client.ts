/**
 * A client of one service: an object with the service's methods.
 *
 * @module
 */
import type { Balancer, BalancerHost } from "../discovery/balancer.ts";
import { pickFirst } from "../discovery/balancers/pick_first.ts";
import { roundRobin, weightedRoundRobin } from "../discovery/balancers/round_robin.ts";
import type { Resolver } from "../discovery/resolver.ts";
import { staticResolver } from "../discovery/static.ts";
import { describeEndpoint, parseTarget } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { ServiceSchema } from "../schema/service.ts";
import { CHANNEL, Channel } from "./channel.ts";
import { type ChannelPool, isChannelPool } from "./channel_pool.ts";
import { checkNumbers } from "./check_numbers.ts";
import { ClientCore, type CoreOptions, type CoreParts } from "./client_core.ts";
import { type Client, methodsOf } from "./client_methods.ts";
import type { ConnectionReporter } from "./connection_events.ts";
import { Connections, type Route } from "./connections.ts";
import { ConnectivityTable } from "./connectivity.ts";
import { Destinations, type LookedUp, parseDestination } from "./destinations.ts";
import { runWithFallback } from "./fallback.ts";
import type { Handler, Middleware } from "./middleware.ts";
import { createPool, type Pool, type PoolOptions } from "./pool.ts";
import type { ClientProtocol } from "./protocol.ts";
import { StreamCalls } from "./stream/stream_calls.ts";
import { WarmUp } from "./warm_up.ts";

/** Options of `createClient`. */
export interface ClientOptions extends CoreOptions {
  /**
   * Where the service is: `host:port`, `[ipv6]:port`, `unix:/path`, an `Endpoint`, or a list of these (Kitex's `WithHostPorts`); with
   * `resolver` the name it looks up; with a scheme of `resolvers` in front, `dns:///host:port`, what that one looks up.
   */
  readonly to: string | Endpoint | readonly (string | Endpoint)[];
  /** Finds the instances of the service that `to` names. Default: `to` is an address. */
  readonly resolver?: Resolver | undefined;
  /** Finds the instances for targets that begin with a scheme, by scheme. Default: the protocol's: of `grpc()` `dns`, `ipv4` and `ipv6`. */
  readonly resolvers?: Readonly<Record<string, Resolver>> | undefined;
  /**
   * Chooses an instance for each call where there are several. Default: `weightedRoundRobin()` (Kitex's); with the pool `"channel"`
   * `pickFirst()` for an address and targets with a scheme, `roundRobin()` for a list (gRPC's).
   */
  readonly balancer?: Balancer | undefined;
  /** Which instances may be chosen, as far as the resolver knows tags (Kitex's `WithTag`). Default: all. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Middleware around every try on an instance, whose address is the call's `peer` (Kitex's `WithInstanceMW`); the first is the outermost. */
  readonly instanceUse?: readonly Middleware[] | undefined;
  /** What is spoken. */
  readonly protocol: ClientProtocol;
  /** What methods that stream are spoken in, where `protocol` does not stream. Default: nothing, they cannot be called. */
  readonly streaming?: ClientProtocol | undefined;
  /** Milliseconds that a stream may leave its reader waiting for a message; 0: any. Default 0 (Kitex's). */
  readonly recvTimeoutMs?: number | undefined;
  /** Where connections come from. Default: the protocol's, of gRPC `{ type: "channel" }`; else `{ type: "long" }`, of one that streams `{ type: "mux" }`. */
  readonly pool?: PoolOptions | undefined;
  /** Where the connections of `streaming` come from. Default: its own, else `{ type: "mux" }`. */
  readonly streamPool?: PoolOptions | undefined;
  /** Told of every connection that is opened, could not be, is reused or gone: `new ConnectionCounter().report` counts. Default: nobody. */
  readonly onConnection?: ConnectionReporter | undefined;
  /** Whether calls wait while no connection can be made; see the same option of a call. Default: what a service config says, else `false`. */
  readonly waitForReady?: boolean | undefined;
  /** Gives numbers from 0 up to but not including 1; for tests. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Makes a client from parts; nothing is found by itself and nothing is dialled before the first call.
 * Throws an `RpcError` of kind `"invalid"` for a target or option that cannot be used.
 */
export function createClient<C>(service: ServiceSchema<unknown, C>, options: ClientOptions): Client<C> {
  const { protocol, streaming, instanceUse, recvTimeoutMs, waitForReady, random = Math.random } = options;
  checkNumbers(options, ["recvTimeoutMs"]);
  const lookup = (hostname: string): Promise<readonly string[]> => connections.lookup(hostname);
  const where = parseDestination({ ...options, resolvers: { ...protocol.resolvers?.(lookup), ...options.resolvers } });
  const connectivity = "address" in where ? undefined : new ConnectivityTable();
  const connections: Connections = new Connections(service, options, connectivity);
  const routeOf = (protocol: ClientProtocol, pool = protocol.pool): Route => {
    const which = pool ?? { type: protocol.streams ? "mux" : "long" };
    const shared = which.type === "mux" || which.type === "channel";
    return connections.route(
      protocol,
      (host) => createPool(withTimeout(which, options), host, random, options.onConnection),
      shared,
    );
  };
  const calls = routeOf(protocol, options.pool);
  const streams = protocol.streams ? calls : streaming?.streams ? routeOf(streaming, options.streamPool) : undefined;
  const managed = isChannelPool(calls.pool) ? calls.pool : undefined;
  const watcher = managed && protocol.watchClient?.();
  const destinations = (send: Handler): Destinations => {
    const { wheel } = connections;
    const found = "address" in where ? alone(where.address) : where;
    const { resolver, name, tags } = found;
    return new Destinations({
      resolver,
      name,
      tags,
      balancer: options.balancer ?? balancerFor(found.from, managed !== undefined),
      wheel,
      host: { clock: wheel, random, ...standings(managed, connectivity) },
      next: send,
      onGone: (endpoint) => {
        connections.leave(endpoint);
        connectivity?.forget(endpoint);
      },
      errorOf: (endpoint) => managed?.error(endpoint),
      onState: () => channel?.look(),
    });
  };
  let channel: Channel | undefined;
  const parts: CoreParts = {
    connections,
    calls,
    streams: new StreamCalls(calls, streams, connections.wheel),
    instanceUse,
    recvTimeoutMs,
    fallback: runWithFallback,
    warmUp: new WarmUp(where, poolsOf(service, calls, streams), connections.wheel),
    waitForReady,
    ...("address" in where && managed === undefined ? { to: where.address } : {
      destination(send) {
        const made = destinations(send);
        if (managed === undefined) return made;
        managed.watcher = watcher;
        return channel = new Channel(targetOf(options.to), managed, made, connections.wheel);
      },
    }),
  };
  const watched = watcher === undefined ? options : { ...options, use: [watcher.use, ...options.use ?? []] };
  const client = methodsOf(service, new ClientCore(service, watched, parts));
  if (channel !== undefined) watcher?.opened(channel);
  return channel === undefined ? client : Object.assign(client, { [CHANNEL]: channel });
}

/** The pools that the methods of the service use. */
function poolsOf({ methods, functions }: ServiceSchema, calls: Route, streams: Route | undefined): Pool[] {
  const pools = new Set<Pool>();
  if (functions !== undefined && streams !== undefined) pools.add(streams.pool);
  for (const { streaming } of methods) {
    const route = streaming === "unary" ? calls : streams;
    if (route !== undefined) pools.add(route.pool);
  }
  return [...pools];
}

/** The pool `"channel"` has a time to connect of its own, unless the client says one. */
function withTimeout(pool: PoolOptions, { connectTimeoutMs }: ClientOptions): PoolOptions {
  if (pool.type !== "channel" || connectTimeoutMs === undefined) return pool;
  return { ...pool, backoff: { minConnectTimeoutMs: connectTimeoutMs, ...pool.backoff } };
}

function targetOf(to: ClientOptions["to"]): string {
  return typeof to === "string" ? to : [to].flat().map((each) => describeEndpoint(parseTarget(each))).join(",");
}

/** An address as a list of one instance. */
function alone(address: Endpoint): LookedUp {
  return { resolver: staticResolver([address]), name: describeEndpoint(address), tags: {}, from: "scheme" };
}

/** What chooses instances where a client says nothing else. */
function balancerFor(from: LookedUp["from"], managed: boolean): Balancer {
  if (!managed || from === "resolver") return weightedRoundRobin();
  return from === "list" ? roundRobin() : pickFirst();
}

/** How a balancer sees the addresses. */
function standings(
  managed: ChannelPool | undefined,
  table: ConnectivityTable | undefined,
): Pick<BalancerHost, "connectivity" | "connect"> {
  if (managed === undefined) return { connectivity: (endpoint) => table?.of(endpoint) ?? "idle" };
  return {
    connectivity(endpoint) {
      const state = managed.state(endpoint);
      return state === "shutdown" ? "idle" : state;
    },
    connect: (endpoint) => managed.connect(endpoint),
  };
}
