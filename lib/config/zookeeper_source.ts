/**
 * Configuration from ZooKeeper, in the nodes of Kitex's `config-zookeeper`: `/KitexConfig/{client}/{server}/{category}`, and
 * `/KitexConfig/{server}/limit`.
 *
 * @module
 */
import { followNode } from "../discovery/zookeeper/follow_node.ts";
import type { ZooKeeperNodes } from "../discovery/zookeeper/nodes.ts";
import type { ConfigSource } from "./source.ts";
import { storedConfig, type StoredConfigOptions } from "./stored_json.ts";

/** Options of `zooKeeperConfig`. */
export interface ZooKeeperConfigOptions extends StoredConfigOptions {}

/**
 * Follows nodes of ZooKeeper: each is read once and then watched, also while it is not there. After a failure it is read again, with
 * waits that grow; what was told last stays meanwhile.
 */
export function zooKeeperConfig(nodes: ZooKeeperNodes, options: ZooKeeperConfigOptions = {}): ConfigSource {
  return storedConfig("zookeeper", options, ({ key, signal, tell, good }) =>
    followNode(nodes, key, signal, (data) => {
      good();
      tell(data);
    }));
}
