import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BufferPool } from "../../../lib/io/buffer_pool.ts";
import { Carry } from "../../../lib/io/carry.ts";
import { seeded } from "./random.ts";

describe("Carry", () => {
  it("keeps what is appended and not consumed, in one piece", () => {
    const next = seeded(5);
    const carry = new Carry(new BufferPool({ poison: true }));
    let expected: number[] = [];
    for (let step = 0; step < 2000; step++) {
      const piece = Uint8Array.from({ length: next(next(20) === 0 ? 9000 : 40) }, () => next(256));
      const from = next(piece.length + 1);
      carry.append(piece, from, piece.length, carry.length + next(20_000));
      expected.push(...piece.subarray(from));
      assertEquals([...carry.view()], expected);
      const used = next(3) === 0 ? expected.length : next(expected.length + 1);
      carry.consume(used);
      expected = expected.slice(used);
      assertEquals(carry.length, expected.length);
    }
  });

  it("takes memory for what has come, not for what is expected", () => {
    const sizes: number[] = [];
    const pool = new BufferPool();
    const takeNode = pool.takeNode.bind(pool);
    pool.takeNode = (size) => {
      sizes.push(size);
      return takeNode(size);
    };
    const carry = new Carry(pool);
    carry.append(new Uint8Array(10), 0, 10, 2 ** 31);
    assertEquals(sizes, [20]);
  });

  it("copies each byte about twice however small the pieces are", () => {
    const total = 16 * 1024 * 1024;
    let taken = 0;
    const pool = new BufferPool();
    const takeNode = pool.takeNode.bind(pool);
    pool.takeNode = (size) => {
      taken += size;
      return takeNode(size);
    };
    const carry = new Carry(pool);
    const byte = new Uint8Array(1);
    for (let i = 0; i < total; i++) carry.append(byte, 0, 1, total);
    assertEquals(carry.length, total);
    assert(taken <= 2.1 * total, `${taken} bytes of memory were taken`);
  });

  it("owns no memory when it is empty", () => {
    const pool = new BufferPool();
    const carry = new Carry(pool);
    carry.append(new Uint8Array(10), 0, 10, 10);
    const memory = carry.view().buffer;
    carry.consume(10);
    assert(pool.takeNode(1).bytes.buffer === memory);
    assertEquals(carry.view().length, 0);
  });
});
