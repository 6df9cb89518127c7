import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pageOf } from "../../../../codecs/grpc/channelz/page.ts";
import { GrpcError } from "../../../../codecs/grpc/status.ts";

const entries = (count: number): { id: number }[] => Array.from({ length: count }, (_, i) => ({ id: 2 * i + 1 }));
const ids = (count: number, start: bigint, max: bigint): [number[], boolean] => {
  const { page, end } = pageOf(entries(count), start, max);
  return [page.map(({ id }) => id), end];
};

describe("pageOf", () => {
  it("begins at an id or above it", () => {
    assertEquals(ids(3, 0n, 0n), [[1, 3, 5], true]);
    assertEquals(ids(3, 3n, 0n), [[3, 5], true]);
    assertEquals(ids(3, 4n, 0n), [[5], true]);
    assertEquals(ids(3, 6n, 0n), [[], true]);
    assertEquals(ids(3, -5n, 0n), [[1, 3, 5], true]);
  });

  it("says whether there are more", () => {
    assertEquals(ids(3, 0n, 2n), [[1, 3], false]);
    assertEquals(ids(3, 0n, 3n), [[1, 3, 5], true]);
    assertEquals(ids(3, 5n, 1n), [[5], true]);
    assertEquals(ids(0, 0n, 1n), [[], true]);
  });

  it("gives at most 100, however many are wanted", () => {
    assertEquals([pageOf(entries(101), 0n, 0n).page.length, pageOf(entries(101), 0n, 1n << 62n).page.length], [
      100,
      100,
    ]);
    assertEquals(pageOf(entries(100), 0n, 0n).end, true);
  });

  it("refuses a negative size", () => {
    assertThrows(() => pageOf([], 0n, -1n), GrpcError, "max_results -1 is negative");
  });
});
