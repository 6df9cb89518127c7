/**
 * Puts servers into ZooKeeper as Kitex's registry-zookeeper does, and keeps them there: a node that goes with the session, made anew
 * in the next one.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { type Clock, systemClock } from "../../io/clock.ts";
import { createHint } from "../follow.ts";
import { keep } from "../keep.ts";
import type { Registry } from "../registry.ts";
import type { ZooKeeperNode, ZooKeeperNodes, ZooKeeperWatcher } from "./nodes.ts";
import { toNode } from "./record.ts";

/** Options of `zooKeeperRegistry`. */
export interface ZooKeeperRegistryOptions {
  /** The path that services are below: `/shop`. Default: none (Kitex's). */
  readonly prefix?: string | undefined;
  /** Tells the time. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** How often it is looked whether the node is there, beside the watch. */
const LOOK_MS = 30_000;

/**
 * Registers servers in ZooKeeper. A node that was lost with its session, or that somebody deleted, is made anew as soon as that is
 * known. Close the client of ZooKeeper after the servers.
 */
export function zooKeeperRegistry(nodes: ZooKeeperNodes, options: ZooKeeperRegistryOptions = {}): Registry {
  const { prefix = "", clock = systemClock, random = Math.random } = options;
  return {
    name: "zookeeper",
    async register(info, { signal: giveUp, onError } = {}) {
      const node = toNode(prefix, info);
      const { path } = node;
      const hint = createHint();
      const watcher: ZooKeeperWatcher = { changed: () => hint.give(), lost: () => hint.give() };
      try {
        await enter(nodes, node, giveUp);
      } catch (error) {
        // Maybe it was made and only the answer got lost. Where this fails too, the node goes with the session.
        leave(nodes, path).catch(() => {});
        throw error;
      }
      hint.give(); // the first look is what begins to watch
      const deregister = keep({
        clock,
        random,
        onError,
        hint,
        everyMs: () => LOOK_MS,
        async renew(signal, lost) {
          // One of another session is a newer server's of the same address, or our own of before, which goes soon: the watch tells.
          if (await nodes.owner(path, { watcher, signal }) !== undefined) return;
          await makeParents(nodes, path, signal);
          if (!await nodes.create(node, signal)) return;
          lost(new RpcError("unavailable", `the node ${path} was lost, and made anew`));
        },
        async leave() {
          nodes.unwatch(watcher);
          await leave(nodes, path);
        },
      });
      return { deregister };
    },
  };
}

/** Makes the node. One that is there already, maybe of a server that fell, is taken out first, as Kitex does. */
async function enter(nodes: ZooKeeperNodes, node: ZooKeeperNode, signal: AbortSignal | undefined): Promise<void> {
  await makeParents(nodes, node.path, signal);
  if (await nodes.create(node, signal)) return;
  await nodes.remove(node.path, signal);
  if (await nodes.create(node, signal)) return;
  throw new RpcError("unavailable", `somebody else makes the node ${node.path} too`);
}

/** Takes the node out, if it is still of this session. */
async function leave(nodes: ZooKeeperNodes, path: string): Promise<void> {
  if (await nodes.owner(path) === "us") await nodes.remove(path);
}

async function makeParents(nodes: ZooKeeperNodes, path: string, signal: AbortSignal | undefined): Promise<void> {
  for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1)) {
    await nodes.create({ path: path.slice(0, end), data: "", ephemeral: false }, signal);
  }
}
