import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { maskList, maskMap, maskObject, maskSet } from "../../../codecs/thrift/mask.ts";

const times = (value: number, mask: number): number => value * mask;

describe("masks of containers", () => {
  it("keep the named positions and keys, in order", () => {
    assertEquals(maskList([1, 2, 3], { only: [2, 0, 9] }, times), [1, 3]);
    assertEquals([...maskMap(new Map([["a", 1], ["b", 2]]), { only: ["b", "c"] }, times)], [["b", 2]]);
    assertEquals(Object.entries(maskObject({ a: 1, b: 2 }, { only: ["a"] }, times)), [["a", 1]]);
  });
  it("keep of each part what its mask says", () => {
    assertEquals(maskList([1, 2, 3], { only: [1], each: 10 }, times), [20]);
    assertEquals([...maskSet(new Set([1, 2]), { each: 10 }, times)], [10, 20]);
    assertEquals([...maskMap(new Map([["a", 1]]), { each: 10 }, times)], [["a", 10]]);
  });
  it("are new containers, without prototype where decoded ones have none", () => {
    const list = [1];
    assertEquals(maskList(list, {}, times) === list, false);
    const object = maskObject(Object.assign(Object.create(null), JSON.parse('{"__proto__":1}')), {}, times);
    assertEquals([Object.getPrototypeOf(object), Object.keys(object)], [null, ["__proto__"]]);
  });
});
