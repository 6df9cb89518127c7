/**
 * Configuration from etcd, under the keys of Kitex's `config-etcd`: `/KitexConfig/{client}/{server}/{category}`, and
 * `/KitexConfig/{server}/limit`.
 *
 * @module
 */
import type { EtcdKv } from "../discovery/etcd/kv.ts";
import { follow } from "../discovery/follow.ts";
import { type Clock, systemClock } from "../io/clock.ts";
import type { ConfigKey, ConfigSink, ConfigSource } from "./source.ts";
import { KITEX_CONFIG, storedKey, tellingJson } from "./stored_json.ts";

/** Options of `etcdConfig`. */
export interface EtcdConfigOptions {
  /** What keys begin with. Default `/KitexConfig` (Kitex's). */
  readonly prefix?: string | undefined;
  /** Tells the time, for waits between tries. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1, for those waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Follows keys of etcd: each is read once and then watched. After a failure it is read again, with waits that grow; what was told
 * last stays meanwhile.
 */
export function etcdConfig(kv: EtcdKv, options: EtcdConfigOptions = {}): ConfigSource {
  const { prefix = KITEX_CONFIG, clock = systemClock, random = Math.random } = options;
  return {
    name: "etcd",
    follow(wanted: ConfigKey, sink: ConfigSink): () => void {
      const key = storedKey(prefix, wanted);
      // All is read again after each failure: only what is new is told.
      const tell = tellingJson(key, sink);
      return follow({
        clock,
        random,
        failed: (error) => sink.failed(error),
        async run(signal, good) {
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
        },
      });
    },
  };
}
