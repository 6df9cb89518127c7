/**
 * The targets that gRPC's clients know: `dns:///host:port`, `ipv4:a:1,b:2`, `ipv6:[::1]:1`. `grpc()` gives them to its clients;
 * `unix:path`, `unix:/path` and `unix:///path` are addresses that every client knows.
 *
 * Spec: gRPC's naming.md.
 *
 * @module
 */
import { dnsResolver, type DnsResolverOptions } from "../../lib/discovery/dns.ts";
import type { Resolver } from "../../lib/discovery/resolver.ts";
import { staticResolver } from "../../lib/discovery/static.ts";
import { RpcError } from "../../lib/errors.ts";
import { parseTarget } from "../../lib/io/endpoint.ts";
import type { TcpEndpoint } from "../../lib/io/raw.ts";

/** The port of addresses that name none. */
const DEFAULT_PORT = 443;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const IPV6 = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*(?:\d{1,3}(?:\.\d{1,3}){3})?(?:%[\w.-]+)?$/;

/**
 * gRPC's resolvers by the schemes of their targets. `grpc()` has them with the runtime's own `lookup`: make some of your own for
 * the `resolvers` of a client to ask more often, or another way.
 */
export function grpcResolvers(options: DnsResolverOptions): Readonly<Record<"dns" | "ipv4" | "ipv6", Resolver>> {
  return {
    dns: dnsResolver(options),
    ipv4: addresses("ipv4", (host) => IPV4.test(host)),
    ipv6: addresses("ipv6", (host) => IPV6.test(host)),
  };
}

/** Reads the addresses that a target lists. */
function addresses(scheme: string, isOne: (host: string) => boolean): Resolver {
  const read = (name: string): TcpEndpoint[] =>
    name.split(",").map((text) => {
      const bad = (why: string): RpcError => new RpcError("invalid", `target "${scheme}:${name}" ${why}`);
      const address = text.trim();
      if (address === "") throw bad("lists an empty address");
      if (isOne(address)) return { hostname: address, port: DEFAULT_PORT };
      const endpoint = parseTarget(/^\[[^\]]*\]$/.test(address) ? `${address}:${DEFAULT_PORT}` : address);
      if ("path" in endpoint || !isOne(endpoint.hostname)) throw bad(`lists ${address}, which is no ${scheme} address`);
      return endpoint;
    });
  return {
    name: scheme,
    check: (name) => void read(name),
    resolve: (target, sink, clock) => staticResolver(read(target.name)).resolve(target, sink, clock),
  };
}
