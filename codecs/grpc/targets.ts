/**
 * The targets that gRPC's clients know, for the `resolvers` of a client: `dns:///host:port`, `ipv4:a:1,b:2`, `ipv6:[::1]:1`.
 * Addresses of unix sockets, `unix:/path`, need none.
 *
 * Spec: gRPC's naming.md.
 *
 * @module
 */
import { dnsResolver, type DnsResolverOptions } from "../../lib/discovery/dns.ts";
import type { Resolver } from "../../lib/discovery/resolver.ts";
import { staticResolver } from "../../lib/discovery/static.ts";
import { RpcError } from "../../lib/errors.ts";

/** gRPC's resolvers by the schemes of their targets. */
export function grpcResolvers(options: DnsResolverOptions): Readonly<Record<"dns" | "ipv4" | "ipv6", Resolver>> {
  return { dns: dnsResolver(options), ipv4: addresses("ipv4"), ipv6: addresses("ipv6") };
}

/** Reads the addresses that a target lists. */
function addresses(name: string): Resolver {
  return {
    name,
    resolve(target, sink, clock) {
      const list = target.name.split(",").map((address) => address.trim());
      if (list.includes("")) throw new RpcError("invalid", `target "${name}:${target.name}" lists an empty address`);
      return staticResolver(list).resolve(target, sink, clock);
    },
  };
}
