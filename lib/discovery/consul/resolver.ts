/**
 * Finds the servers that Kitex's registry-consul, or `consulRegistry`, registered in Consul, by blocking queries: an answer comes
 * when the list has changed.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { doubting } from "../doubt.ts";
import { pause } from "../follow.ts";
import { followInstances } from "../follow_instances.ts";
import { havingTags, type Instance } from "../instance.ts";
import type { Resolver } from "../resolver.ts";
import { consulHttp, type ConsulOptions } from "./http.ts";
import { fromEntry } from "./record.ts";

/** Options of `consulResolver`. */
export interface ConsulResolverOptions extends ConsulOptions {
  /** Seconds Consul may keep a query waiting for a change. Default 60. */
  readonly waitSeconds?: number | undefined;
  /** The datacenter that is asked for. Default: the agent's own. */
  readonly datacenter?: string | undefined;
  /** Told of entries that are left out because they make no sense, and of every failure. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
}

/** Least time between two queries, however often the list changes. */
const MIN_BETWEEN_MS = 100;

/**
 * Follows the instances of a service that pass their checks. Instances without all the tags that are asked for are left out.
 * Throws an `RpcError` of kind `"invalid"` for options that cannot be used.
 */
export function consulResolver(options: ConsulResolverOptions): Resolver {
  const { waitSeconds = 60, datacenter, onError, random = Math.random, timeoutMs = 5_000 } = options;
  if (!(Number.isInteger(waitSeconds) && waitSeconds >= 1 && waitSeconds <= 600)) {
    throw new RpcError("invalid", `waitSeconds ${waitSeconds} is not a whole number from 1 to 600`);
  }
  const http = consulHttp(options);
  return {
    name: "consul",
    resolve({ name, tags }, heard, clock) {
      if (name === "") throw new RpcError("invalid", "the service to look for has no name");
      const wanted = havingTags(tags);
      const sink = doubting(heard, clock);
      const path = `/v1/health/service/${encodeURIComponent(name)}?passing=1` +
        (datacenter === undefined ? "" : `&dc=${encodeURIComponent(datacenter)}`);

      function instancesIn(answer: unknown): Instance[] {
        if (!Array.isArray(answer)) throw new RpcError("protocol", "Consul's answer is no list");
        const found: Instance[] = [];
        for (const entry of answer) {
          const instance = fromEntry(entry);
          if (instance instanceof RpcError) onError?.(instance);
          else if (wanted(instance)) found.push(instance);
        }
        return found;
      }

      return followInstances({
        sink,
        onError,
        clock,
        random,
        async run(signal, good) {
          for (let index = 0; !signal.aborted;) {
            const query = index === 0 ? "" : `&index=${index}&wait=${waitSeconds}s`;
            // Consul adds up to a sixteenth to the wait, so that not all queries end at once.
            const longest = timeoutMs + (index === 0 ? 0 : waitSeconds * 1_000 * 17 / 16);
            const { value, headers } = await http.ask(path + query, { signal, timeoutMs: longest });
            if (signal.aborted) return;
            const next = indexIn(headers.get("x-consul-index"));
            if (next !== index) sink.update(instancesIn(value));
            good();
            // An index that went back means another state of things: begin anew.
            index = next < index ? 0 : next;
            await pause(MIN_BETWEEN_MS, clock, signal);
          }
        },
      });
    },
  };
}

/** What the next query waits for a change of; at least 1, since 0 would not wait. */
function indexIn(text: string | null): number {
  if (text === null || !/^\d{1,15}$/.test(text)) {
    throw new RpcError("protocol", `Consul's index "${text ?? ""}" is no number: it cannot be waited for a change`);
  }
  return Math.max(1, Number(text));
}
