import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { BufferPool } from "../../../lib/io/buffer_pool.ts";
import { LinkBuffer } from "../../../lib/io/link_buffer.ts";
import { seeded } from "./random.ts";

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const run = (n: number, from = 0): Uint8Array => Uint8Array.from({ length: n }, (_, i) => from + i);
/** Pieces so large that each is a node of its own. */
function threeNodes(): LinkBuffer {
  const buffer = new LinkBuffer();
  for (const from of [0, 100, 200]) {
    const piece = new Uint8Array(5000).fill(from);
    piece[4999] = from + 1;
    buffer.feed(piece, true);
  }
  return buffer;
}
const text = (b: LinkBuffer): string => b.readString(b.len);

describe("LinkBuffer, reading", () => {
  it("hands out bytes of one node without copying", () => {
    const chunk = run(600);
    const buffer = new LinkBuffer();
    buffer.feed(chunk, true);
    const first = buffer.next(10);
    assert(first.buffer === chunk.buffer);
    assertEquals(first, run(10));
    assertEquals(buffer.len, 590);
  });

  it("copies a borrowed chunk", () => {
    const chunk = run(600);
    const buffer = new LinkBuffer();
    buffer.feed(chunk, false);
    chunk.fill(0);
    assertEquals(buffer.next(3), bytes(0, 1, 2));
  });

  it("does not keep a large memory alive for a small owned chunk of it", () => {
    const large = new Uint8Array(64 * 1024);
    const buffer = new LinkBuffer();
    buffer.feed(large.subarray(0, 300), true);
    assert(buffer.next(300).buffer !== large.buffer);
  });

  it("joins what lies in several nodes", () => {
    const buffer = threeNodes();
    buffer.skip(4998);
    assertEquals(buffer.peek(4), bytes(0, 1, 100, 100));
    assertEquals(buffer.next(4), bytes(0, 1, 100, 100));
    assertEquals(
      buffer.next(4998 + 5000).subarray(4996),
      new Uint8Array([100, 101, ...buffer.peek(0), ...pieceOf(200)]),
    );
    assertEquals(buffer.len, 0);
  });

  it("peeks longer and longer without consuming", () => {
    const buffer = threeNodes();
    const whole = buffer.peek(15_000).slice();
    buffer.skip(1);
    for (const n of [1, 4998, 4999, 5000, 5001, 9999, 10_000, 14_999]) {
      assertEquals(buffer.peek(n), whole.subarray(1, 1 + n));
    }
    assertEquals(buffer.peek(3), whole.subarray(1, 4));
    assertEquals(buffer.len, 14_999);
  });

  it("refuses to read more than there is, and stays as it was", () => {
    const buffer = new LinkBuffer();
    buffer.feed(bytes(1, 2, 3), false);
    for (const read of ["next", "peek", "skip", "readBinary", "readString", "slice"] as const) {
      assertEquals(assertThrows(() => buffer[read](4), RpcError).kind, "invalid");
    }
    assertEquals(buffer.next(3), bytes(1, 2, 3));
    assertThrows(() => buffer.readByte(), RpcError);
  });

  it("gives nothing for zero or less", () => {
    const buffer = new LinkBuffer();
    assertEquals(buffer.next(0).length, 0);
    assertEquals(buffer.peek(-1).length, 0);
    assertEquals(buffer.readString(0), "");
    assertEquals(buffer.readBinary(-5).length, 0);
    assertEquals(buffer.slice(0).len, 0);
    buffer.skip(0);
    assertEquals(buffer.malloc(0).length, 0);
    assertEquals(buffer.len, 0);
  });

  it("finds a byte across nodes, from any offset", () => {
    const buffer = threeNodes();
    buffer.skip(10);
    assertEquals(buffer.indexOf(1), 4989);
    assertEquals(buffer.indexOf(1, 4989), 4989);
    assertEquals(buffer.indexOf(1, 4990), -1);
    assertEquals(buffer.indexOf(201, 4990), 14_989);
    assertEquals(buffer.indexOf(100), 4990);
    assertEquals(buffer.indexOf(7), -1);
  });

  it("reads text that is cut in the middle of a character", () => {
    const encoded = new TextEncoder().encode("grüße 🚀");
    const buffer = new LinkBuffer();
    for (const byte of encoded) buffer.feed(bytes(byte), true);
    assertEquals(buffer.readString(encoded.length), "grüße 🚀");
  });

  it("gives a binary that is the caller's own", () => {
    const chunk = run(600);
    const buffer = new LinkBuffer();
    buffer.feed(chunk, true);
    const own = buffer.readBinary(4);
    own[0] = 99;
    assertEquals(chunk[0], 0);
  });
});

