/**
 * Instances by name: all addresses of a host, asked for again from time to time.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { parseTarget } from "../io/endpoint.ts";
import { createHint, follow } from "./follow.ts";
import { createInstance, type Instance } from "./instance.ts";
import type { Resolver } from "./resolver.ts";

/** Options of `dnsResolver`. */
export interface DnsResolverOptions {
  /** Asks for the addresses of a host: the runtime's `Platform.resolve`. */
  readonly lookup: (hostname: string) => Promise<readonly string[]>;
  /** The port of names that have none. Default 443 (gRPC's and Kitex's). */
  readonly defaultPort?: number | undefined;
  /** Milliseconds after which a name is asked for again, more or less a tenth. Default 30,000. */
  readonly refreshMs?: number | undefined;
  /** Least milliseconds between two questions, also when instances cannot be reached. Default 5,000. */
  readonly minIntervalMs?: number | undefined;
  /** Told of every failure. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Follows the addresses of a host, `host`, `host:port` or `[ipv6]:port`; `//server/` in front, as in gRPC's `dns://server/host`, may be
 * there without a server (`dns:///host:port`). The list is told when it changed. Runtimes do not tell how long an answer is valid, so
 * names are asked for again after `refreshMs`, and sooner when an instance cannot be reached.
 */
export function dnsResolver(options: DnsResolverOptions): Resolver {
  const { lookup, defaultPort = 443, refreshMs = 30_000, minIntervalMs = 5_000, onError } = options;
  const random = options.random ?? Math.random;
  return {
    name: "dns",
    check: (name) => void parseName(name, defaultPort),
    resolve({ name }, sink, clock) {
      const { hostname, port } = parseName(name, defaultPort);
      let last = "";
      let known: ReadonlyMap<string, Instance> = new Map();
      const hint = createHint();
      const close = follow({
        clock,
        random,
        failed(error) {
          sink.failed(error);
          onError?.(error);
        },
        async run(signal, good) {
          const found = await lookup(hostname);
          if (found.length === 0) throw new RpcError("unavailable", `${hostname} has no address`);
          if (signal.aborted) return;
          good();
          const list = [...new Set(found)].sort();
          if (list.join(" ") !== last) {
            last = list.join(" ");
            known = new Map(list.map((address) => {
              return [address, known.get(address) ?? createInstance({ address: { hostname: address, port } })];
            }));
            sink.update([...known.values()]);
          }
          await hint.pause(minIntervalMs, refreshMs * (0.9 + random() * 0.2), clock, signal);
        },
      });
      return { refresh: () => hint.give(), close };
    },
  };
}

function parseName(name: string, defaultPort: number): { hostname: string; port: number } {
  const given = /^\/\/([^/]*)\/(.*)$/.exec(name);
  if (given !== null && given[1] !== "") {
    const text = `target "dns:${name}" names the server ${given[1]}, which cannot be asked: write dns:///${given[2]}`;
    throw new RpcError("invalid", text);
  }
  const text = given === null ? name : given[2]!;
  const hasPort = /^\[[^\]]*\]:|^[^:]*:[^:]*$/.test(text);
  const bare = text.includes(":") && !text.startsWith("[") ? `[${text}]` : text;
  const endpoint = parseTarget(hasPort ? text : `${bare}:${defaultPort}`);
  if ("path" in endpoint) throw new RpcError("invalid", `dns:${name} is no host`);
  return endpoint;
}
