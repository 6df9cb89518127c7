/**
 * One node of ZooKeeper, followed over its changes, its end, and its coming back.
 *
 * @module
 */
import type { RpcError } from "../../errors.ts";
import { flickering, MAX_FLICKERS } from "./errors.ts";
import type { ZooKeeperNodes, ZooKeeperWatcher } from "./nodes.ts";

/**
 * Tells the data of a node, `undefined` while there is none, and again at each change. Resolves when the signal fires; rejects when the
 * node cannot be read or is not heard of any more: begin anew then.
 */
export async function followNode(
  nodes: ZooKeeperNodes,
  path: string,
  signal: AbortSignal,
  tell: (data: string | undefined) => void,
): Promise<void> {
  let isStale = true;
  let lost: RpcError | undefined;
  let wake = (): void => {};
  const watcher: ZooKeeperWatcher = {
    changed() {
      isStale = true;
      wake();
    },
    lost(error) {
      lost = error;
      wake();
    },
  };
  const aborted = (): void => wake();
  signal.addEventListener("abort", aborted);
  try {
    for (let flickers = 0; !signal.aborted;) {
      isStale = false;
      const reading = { watcher, signal };
      const data = await nodes.data(path, reading);
      // Where there is none only its coming can be watched; one that came in between is read at once.
      if (data === undefined && await nodes.owner(path, reading) !== undefined) {
        if (++flickers > MAX_FLICKERS) throw flickering(path);
        continue;
      }
      if (signal.aborted) return;
      flickers = 0;
      tell(data);
      while (!isStale && lost === undefined && !signal.aborted) await new Promise<void>((resolve) => wake = resolve);
      if (lost !== undefined && !signal.aborted) throw lost;
    }
  } finally {
    signal.removeEventListener("abort", aborted);
    nodes.unwatch(watcher);
  }
}
