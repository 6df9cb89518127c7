import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { walk } from "../../idl/graph.ts";

const EDGES: Readonly<Record<string, readonly string[]>> = {
  a: ["b", "c"],
  b: ["d"],
  c: ["d"],
  d: [],
  e: ["f"],
  f: ["g"],
  g: ["f"],
  h: ["h"],
};

describe("walk", () => {
  it("puts what a node leads to before it, each once", () => {
    assertEquals(walk(["a"], edges), { order: ["d", "b", "c", "a"], cycles: [] });
  });
  it("finds cycles, and goes on", () => {
    assertEquals(walk(["e", "h"], edges), { order: ["g", "f", "e", "h"], cycles: [["f", "g"], ["h"]] });
  });
  it("has no limit on depth", () => {
    const { order } = walk([0], (node) => node < 200_000 ? [node + 1] : []);
    assertEquals(order.length, 200_001);
  });
});

function edges(node: string): readonly string[] {
  return EDGES[node] ?? [];
}
