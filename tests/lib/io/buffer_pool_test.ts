import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BufferPool } from "../../../lib/io/buffer_pool.ts";

const KIB = 1024;

describe("BufferPool", () => {
  it("gives the smallest node that is large enough, and exact ones above 64 KiB", () => {
    const pool = new BufferPool();
    const sizes = [0, 1, 4096, 4097, 8192, 8193, 16_384, 16_385, 65_536, 65_537, 1_000_000];
    const expected = [4, 4, 4, 8, 8, 16, 16, 64, 64].map((kib) => kib * KIB);
    assertEquals(sizes.map((size) => pool.takeNode(size).bytes.length), [...expected, 65_537, 1_000_000]);
  });

  it("gives a node again, as good as new", () => {
    const pool = new BufferPool();
    const node = pool.takeNode(10);
    node.end = node.flushed = node.read = 7;
    node.limit = 9;
    pool.giveNode(node);
    const again = pool.takeNode(10);
    assertStrictEquals(again, node);
    assertEquals([again.read, again.flushed, again.end, again.limit, again.refs], [0, 0, 0, 4096, 1]);
    assert(pool.takeNode(10) !== node);
  });

  it("keeps a bounded number of nodes of each size, and none of other sizes", () => {
    const pool = new BufferPool();
    for (
      const [size, kept] of [[4 * KIB, 256], [8 * KIB, 128], [16 * KIB, 64], [64 * KIB, 32], [100 * KIB, 0]] as const
    ) {
      const nodes = Array.from({ length: kept + 10 }, () => pool.takeNode(size));
      for (const node of nodes) pool.giveNode(node);
      const before = new Set(nodes);
      let again = 0;
      while (before.has(pool.takeNode(size))) again++;
      assertEquals(again, kept, `${size}`);
    }
  });

  it("gives scratch again, empty, small and large apart", () => {
    const pool = new BufferPool({ scratchCount: 2 });
    const small = pool.takeScratch();
    const large = pool.takeScratch(8 * KIB + 1);
    assertEquals([small.bytes.length, large.bytes.length], [8 * KIB, 64 * KIB]);
    small.pos = large.pos = 5;
    pool.giveScratch(small);
    pool.giveScratch(large);
    assertStrictEquals(pool.takeScratch(20 * KIB), large);
    assertStrictEquals(pool.takeScratch(100), small);
    assertEquals([small.pos, large.pos], [0, 0]);
    const more = [pool.takeScratch(), pool.takeScratch(), pool.takeScratch()];
    for (const scratch of more) pool.giveScratch(scratch);
    const again = [pool.takeScratch(), pool.takeScratch(), pool.takeScratch()];
    assertEquals(again.filter((scratch) => more.includes(scratch)).length, 2);
  });

  it("lets scratch go that grew out of its size", () => {
    const pool = new BufferPool();
    const grown = pool.takeScratch();
    grown.reserve(10 * KIB);
    pool.giveScratch(grown);
    const huge = pool.takeScratch(10 * KIB);
    huge.reserve(KIB * KIB);
    pool.giveScratch(huge);
    for (const expected of [0, 9 * KIB]) {
      const scratch = pool.takeScratch(expected);
      assert(scratch !== grown && scratch !== huge);
      assert(scratch.bytes.length <= 64 * KIB);
    }
  });

  it("overwrites what is given back when it poisons", () => {
    const pool = new BufferPool({ poison: true });
    const scratch = pool.takeScratch();
    const node = pool.takeNode(1);
    pool.giveScratch(scratch);
    pool.giveNode(node);
    assertEquals([scratch.bytes[0], node.bytes[4095]], [0xdd, 0xdd]);
  });
});
