/**
 * A client of one service: an object with the service's methods.
 *
 * @module
 */
import type { Balancer } from "../discovery/balancer.ts";
import { weightedRoundRobin } from "../discovery/balancers/round_robin.ts";
import type { Resolver } from "../discovery/resolver.ts";
import type { Endpoint } from "../io/raw.ts";
import type { ServiceSchema } from "../schema/service.ts";
import { ClientCore, type CoreOptions, type CoreParts } from "./client_core.ts";
import { type Client, methodsOf } from "./client_methods.ts";
import { Connections, type Route } from "./connections.ts";
import { ConnectivityTable } from "./connectivity.ts";
import { Destinations, parseDestination } from "./destinations.ts";
import type { Middleware } from "./middleware.ts";
import { createPool, type PoolOptions } from "./pool.ts";
import type { ClientProtocol } from "./protocol.ts";
import { StreamCalls } from "./stream/stream_calls.ts";

/** Options of `createClient`. */
export interface ClientOptions extends CoreOptions {
  /**
   * Where the service is: `host:port`, `[ipv6]:port`, `unix:/path`, an `Endpoint`, or a list of these (Kitex's `WithHostPorts`); with
   * `resolver` the name it looks up; with a scheme of `resolvers` in front, `dns:///host:port`, what that one looks up.
   */
  readonly to: string | Endpoint | readonly (string | Endpoint)[];
  /** Finds the instances of the service that `to` names. Default: `to` is an address. */
  readonly resolver?: Resolver | undefined;
  /** Finds the instances for targets that begin with a scheme, by scheme. Default: none. */
  readonly resolvers?: Readonly<Record<string, Resolver>> | undefined;
  /** Chooses an instance for each call where there are several. Default: `weightedRoundRobin()` (Kitex's). */
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
  /** Where connections come from. Default `{ type: "long" }`, of a protocol that streams `{ type: "mux" }`. */
  readonly pool?: PoolOptions | undefined;
  /** Where the connections of `streaming` come from. Default `{ type: "mux" }`. */
  readonly streamPool?: PoolOptions | undefined;
  /** Gives numbers from 0 up to but not including 1; for tests. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Makes a client from parts; nothing is found by itself and nothing is dialled before the first call.
 * Throws an `RpcError` of kind `"invalid"` for a target or option that cannot be used.
 */
export function createClient<C>(service: ServiceSchema<unknown, C>, options: ClientOptions): Client<C> {
  const { protocol, streaming, pool, streamPool, instanceUse, recvTimeoutMs } = options;
  const where = parseDestination(options);
  const connectivity = "address" in where ? undefined : new ConnectivityTable();
  const connections = new Connections(service, options, connectivity);
  const calls = routeOf(connections, protocol, pool);
  const streams = protocol.streams ? calls : streaming?.streams && routeOf(connections, streaming, streamPool);
  const parts: CoreParts = {
    connections,
    calls,
    streams: new StreamCalls(calls, streams || undefined, connections.wheel),
    instanceUse,
    recvTimeoutMs,
    ...("address" in where ? { to: where.address } : {
      destination: (send) => {
        const { balancer = weightedRoundRobin(), random = Math.random } = options;
        const { wheel } = connections;
        return new Destinations({
          ...where,
          balancer,
          wheel,
          host: { clock: wheel, random, connectivity: (endpoint) => connectivity!.of(endpoint) },
          next: send,
          onGone: (endpoint) => {
            connections.leave(endpoint);
            connectivity!.forget(endpoint);
          },
        });
      },
    }),
  };
  return methodsOf(service, new ClientCore(service, options, parts));
}

function routeOf(connections: Connections, protocol: ClientProtocol, pool: PoolOptions | undefined): Route {
  const which = pool ?? { type: protocol.streams ? "mux" : "long" };
  return connections.route(protocol, (host) => createPool(which, host), which.type === "mux");
}
