/**
 * Configuration from ZooKeeper, in the nodes of Kitex's `config-zookeeper`: `/KitexConfig/{client}/{server}/{category}`, and
 * `/KitexConfig/{server}/limit`.
 *
 * @module
 */
import { follow } from "../discovery/follow.ts";
import { followNode } from "../discovery/zookeeper/follow_node.ts";
import type { ZooKeeperNodes } from "../discovery/zookeeper/nodes.ts";
import { type Clock, systemClock } from "../io/clock.ts";
import type { ConfigKey, ConfigSink, ConfigSource } from "./source.ts";
import { KITEX_CONFIG, storedKey, tellingJson } from "./stored_json.ts";

/** Options of `zooKeeperConfig`. */
export interface ZooKeeperConfigOptions {
  /** The node that all are below. Default `/KitexConfig` (Kitex's). */
  readonly prefix?: string | undefined;
  /** Tells the time, for waits between tries. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1, for those waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Follows nodes of ZooKeeper: each is read once and then watched, also while it is not there. After a failure it is read again, with
 * waits that grow; what was told last stays meanwhile.
 */
export function zooKeeperConfig(nodes: ZooKeeperNodes, options: ZooKeeperConfigOptions = {}): ConfigSource {
  const { prefix = KITEX_CONFIG, clock = systemClock, random = Math.random } = options;
  return {
    name: "zookeeper",
    follow(wanted: ConfigKey, sink: ConfigSink): () => void {
      const key = storedKey(prefix, wanted);
      const tell = tellingJson(key, sink);
      return follow({
        clock,
        random,
        failed: (error) => sink.failed(error),
        run: (signal, good) =>
          followNode(nodes, key, signal, (data) => {
            good();
            tell(data);
          }),
      });
    },
  };
}
