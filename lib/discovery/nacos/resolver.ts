/**
 * Finds the servers that Kitex's registry-nacos, or `nacosRegistry`, registered in Nacos: asks as often as Nacos says.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { createHint, follow } from "../follow.ts";
import { havingTags, type Instance } from "../instance.ts";
import { fieldOf } from "../json_fields.ts";
import type { Resolver } from "../resolver.ts";
import { DEFAULT_CLUSTER, nacosHttp, type NacosOptions } from "./http.ts";
import { fromHost, groupedName } from "./record.ts";

/** Options of `nacosResolver`. */
export interface NacosResolverOptions extends NacosOptions {
  /**
   * Whether an empty list takes the place of one that was not empty. Default false, as in Nacos' own clients: a Nacos that was
   * restarted knows nobody until the next beats.
   */
  readonly takeEmpty?: boolean | undefined;
  /** Told of instances that are left out because they make no sense, and of every failure. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
}

/** Milliseconds between two questions where Nacos does not say any. */
const REFRESH_MS = 10_000;
/** Bounds of what it may say; the first also where an instance cannot be reached. */
const [MIN_REFRESH_MS, MAX_REFRESH_MS] = [1_000, 60_000];

/**
 * Follows the instances of a service that are healthy, enabled and have a weight. Nacos is asked again after the `cacheMillis` of its
 * answer, more or less a tenth, and after a second when an instance cannot be reached. Instances without all the tags that are asked
 * for are left out. Throws an `RpcError` of kind `"invalid"` for options that cannot be used.
 */
export function nacosResolver(options: NacosResolverOptions): Resolver {
  const { group, cluster = DEFAULT_CLUSTER, takeEmpty = false, onError, random = Math.random } = options;
  const nacos = nacosHttp(options);
  return {
    name: "nacos",
    check: (name) => void groupedName(name, group),
    resolve({ name, tags }, sink, clock) {
      const serviceName = groupedName(name, group);
      const groupName = serviceName.slice(0, serviceName.indexOf("@@"));
      const wanted = havingTags(tags);
      const params = { serviceName, groupName, clusters: cluster === "" ? undefined : cluster, healthyOnly: "true" };
      const hint = createHint();
      let last: string | undefined;

      function failed(error: RpcError): void {
        sink.failed(error);
        onError?.(error);
      }

      function tell(hosts: readonly unknown[]): void {
        const found: Instance[] = [];
        for (const host of hosts) {
          const instance = fromHost(host);
          if (instance instanceof RpcError) onError?.(instance);
          else if (instance !== undefined) found.push(instance);
        }
        if (found.length === 0 && !takeEmpty) {
          return failed(new RpcError("unavailable", `Nacos knows no instance of ${serviceName} that takes calls`));
        }
        const list = found.filter(wanted);
        const text = JSON.stringify(list.map(({ address, weight, tags }) => [address, weight, tags]).sort());
        if (text === last) return;
        last = text;
        sink.update(list);
      }

      const close = follow({
        clock,
        random,
        failed,
        async run(signal, good) {
          while (!signal.aborted) {
            const answer = parse(await nacos({ method: "GET", path: "/v1/ns/instance/list", params, signal }));
            if (signal.aborted) return;
            const hosts = fieldOf(answer, "hosts");
            if (!Array.isArray(hosts)) throw new RpcError("protocol", "Nacos' answer has no list of hosts");
            tell(hosts);
            good();
            await hint.pause(MIN_REFRESH_MS, refreshMs(answer) * (0.9 + random() * 0.2), clock, signal);
          }
        },
      });
      return { refresh: () => hint.give(), close };
    },
  };
}

function refreshMs(answer: unknown): number {
  const asked = fieldOf(answer, "cacheMillis");
  if (typeof asked !== "number" || !(asked > 0)) return REFRESH_MS;
  return Math.min(MAX_REFRESH_MS, Math.max(MIN_REFRESH_MS, asked));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RpcError("protocol", `Nacos' answer is no JSON: ${text.slice(0, 200)}`, { cause });
  }
}
