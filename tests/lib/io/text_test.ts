import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { decodeText, encodeText, readText, writeText } from "../../../lib/io/text.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";

const LENGTHS = [
  0,
  1,
  3,
  4,
  5,
  15,
  16,
  17,
  47,
  48,
  49,
  127,
  255,
  256,
  257,
  1023,
  1024,
  1025,
  5000,
  16384,
  16385,
  50000,
];
const UNITS = ["a", "é", "日", "😀", "a😀é", "\0", "\ufeff"];

describe("text", () => {
  it("of every length and kind is written as TextEncoder writes it, and read back", () => {
    for (const length of LENGTHS) {
      for (const unit of UNITS) {
        const text = unit.repeat(Math.ceil(length / unit.length));
        const bytes = new TextEncoder().encode(text);
        const w = new WriteBuffer(8);
        const end = writeText(w, 0, text, 3);
        assertEquals(end, bytes.length);
        assert(w.bytes.length >= end + 3, "no room for what follows");
        assert(equal(w.bytes.subarray(0, end), bytes));
        assert(equal(encodeText(text), bytes));
        assert(decodeText(w.bytes, 0, end) === text);
        assert(readText(new ReadBuffer().reset(w.bytes, 0, end), 0, end) === text);
      }
    }
  });

  it("mixed late with what is not ASCII is written whole", () => {
    for (const at of [0, 1, 10, 15, 16, 40, 47, 48, 16383, 16384, 20000]) {
      const text = `${"x".repeat(at)}é${"y".repeat(5)}`;
      const w = new WriteBuffer(4);
      w.bytes[0] = 7;
      w.pos = 1;
      const end = writeText(w, 1, text, 0);
      assert(equal(w.bytes.subarray(1, end), new TextEncoder().encode(text)));
      assertEquals(w.bytes[0], 7);
    }
  });

  it("with a lone surrogate gets U+FFFD in its place", () => {
    for (
      const text of ["\ud800", "a\udc00b", `${"x".repeat(60)}\ud83d`, `${"x".repeat(17000)}\ud83d${"y".repeat(9)}`]
    ) {
      const w = new WriteBuffer(4);
      const end = writeText(w, 0, text, 0);
      assertEquals(decodeText(w.bytes, 0, end), text.replace(/\p{Surrogate}/u, "\ufffd"));
    }
  });

  it("that is not UTF-8 is read with U+FFFD, at any length", () => {
    for (const prefix of [0, 3, 100, 300]) {
      const bytes = new Uint8Array(prefix + 1).fill(0x61);
      bytes[prefix] = 0xff;
      const text = "a".repeat(prefix) + "\ufffd";
      assertEquals(decodeText(bytes), text);
      assertEquals(readText(new ReadBuffer().reset(bytes), 0, bytes.length), text);
    }
  });

  it("keeps a byte order mark", () => {
    assertEquals(decodeText(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\ufeffa");
  });
});

describe("many strings of one buffer", () => {
  it("are read from any place in any order", () => {
    const parts = Array.from({ length: 300 }, (_, i) => i % 7 === 0 ? `né ${i}` : `${i} `.repeat(1 + i % 20));
    const bytes = new TextEncoder().encode(parts.join(""));
    const spans: [number, number, string][] = [];
    let at = 0;
    for (const part of parts) {
      const end = at + new TextEncoder().encode(part).length;
      spans.push([at, end, part]);
      at = end;
    }
    const r = new ReadBuffer().reset(bytes);
    for (const list of [spans, [...spans].reverse(), spans.filter((_, i) => i % 50 === 3)]) {
      for (const [start, end, part] of list) assertEquals(readText(r, start, end), part);
    }
  });

  it("are read anew after a reset, though the memory is the same", () => {
    const bytes = new TextEncoder().encode("first and more");
    const r = new ReadBuffer().reset(bytes);
    assertEquals(readText(r, 0, 5), "first");
    bytes.set(new TextEncoder().encode("other"));
    assertEquals(readText(r.reset(bytes), 0, 5), "other");
  });
});

describe("ReadBuffer", () => {
  it("gives a view whose offsets are the indexes of the bytes, wherever they lie", () => {
    const memory = Uint8Array.from({ length: 64 }, (_, i) => i);
    const r = new ReadBuffer();
    for (const offset of [0, 5, 5, 0, 33]) {
      for (const length of [20, 10, 31]) {
        const bytes = memory.subarray(offset, offset + length);
        r.reset(bytes, 1, length - 1);
        assertEquals([r.start, r.pos, r.end], [1, 1, length - 1]);
        assertEquals(r.view.getUint8(7), bytes[7]);
      }
    }
    assertEquals(r.reset(new Uint8Array([9, 8])).view.getUint8(1), 8);
    assertEquals([r.pos, r.end], [0, 2]);
  });

  it("keeps its view for other pieces of the same memory that begin at the same place", () => {
    const memory = new Uint8Array(64);
    const r = new ReadBuffer().reset(memory.subarray(0, 10));
    const { view } = r;
    assert(r.reset(memory.subarray(0, 50)).view === view);
    assert(r.view.byteLength >= 50);
  });
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