describe("LinkBuffer, slices and memory", () => {
  it("keeps a slice valid when the parent is released and its memory used again", () => {
    const pool = new BufferPool({ poison: true });
    const buffer = new LinkBuffer(pool);
    buffer.feed(run(200), false);
    buffer.skip(10);
    const slice = buffer.slice(50);
    buffer.skip(140);
    buffer.release();
    for (let i = 0; i < 4; i++) pool.takeNode(4096).bytes.fill(0xee);
    assertEquals(slice.len, 50);
    assertEquals(slice.next(50), run(50, 10));
    slice.release();
  });

  it("slices over several nodes without copying", () => {
    const buffer = threeNodes();
    buffer.skip(4999);
    const slice = buffer.slice(5002);
    buffer.release();
    assertEquals([slice.readByte(), slice.readByte()], [1, 100]);
    slice.skip(4998);
    assertEquals([slice.readByte(), slice.readByte()], [101, 200]);
    assertEquals(slice.len, 0);
    assertEquals(buffer.len, 4999);
  });

  it("gives a block back once buffer and slices have released it, and only once", () => {
    const pool = new BufferPool();
    const mine = pool.takeNode(4096);
    pool.giveNode(mine);
    const buffer = new LinkBuffer(pool);
    buffer.feed(run(100), false);
    const a = buffer.slice(40);
    const b = buffer.slice(60);
    buffer.release();
    a.release();
    a.skip(40);
    a.release();
    assert(pool.takeNode(4096) !== mine);
    b.skip(60);
    b.release();
    assert(pool.takeNode(4096) === mine);
    assert(pool.takeNode(4096) !== mine);
  });

  it("owns no memory when it is empty and released", () => {
    const pool = new BufferPool();
    const buffer = new LinkBuffer(pool);
    buffer.feed(run(100), false);
    const block = buffer.next(100).buffer;
    buffer.release();
    assert(pool.takeNode(4096).bytes.buffer === block);
  });

  it("poisons what was handed out once it is released", () => {
    const buffer = new LinkBuffer(new BufferPool({ poison: true }));
    buffer.feed(run(100), false);
    const view = buffer.next(100);
    buffer.release();
    assertEquals(view[0], 0xdd);
  });

  it("keeps what is not consumed across release", () => {
    const buffer = threeNodes();
    buffer.next(7000);
    buffer.release();
    assertEquals(buffer.len, 8000);
    assertEquals(buffer.readByte(), 100);
  });
});

