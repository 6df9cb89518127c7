import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { equalBytes, equalLists, equalMaps, equalObjects, equalSets } from "../../../codecs/thrift/equal.ts";

const same = (a: unknown, b: unknown): boolean => a === b;
const sameFirst = (a: readonly number[], b: readonly number[]): boolean => a[0] === b[0];

describe("equality of containers", () => {
  it("compares bytes and lists in order", () => {
    assertEquals(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
    assertEquals(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
    assertEquals(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)), false);
    assertEquals(equalLists([1, 2], [1, 2], same), true);
    assertEquals(equalLists([1, 2], [2, 1], same), false);
    assertEquals(equalLists([1], [1, 2], same), false);
  });
  it("compares sets and maps in any order", () => {
    assertEquals(equalSets(new Set([1, 2]), new Set([2, 1])), true);
    assertEquals(equalSets(new Set([1, 2]), new Set([1, 3])), false);
    assertEquals(equalMaps(new Map([["a", 1], ["b", 2]]), new Map([["b", 2], ["a", 1]]), same), true);
    assertEquals(equalMaps(new Map([["a", 1]]), new Map([["a", 2]]), same), false);
    assertEquals(equalMaps(new Map([["a", undefined]]), new Map([["b", undefined]]), same), false);
  });
  it("matches each object with one other", () => {
    assertEquals(equalSets(new Set([[1], [2]]), new Set([[2], [1]]), sameFirst), true);
    assertEquals(equalSets(new Set([[1], [1]]), new Set([[1], [2]]), sameFirst), false);
    const a = new Map([[[1], "x"], [[2], "y"]]);
    assertEquals(equalMaps(a, new Map([[[2], "y"], [[1], "x"]]), same, sameFirst), true);
    assertEquals(equalMaps(a, new Map([[[2], "x"], [[1], "y"]]), same, sameFirst), false);
  });
  it("compares own properties of objects only", () => {
    assertEquals(equalObjects({ a: 1 }, { a: 1 }, same), true);
    assertEquals(equalObjects<unknown>({ toString: 1 }, { a: 1 }, same), false);
    assertEquals(equalObjects<unknown>({ constructor: Object }, Object.create({ constructor: Object }), same), false);
  });
});
