/**
 * Finds the servers that Kitex's registry-zookeeper, or `zooKeeperRegistry`, put into ZooKeeper: reads the list once, then watches it
 * and each of its nodes.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { doubting } from "../doubt.ts";
import { followInstances } from "../follow_instances.ts";
import { havingTags, type Instance } from "../instance.ts";
import type { Resolver } from "../resolver.ts";
import type { ZooKeeperNodes, ZooKeeperWatcher } from "./nodes.ts";
import { fromNode, servicePath } from "./record.ts";

/** Options of `zooKeeperResolver`. */
export interface ZooKeeperResolverOptions {
  /** The path that services are below: `/shop`. Default: none (Kitex's). */
  readonly prefix?: string | undefined;
  /** Told of nodes that are left out because they make no sense, and of every failure. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Nodes that are read at once. */
const AT_ONCE = 64;

/**
 * Follows the instances of a service in ZooKeeper. A change is known as soon as ZooKeeper tells it; when the connection is gone, all
 * is read again over the next one. Instances without all the tags that are asked for are left out.
 */
export function zooKeeperResolver(nodes: ZooKeeperNodes, options: ZooKeeperResolverOptions = {}): Resolver {
  const { prefix = "", onError, random = Math.random } = options;
  return {
    name: "zookeeper",
    check: (name) => void servicePath(prefix, name),
    resolve({ name, tags }, heard, clock) {
      const path = servicePath(prefix, name);
      const wanted = havingTags(tags);
      const sink = doubting(heard, clock);
      return followInstances({
        sink,
        onError,
        clock,
        random,
        async run(signal, good) {
          const reading = new Reading(nodes, path, signal, onError);
          try {
            while (!signal.aborted) {
              await reading.refresh();
              if (signal.aborted) return;
              good();
              sink.update([...reading.found.values()].filter(wanted));
              await reading.change();
            }
          } finally {
            reading.end();
          }
        },
      });
    },
  };
}

/** The nodes of a service as they were read, and which of them are to be read again. */
class Reading implements ZooKeeperWatcher {
  /** Instances by the names of their nodes. */
  readonly found: Map<string, Instance> = new Map();
  readonly #nodes: ZooKeeperNodes;
  readonly #path: string;
  readonly #signal: AbortSignal;
  readonly #onError: ((error: RpcError) => void) | undefined;
  /** Names that were read, also of nodes that are none of servers. */
  readonly #known = new Set<string>();
  readonly #stale = new Set<string>();
  #isListStale = true;
  #lost: RpcError | undefined;
  #wake = (): void => {};
  readonly #onAbort = (): void => this.#wake();

  constructor(
    nodes: ZooKeeperNodes,
    path: string,
    signal: AbortSignal,
    onError: ((error: RpcError) => void) | undefined,
  ) {
    this.#nodes = nodes;
    this.#path = path;
    this.#signal = signal;
    this.#onError = onError;
    signal.addEventListener("abort", this.#onAbort);
  }

  changed(path: string): void {
    if (path === this.#path) this.#isListStale = true;
    else this.#stale.add(path.slice(this.#path.length + 1));
    this.#wake();
  }

  lost(error: RpcError): void {
    this.#lost = error;
    this.#wake();
  }

  /** Reads what is stale. */
  async refresh(): Promise<void> {
    if (this.#isListStale) {
      this.#isListStale = false;
      const names = new Set(await this.#nodes.children(this.#path, { watcher: this, signal: this.#signal }));
      for (const name of this.#known) if (!names.has(name)) this.#drop(name);
      for (const name of names) if (!this.#known.has(name)) this.#stale.add(name);
    }
    const stale = [...this.#stale];
    this.#stale.clear();
    for (let at = 0; at < stale.length; at += AT_ONCE) {
      await Promise.all(stale.slice(at, at + AT_ONCE).map((name) => this.#read(name)));
    }
  }

  /** Resolves when something is stale, or the signal fired; rejects when nothing is heard any more. */
  async change(): Promise<void> {
    while (!this.#isListStale && this.#stale.size === 0 && this.#lost === undefined && !this.#signal.aborted) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#lost !== undefined && !this.#signal.aborted) throw this.#lost;
  }

  /** Watches nothing any more. */
  end(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#nodes.unwatch(this);
  }

  async #read(name: string): Promise<void> {
    const instance = await this.#instance(name);
    if (instance === undefined) return this.#drop(name);
    this.#known.add(name);
    if (instance instanceof RpcError) {
      this.found.delete(name);
      this.#onError?.(instance);
    } else this.found.set(name, instance);
  }

  async #instance(name: string): Promise<Instance | undefined | RpcError> {
    try {
      const data = await this.#nodes.data(`${this.#path}/${name}`, { watcher: this, signal: this.#signal });
      return data === undefined ? undefined : fromNode(name, data);
    } catch (error) {
      // One that may not be read is none to call; the others may be.
      if (error instanceof RpcError && error.kind === "forbidden") return error;
      throw error;
    }
  }

  #drop(name: string): void {
    this.#known.delete(name);
    this.found.delete(name);
  }
}