describe("LinkBuffer, writing", () => {
  it("makes nothing readable before flush", () => {
    const buffer = new LinkBuffer();
    buffer.malloc(3).set([1, 2, 3]);
    buffer.writeByte(4);
    assertEquals([buffer.len, buffer.mallocLen], [0, 4]);
    buffer.flush();
    assertEquals([buffer.len, buffer.mallocLen], [4, 0]);
    assertEquals(buffer.next(4), bytes(1, 2, 3, 4));
  });

  it("lets a length be filled in afterwards, however much was written since", () => {
    const buffer = new LinkBuffer();
    const length = buffer.malloc(4);
    for (let i = 0; i < 100; i++) buffer.writeBinary(run(1000));
    new DataView(length.buffer, length.byteOffset).setUint32(0, 100_000);
    buffer.flush();
    assertEquals(buffer.next(4), bytes(0, 1, 0x86, 0xa0));
    assertEquals(buffer.len, 100_000);
  });

  it("links payloads above 4096 bytes and copies up to that", () => {
    const buffer = new LinkBuffer();
    const small = new Uint8Array(4096).fill(1);
    const large = new Uint8Array(4097).fill(1);
    buffer.writeBinary(small);
    buffer.writeBinary(large);
    buffer.flush();
    small[0] = 9;
    large[0] = 9;
    assertEquals(buffer.next(4096)[0], 1);
    const view = buffer.next(4097);
    assert(view.buffer === large.buffer);
    assertEquals(view[0], 9);
  });

  it("puts a payload in the middle: malloc(a + b), writeDirect(p, b)", () => {
    for (const payload of [run(3, 50), new Uint8Array(9000).fill(50)]) {
      for (const remain of [0, 1, 5, 8]) {
        const buffer = new LinkBuffer();
        buffer.writeByte(77);
        buffer.flush();
        buffer.malloc(8).set(run(8));
        buffer.writeDirect(payload, remain);
        buffer.writeByte(99);
        buffer.flush();
        const cut = 8 - remain;
        const expected = [77, ...run(cut), ...payload, ...run(remain, cut), 99];
        assertEquals([...buffer.readBinary(buffer.len)], expected);
      }
    }
  });

  it("puts several payloads into one reservation, from the back to the front or the other way round", () => {
    for (const order of [[2, 6], [6, 2]]) {
      const buffer = new LinkBuffer();
      buffer.malloc(8).set(run(8));
      // `remain` counts what was malloc'ed and what was put behind the place.
      buffer.writeDirect(bytes(90), order[0]!);
      buffer.writeDirect(bytes(91), order[1]! + (order[1]! > order[0]! ? 1 : 0));
      buffer.flush();
      const expected = order[0] === 2 ? [0, 1, 91, 2, 3, 4, 5, 90, 6, 7] : [0, 1, 90, 2, 3, 4, 5, 91, 6, 7];
      assertEquals([...buffer.readBinary(buffer.len)], expected);
    }
  });

  it("finds the place for writeDirect over several nodes", () => {
    const buffer = new LinkBuffer();
    buffer.malloc(4096).fill(1);
    buffer.malloc(5000).fill(2);
    buffer.malloc(3).fill(3);
    buffer.writeDirect(bytes(9), 5010);
    buffer.flush();
    const all = buffer.readBinary(buffer.len);
    assertEquals(all.indexOf(9), 4096 + 5000 + 3 - 5010);
    assertEquals(all.length, 9100);
  });

  it("keeps the first bytes of a batch with mallocAck", () => {
    for (const keep of [0, 1, 4, 4096, 4097, 6000, 10_000]) {
      const buffer = new LinkBuffer();
      buffer.writeString("old");
      buffer.flush();
      buffer.malloc(4096).fill(1);
      buffer.writeBinary(new Uint8Array(5904).fill(2));
      buffer.mallocAck(keep);
      assertEquals(buffer.mallocLen, keep);
      buffer.writeString("end");
      buffer.flush();
      assertEquals(buffer.readString(3), "old");
      const kept = buffer.readBinary(keep);
      assertEquals(kept.lastIndexOf(1), Math.min(keep, 4096) - 1);
      assertEquals(kept.indexOf(2), keep > 4096 ? 4096 : -1);
      assertEquals(text(buffer), "end");
    }
  });

  it("never writes into linked memory, not even after mallocAck cut it", () => {
    const foreign = new Uint8Array(5000).fill(7);
    const buffer = new LinkBuffer();
    buffer.writeBinary(foreign);
    buffer.mallocAck(10);
    buffer.writeString("behind");
    const parent = new LinkBuffer();
    parent.feed(run(100), false);
    buffer.append(parent.slice(50));
    buffer.mallocAck(16 + 5);
    buffer.writeString("more");
    buffer.flush();
    assertEquals(foreign.every((b) => b === 7), true);
    assertEquals([...parent.next(50)], [...run(50, 50)]);
    assertEquals(buffer.readBinary(10), foreign.subarray(0, 10));
    assertEquals(buffer.readString(6), "behind");
    assertEquals(buffer.readBinary(5), run(5));
    assertEquals(text(buffer), "more");
  });

  it("appends another buffer without copying, read part left out, and leaves it empty", () => {
    const large = new Uint8Array(5000).fill(8);
    const other = new LinkBuffer();
    other.writeString("gone");
    other.writeString("kept");
    other.flush();
    other.skip(4);
    other.writeBinary(large);
    const buffer = new LinkBuffer();
    buffer.writeString("first ");
    buffer.append(other);
    assertEquals([other.len, other.mallocLen], [0, 0]);
    assertEquals(buffer.mallocLen, 6 + 4 + 5000);
    assertEquals(buffer.len, 0);
    buffer.writeString(" last");
    buffer.flush();
    assertEquals(buffer.readString(10), "first kept");
    assert(buffer.next(5000).buffer === large.buffer);
    assertEquals(text(buffer), " last");
    other.writeString("again");
    other.flush();
    assertEquals(text(other), "again");
  });

  it("appends to an empty buffer and from an empty one, and not to itself", () => {
    const buffer = new LinkBuffer();
    buffer.append(new LinkBuffer());
    assertEquals(buffer.mallocLen, 0);
    const other = new LinkBuffer();
    other.writeString("x");
    buffer.append(other);
    buffer.flush();
    assertEquals(text(buffer), "x");
    assertThrows(() => buffer.append(buffer), RpcError);
  });

  it("reserves without counting and commits what was used", () => {
    const buffer = new LinkBuffer();
    buffer.reserve(100).set([1, 2, 3]);
    assertEquals(buffer.mallocLen, 0);
    buffer.commit(2);
    buffer.reserve(10).set([5]);
    buffer.commit(1);
    buffer.reserve(10).set([6]);
    buffer.commit(0);
    buffer.flush();
    assertEquals([...buffer.readBinary(3)], [1, 2, 5]);
    assertThrows(() => buffer.commit(1_000_000), RpcError);
    assertThrows(() => buffer.commit(-1), RpcError);
  });

  it("writes text of any length as UTF-8", () => {
    for (const s of ["", "a", "grüße 🚀", "é".repeat(4096), "🚀".repeat(5000)]) {
      const buffer = new LinkBuffer();
      const n = buffer.writeString(s);
      buffer.flush();
      assertEquals(n, new TextEncoder().encode(s).length);
      assertEquals(text(buffer), s);
    }
  });

  it("says what is wrong with impossible arguments", () => {
    const buffer = new LinkBuffer();
    buffer.malloc(3);
    assertThrows(() => buffer.mallocAck(4), RpcError, "mallocAck of 4 bytes with 3 written");
    assertThrows(() => buffer.writeDirect(bytes(1), 4), RpcError, "before the last 4 bytes with 3 written");
    assertThrows(() => buffer.next(1), RpcError, "read of 1 bytes exceeds the 0 there are");
  });
});

