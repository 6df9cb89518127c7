import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import * as sizes from "../../../lib/validation/sizes.ts";
import { randomSource } from "../../idl/emit/random_values.ts";

const encoder = new TextEncoder();

describe("sizes", () => {
  it("of strings are those of their UTF-8, also with lone surrogates", () => {
    const random = randomSource(31);
    const units = ["a", "é", "新", "🎉", "\ud83c", "\udf89", "\u0000", "\uffff"];
    for (let i = 0; i < 2_000; i++) {
      const text = Array.from({ length: random(8) }, () => units[random(units.length)]).join("");
      assertEquals(sizes.utf8Size(text), encoder.encode(text).length, JSON.stringify(text));
      assertEquals(sizes.runeCount(text), Array.from(text).length);
      assertEquals(sizes.utf8RuneCount(encoder.encode(text)), Array.from(text).length);
    }
  });
  it("of bytes count each that belongs to no code point, as Go's utf8.RuneCount does", () => {
    const cases: readonly (readonly [number[], number])[] = [
      [[0xff, 0x61], 2],
      [[0xe6, 0x96], 2],
      [[0xe6, 0x96, 0xb0], 1],
      [[0xc0, 0x80], 2],
      [[0xed, 0xa0, 0x80], 3],
      [[0xe0, 0x80, 0x80], 3],
      [[0xf4, 0x90, 0x80, 0x80], 4],
      [[0xf0, 0x9f, 0x8e, 0x89], 1],
      [[0xf0, 0x9f, 0x8e], 3],
    ];
    for (const [list, count] of cases) {
      const bytes = Uint8Array.from(list);
      assertEquals(sizes.utf8RuneCount(bytes), count, String(list));
      const first = sizes.utf8Prefix(bytes, 1);
      assertEquals(sizes.utf8RuneCount(bytes.subarray(0, first)), 1, String(list));
      assertEquals(sizes.utf8RuneCount(bytes.subarray(first)), count - 1, String(list));
      assertEquals([sizes.utf8Prefix(bytes, 0), sizes.utf8Prefix(bytes, count), sizes.utf8Prefix(bytes, 99)], [
        0,
        list.length,
        list.length,
      ]);
    }
  });
  it("parts of bytes are found as in strings", () => {
    const random = randomSource(77);
    for (let i = 0; i < 3_000; i++) {
      const make = (length: number): string => Array.from({ length: random(length) }, () => "ab"[random(2)]).join("");
      const [text, part] = [make(12), make(5)];
      const [whole, piece] = [encoder.encode(text), encoder.encode(part)];
      assertEquals(sizes.includesBytes(whole, piece), text.includes(part), `${part} in ${text}`);
      assertEquals(sizes.startsWithBytes(whole, piece), text.startsWith(part));
      assertEquals(sizes.endsWithBytes(whole, piece), text.endsWith(part));
    }
  });
});
