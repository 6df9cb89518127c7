/**
 * Finds the servers that Kitex's registry-etcd, or `etcdRegistry`, put into etcd: reads the list once, then watches.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { doubting } from "../doubt.ts";
import { followInstances } from "../follow_instances.ts";
import { havingTags, type Instance } from "../instance.ts";
import type { Resolver } from "../resolver.ts";
import type { EtcdKv } from "./kv.ts";
import { ETCD_PREFIX, fromRecord, servicePrefix } from "./record.ts";

/** Options of `etcdResolver`. */
export interface EtcdResolverOptions {
  /** What keys begin with. Default `kitex/registry-etcd` (Kitex's). */
  readonly prefix?: string | undefined;
  /** Told of entries that are left out because they make no sense, and of every failure. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Follows the instances of a service in etcd. A change is known as soon as etcd tells it; after a failure all is read again, with
 * waits that grow. Instances without all the tags that are asked for are left out.
 */
export function etcdResolver(kv: EtcdKv, options: EtcdResolverOptions = {}): Resolver {
  const { prefix = ETCD_PREFIX, onError, random = Math.random } = options;
  return {
    name: "etcd",
    check: (name) => void servicePrefix(prefix, name),
    resolve({ name, tags }, heard, clock) {
      const below = servicePrefix(prefix, name);
      const wanted = havingTags(tags);
      const sink = doubting(heard, clock);
      const found = new Map<string, Instance>();

      function apply(key: string, value: string | undefined): void {
        const instance = value === undefined ? undefined : fromRecord({ key, value });
        if (instance instanceof RpcError) onError?.(instance);
        if (instance === undefined || instance instanceof RpcError) found.delete(key);
        else found.set(key, instance);
      }

      function tell(): void {
        sink.update([...found.values()].filter(wanted));
      }

      return followInstances({
        sink,
        onError,
        clock,
        random,
        async run(signal, good) {
          const { revision, entries } = await kv.range(below, signal);
          if (signal.aborted) return;
          found.clear();
          for (const { key, value } of entries) apply(key, value);
          good();
          tell();
          for await (const changes of kv.watch(below, revision + 1n, signal)) {
            for (const { key, value } of changes) apply(key, value);
            good();
            if (!signal.aborted) tell();
          }
        },
      });
    },
  };
}