describe("LinkBuffer against plain arrays", () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`does the same as an array in 4000 random steps (seed ${seed})`, () => randomSteps(seed, 4000));
  }
});

/** Every operation on a buffer and on two arrays of numbers: what is readable, and what is written and not flushed. */
function randomSteps(seed: number, steps: number): void {
  const next = seeded(seed * 7919);
  const pool = new BufferPool({ poison: true });
  const buffer = new LinkBuffer(pool);
  let readable: number[] = [];
  let written: number[] = [];
  const slices: { slice: LinkBuffer; expected: number[] }[] = [];
  let views: { view: Uint8Array; expected: number[] }[] = [];
  let value = 0;
  const size = (): number => [next(5), next(300), next(6000), 4000 + next(200)][next(4)]!;
  const fresh = (n: number): Uint8Array => {
    const piece = new Uint8Array(n);
    for (let i = 0; i < n; i++) piece[i] = value++ & 0xff;
    return piece;
  };
  const take = (n: number): number[] => readable.splice(0, n);
  const operations: (() => void)[] = [
    () => {
      const piece = fresh(size());
      buffer.malloc(piece.length).set(piece);
      written.push(...piece);
    },
    () => {
      const piece = fresh(size());
      buffer.writeBinary(piece);
      written.push(...piece);
    },
    () => {
      const piece = fresh(next(100));
      buffer.reserve(200).set(piece);
      buffer.commit(piece.length);
      written.push(...piece);
    },
    () => {
      const piece = fresh(size());
      const remain = next(written.length + 1);
      buffer.writeDirect(piece, remain);
      written.splice(written.length - remain, 0, ...piece);
    },
    () => {
      const keep = written.length - next(Math.min(written.length, 3000) + 1);
      buffer.mallocAck(keep);
      written.length = keep;
    },
    () => {
      const other = new LinkBuffer(pool);
      const pieces = [fresh(size()), fresh(size()), fresh(size())];
      other.writeBinary(pieces[0]!);
      other.flush();
      const gone = next(pieces[0]!.length + 1);
      other.skip(gone);
      other.writeBinary(pieces[1]!);
      other.malloc(pieces[2]!.length).set(pieces[2]!);
      buffer.append(other);
      written.push(...pieces[0]!.subarray(gone), ...pieces[1]!, ...pieces[2]!);
    },
    () => {
      if (slices.length === 0) return;
      const [{ slice, expected }] = slices.splice(next(slices.length), 1) as [typeof slices[0]];
      buffer.append(slice);
      written.push(...expected);
    },
    () => {
      buffer.flush();
      readable = readable.concat(written);
      written = [];
    },
    () => {
      if (written.length > 0) return;
      const piece = fresh(size());
      const owned = next(2) === 0;
      buffer.feed(piece, owned);
      readable.push(...piece);
      if (!owned) piece.fill(0xdd);
    },
    () => {
      const n = Math.min(size(), readable.length);
      views.push({ view: buffer.next(n), expected: take(n) });
    },
    () => {
      const n = Math.min(size(), readable.length);
      views.push({ view: buffer.peek(n), expected: readable.slice(0, n) });
    },
    () => {
      const n = Math.min(size(), readable.length);
      buffer.skip(n);
      take(n);
    },
    () => {
      const n = Math.min(size(), readable.length);
      assertEquals([...buffer.readBinary(n)], take(n));
    },
    () => {
      const n = Math.min(size(), readable.length);
      slices.push({ slice: buffer.slice(n), expected: take(n) });
    },
    () => {
      const byte = next(256);
      const from = next(readable.length + 2);
      assertEquals(buffer.indexOf(byte, from), readable.indexOf(byte, from));
    },
    () => {
      if (slices.length === 0) return;
      const [{ slice, expected }] = slices.splice(next(slices.length), 1) as [typeof slices[0]];
      assertEquals([...slice.next(slice.len)], expected);
      slice.release();
    },
    () => {
      for (const { view, expected } of views) assertEquals([...view], expected);
      views = [];
      buffer.release();
    },
  ];
  for (let step = 0; step < steps; step++) {
    operations[next(operations.length)]!();
    assertEquals([buffer.len, buffer.mallocLen], [readable.length, written.length], `step ${step}`);
    if (readable.length + written.length > 60_000) {
      buffer.mallocAck(0);
      written = [];
      buffer.skip(readable.length);
      readable = [];
    }
  }
  for (const { view, expected } of views) assertEquals([...view], expected);
  for (const { slice, expected } of slices) assertEquals([...slice.readBinary(slice.len)], expected);
  buffer.flush();
  assertEquals([...buffer.readBinary(buffer.len)], readable.concat(written));
}

function pieceOf(from: number): Uint8Array {
  const piece = new Uint8Array(5000).fill(from);
  piece[4999] = from + 1;
  return piece;
}
