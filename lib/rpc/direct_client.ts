/**
 * A client of one address, for small bundles: calls with one answer over a long pool, and nothing else. It is the core of
 * `createClient` without what that adds: streams, resolvers and balancers, other pools.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { parseTarget } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { ServiceSchema } from "../schema/service.ts";
import { ClientCore, type CoreOptions } from "./client_core.ts";
import { type Client, methodsOf } from "./client_methods.ts";
import { Connections } from "./connections.ts";
import { longPool } from "./long_pool.ts";
import type { LongPoolOptions } from "./pool.ts";
import type { ClientProtocol } from "./protocol.ts";

/** Options of `createDirectClient`. */
export interface DirectClientOptions extends CoreOptions {
  /** Where the service is: `host:port`, `[ipv6]:port`, `unix:/path`, or an `Endpoint`. */
  readonly to: string | Endpoint;
  /** What is spoken; one that makes calls with one answer, as `framedClient()`. */
  readonly protocol: ClientProtocol;
  /** How long connections are kept, and how many. Default `{ type: "long" }`. */
  readonly pool?: LongPoolOptions | undefined;
}

/**
 * Makes a client of one address; nothing is dialled before the first call. Methods that stream reject with kind `"unimplemented"`.
 * Throws an `RpcError` of kind `"invalid"` for a target or option that cannot be used, and for a protocol that makes its calls as streams.
 */
export function createDirectClient<C>(service: ServiceSchema<unknown, C>, options: DirectClientOptions): Client<C> {
  const { protocol, pool = { type: "long" } } = options;
  if (protocol.streams && !protocol.sends) {
    throw new RpcError("invalid", `${protocol.name} makes its calls as streams, which only \`createClient\` does`);
  }
  const to = parseTarget(options.to);
  const connections = new Connections(service, options);
  const calls = connections.route(protocol, (host) => longPool(pool, host));
  return methodsOf(service, new ClientCore(service, options, { connections, calls, to }));
}
