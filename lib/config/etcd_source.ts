/**
 * Configuration from etcd, under the keys of Kitex's `config-etcd`: `/KitexConfig/{client}/{server}/{category}`, and
 * `/KitexConfig/{server}/limit`.
 *
 * @module
 */
import type { EtcdKv } from "../discovery/etcd/kv.ts";
import type { ConfigSource } from "./source.ts";
import { storedConfig, type StoredConfigOptions } from "./stored_json.ts";

/** Options of `etcdConfig`. */
export interface EtcdConfigOptions extends StoredConfigOptions {}

/**
 * Follows keys of etcd: each is read once and then watched. After a failure it is read again, with waits that grow; what was told
 * last stays meanwhile.
 */
export function etcdConfig(kv: EtcdKv, options: EtcdConfigOptions = {}): ConfigSource {
  return storedConfig("etcd", options, async ({ key, signal, tell, good }) => {
    const { revision, entries } = await kv.range(key, signal);
    if (signal.aborted) return;
    good();
    tell(entries.find((entry) => entry.key === key)?.value);
    for await (const changes of kv.watch(key, revision + 1n, signal)) {
      if (signal.aborted) return;
      good();
      // What begins with the key is told too.
      const own = changes.findLast((change) => change.key === key);
      if (own !== undefined) tell(own.value);
    }
  });
}
