import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../../lib/errors.ts";
import { MAX_FLICKERS } from "../../../../lib/discovery/zookeeper/errors.ts";
import { followNode } from "../../../../lib/discovery/zookeeper/follow_node.ts";
import type { ZooKeeperNodes } from "../../../../lib/discovery/zookeeper/nodes.ts";

/** Nodes that are there whenever that is asked; what they hold is read `reads` times. */
function flickering(data: (reads: number) => string | undefined): ZooKeeperNodes & { readonly reads: number } {
  let reads = 0;
  const never = (): Promise<never> => Promise.reject(new Error("not to be called"));
  return {
    get reads() {
      return reads;
    },
    children: never,
    create: never,
    remove: never,
    data: () => Promise.resolve(data(++reads)),
    owner: () => Promise.resolve("other" as const),
    unwatch() {},
  };
}

describe("followNode", () => {
  it("reads a node at once that came between two questions", async () => {
    const nodes = flickering((reads) => reads === MAX_FLICKERS ? "data" : undefined);
    const controller = new AbortController();
    const told: (string | undefined)[] = [];
    await followNode(nodes, "/a", controller.signal, (data) => {
      told.push(data);
      controller.abort();
    });
    assertEquals([told, nodes.reads], [["data"], MAX_FLICKERS]);
  });

  it("gives up a node that is said to be there and not to be there, instead of asking for ever", async () => {
    const nodes = flickering(() => undefined);
    const following = followNode(nodes, "/a", new AbortController().signal, () => {});
    assertEquals((await assertRejects(() => following, RpcError)).kind, "unavailable");
    assertEquals(nodes.reads, MAX_FLICKERS + 1);
  });
});
