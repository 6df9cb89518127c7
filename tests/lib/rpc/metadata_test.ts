import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Metadata } from "../../../lib/rpc/metadata.ts";

describe("Metadata", () => {
  it("begins with the pairs given, also those named like every object's own", () => {
    const meta = new Metadata({ transient: { a: "1", constructor: "2" }, persistent: JSON.parse('{"__proto__":"3"}') });
    assertEquals([...meta.transient], [["a", "1"], ["constructor", "2"]]);
    assertEquals([...meta.persistent], [["__proto__", "3"]]);
    assertEquals([...meta.backward], []);
  });

  it("gives the same map each time", () => {
    const meta = new Metadata();
    meta.backward.set("k", "v");
    assertStrictEquals(meta.backward, meta.backward);
    assertEquals(meta.backward.get("k"), "v");
  });
});
