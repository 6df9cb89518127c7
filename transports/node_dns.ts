/**
 * Name servers through `node:dns`, which Deno and Bun have too.
 *
 * @module
 */
import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { RpcError } from "../lib/errors.ts";
import type { Dns, DnsAddress } from "../lib/platform.ts";

/** How long one name server may take, and how often each is asked. */
const QUESTION = { timeout: 2_000, tries: 2 };

/** Asks these name servers, or the system's. Rejections of its methods are of kind `"connect"`, `"invalid"` for servers that are none. */
export function nodeDns(servers?: readonly string[]): Dns {
  const odd = servers?.find((server) => isIP(server.replace(/^\[(.*)\](?::\d+)?$|^([^:]*):\d+$/, "$1$2")) === 0);
  let resolver: Resolver | undefined;

  function ask(): Resolver {
    // Deno would say nothing of it.
    if (odd !== undefined) throw new RpcError("invalid", `the name server "${odd}" is no address`);
    if (resolver === undefined) {
      resolver = new Resolver(QUESTION);
      if (servers !== undefined) resolver.setServers(servers);
    }
    return resolver;
  }

  return {
    async addresses(hostname) {
      if (isIP(hostname) !== 0) return [{ address: hostname, ttlSeconds: undefined }];
      const [four, six] = await Promise.allSettled([
        found(hostname, () => ask().resolve4(hostname, { ttl: true })),
        found(hostname, () => ask().resolve6(hostname, { ttl: true })),
      ]);
      const given = [four, six].flatMap((each) => each.status === "fulfilled" ? each.value : []);
      // Some name servers fail for the one kind of address that a host does not have.
      if (given.length === 0) { for (const each of [four, six]) if (each.status === "rejected") throw each.reason; }
      return given.map(({ address, ttl }): DnsAddress => ({ address, ttlSeconds: ttl }));
    },
    async services(name) {
      const records = await found(name, () => ask().resolveSrv(name));
      return records.map(({ name: target, port, priority, weight }) => ({ target, port, priority, weight }));
    },
  };
}

/** What was found: an empty list for a name that does not exist or has no such record. */
async function found<T>(name: string, ask: () => Promise<T[]>): Promise<T[]> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof RpcError) throw cause;
    const { code, message } = cause as { code?: string; message: string };
    if (code === "ENOTFOUND" || code === "ENODATA") return [];
    throw new RpcError("connect", `cannot resolve ${name}: ${message}`, { cause });
  }
}
