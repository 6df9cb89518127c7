/**
 * What of ZooKeeper discovery uses, whatever it is spoken over.
 *
 * @module
 */
import type { RpcError } from "../../errors.ts";

/** Hears of nodes that it was given to, each time until it was told once. Told by the same object it is told once. */
export interface ZooKeeperWatcher {
  /** The children or the data of a node are others, or it came, or it is gone: read again. Must not throw. */
  changed(path: string): void;
  /** Nothing more is heard of any node, since the connection is gone: read all again. Must not throw. */
  lost(error: RpcError): void;
}

/** How a node is read. */
export interface ZooKeeperReading {
  /** Hears of the next change of what was read; also of a node that is not there yet, where the method says so. */
  readonly watcher?: ZooKeeperWatcher | undefined;
  /** Gives up waiting for the answer. */
  readonly signal?: AbortSignal | undefined;
}

/** What a new node is. */
export interface ZooKeeperNode {
  /** Where it is: `/a/b`. */
  readonly path: string;
  /** Its data. */
  readonly data: string;
  /** True if it goes with the session that makes it. */
  readonly ephemeral: boolean;
}

/** The nodes of a ZooKeeper. All methods reject with an `RpcError`, of kind `"canceled"` when the signal fires. */
export interface ZooKeeperNodes {
  /** Names of the nodes directly below one. `undefined` if there is none: the watcher then hears when it comes. */
  children(path: string, reading?: ZooKeeperReading): Promise<readonly string[] | undefined>;
  /** The data of a node. `undefined` if there is none: nothing is watched then. */
  data(path: string, reading?: ZooKeeperReading): Promise<string | undefined>;
  /**
   * Whose a node is: this session's, or somebody else's (or nobody's, if it is one that stays). `undefined` if there is none: the
   * watcher then hears when it comes.
   */
  owner(path: string, reading?: ZooKeeperReading): Promise<"us" | "other" | undefined>;
  /** Makes a node below one that is there: false if it is there already. */
  create(node: ZooKeeperNode, signal?: AbortSignal): Promise<boolean>;
  /** Takes a node out that has none below: false if it is not there. */
  remove(path: string, signal?: AbortSignal): Promise<boolean>;
  /** Tells a watcher nothing more. */
  unwatch(watcher: ZooKeeperWatcher): void;
}
