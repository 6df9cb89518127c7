/**
 * Instances by name: all addresses of a host, or the servers of a service's SRV records, asked for again from time to time.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { parseTarget } from "../io/endpoint.ts";
import type { DnsAddress, DnsService } from "../platform.ts";
import { createHint, within } from "./follow.ts";
import { followInstances } from "./follow_instances.ts";
import { createInstance, type Instance } from "./instance.ts";
import type { Resolver } from "./resolver.ts";
import { type SrvServer, srvServers } from "./srv.ts";

/** Options of `dnsResolver`. */
export interface DnsResolverOptions {
  /**
   * Asks for the addresses of a host: the runtime's `Platform.resolve`, which knows the hosts file, or `Platform.dns().addresses`,
   * which knows how long an answer holds.
   */
  readonly lookup: (hostname: string) => Promise<readonly (string | DnsAddress)[]>;
  /** Asks for SRV records: `Platform.dns().services`. Default: names of services cannot be looked for. */
  readonly services?: ((name: string) => Promise<readonly DnsService[]>) | undefined;
  /** The port of host names that have none. Default 443 (gRPC's and Kitex's). */
  readonly defaultPort?: number | undefined;
  /** Milliseconds after which a name is asked for again, more or less a tenth; sooner where an answer holds less long. Default 30,000. */
  readonly refreshMs?: number | undefined;
  /** Least milliseconds between two questions, also when instances cannot be reached. Default 5,000. */
  readonly minIntervalMs?: number | undefined;
  /** Milliseconds until a question is given up. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Told of every failure. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A name of SRV records: `_service._proto.name`. */
const SERVICE = /^_[^.]+\._[^.]+\../;

/**
 * Follows the addresses of a host, `host`, `host:port` or `[ipv6]:port`, or the servers of a service, `_service._proto.name`, of the
 * lowest priority that has any. `//server/` in front, as in gRPC's `dns://server/host`, may be there without a server
 * (`dns:///host:port`). The list is told when it changed. Names are asked for again after `refreshMs`, or after the least time that
 * the addresses of an answer hold, and sooner when an instance cannot be reached.
 */
export function dnsResolver(options: DnsResolverOptions): Resolver {
  const { lookup, services, defaultPort = 443, onError } = options;
  const { refreshMs = 30_000, minIntervalMs = 5_000, timeoutMs = 10_000 } = options;
  const random = options.random ?? Math.random;

  async function addresses(hostname: string): Promise<DnsAddress[]> {
    const found = await lookup(hostname);
    return found.map((each) => typeof each === "string" ? { address: each, ttlSeconds: undefined } : each);
  }

  /** What asks for the servers of a name. */
  function question(name: string): () => Promise<readonly SrvServer[]> {
    const text = withoutAuthority(name);
    if (SERVICE.test(text)) {
      if (services === undefined) {
        throw new RpcError("invalid", `dns:${name} is a service: its records need the option services`);
      }
      return async () => await srvServers(text, await services(text), addresses);
    }
    const { hostname, port } = parseHost(name, text, defaultPort);
    return async () => {
      const found = await addresses(hostname);
      if (found.length === 0) throw new RpcError("unavailable", `${hostname} has no address`);
      return found.map((each) => ({ ...each, port, weight: undefined }));
    };
  }

  return {
    name: "dns",
    check: (name) => void question(name),
    resolve({ name }, sink, clock) {
      const ask = question(name);
      const hint = createHint();
      let last = "";
      let known: ReadonlyMap<string, Instance> = new Map();

      function tell(servers: readonly SrvServer[]): void {
        const list = new Map<string, Instance>();
        for (const { address: hostname, port, weight } of servers) {
          const made = createInstance({ address: { hostname, port }, weight });
          const old = known.get(made.address);
          // Named twice it is one server all the same.
          if (!list.has(made.address)) list.set(made.address, old?.weight === made.weight ? old : made);
        }
        // Name servers turn the order of an answer round each time.
        const sorted = [...list.values()].sort((a, b) => a.address < b.address ? -1 : 1);
        const text = sorted.map(({ address, weight }) => `${address} ${weight}`).join();
        if (text === last) return;
        last = text;
        known = list;
        sink.update(sorted);
      }

      return followInstances({
        sink,
        onError,
        clock,
        random,
        refresh: () => hint.give(),
        async run(signal, good) {
          const servers = await within(ask(), { what: "DNS", ms: timeoutMs, clock, signal });
          good();
          tell(servers);
          const holdsMs = servers.map(({ ttlSeconds }) => (ttlSeconds ?? Infinity) * 1_000);
          const waitMs = Math.min(refreshMs, ...holdsMs) * (0.9 + random() * 0.2);
          await hint.pause(minIntervalMs, waitMs, clock, signal);
        },
      });
    },
  };
}

function withoutAuthority(name: string): string {
  const given = /^\/\/([^/]*)\/(.*)$/.exec(name);
  if (given === null) return name;
  if (given[1] !== "") {
    const text = `target "dns:${name}" names the server ${given[1]}, which cannot be asked: write dns:///${given[2]}`;
    throw new RpcError("invalid", text);
  }
  return given[2]!;
}

function parseHost(name: string, text: string, defaultPort: number): { hostname: string; port: number } {
  const hasPort = /^\[[^\]]*\]:|^[^:]*:[^:]*$/.test(text);
  const bare = text.includes(":") && !text.startsWith("[") ? `[${text}]` : text;
  const endpoint = parseTarget(hasPort ? text : `${bare}:${defaultPort}`);
  if ("path" in endpoint) throw new RpcError("invalid", `dns:${name} is no host`);
  return endpoint;
}
