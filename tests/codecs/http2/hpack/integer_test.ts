import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Http2Error } from "../../../../codecs/http2/errors.ts";
import { readInteger, writeInteger } from "../../../../codecs/http2/hpack/integer.ts";
import { hex, toHex } from "../hex.ts";

function read(text: string, max: number): number {
  const bytes = hex(text);
  const at = { bytes, pos: 0, end: bytes.length };
  const value = readInteger(at, max);
  assertEquals(at.pos, bytes.length);
  return value;
}

describe("HPACK integers", () => {
  it("are those of RFC 7541 appendix C.1", () => {
    for (const [max, value, text] of [[31, 10, "0a"], [31, 1337, "1f9a0a"], [255, 42, "2a"]] as const) {
      const bytes = new Uint8Array(8);
      assertEquals(toHex(bytes.subarray(0, writeInteger(bytes, 0, max, 0, value))), text);
      assertEquals(read(text, max), value);
    }
  });

  it("come back with every prefix at every edge", () => {
    const bytes = new Uint8Array(8);
    for (const max of [15, 31, 63, 127]) {
      for (const value of [0, 1, max - 1, max, max + 1, max + 127, max + 128, 16383, 16384, 2 ** 21, 2 ** 28 - 1]) {
        const end = writeInteger(bytes, 0, max, 0, value);
        const at = { bytes, pos: 0, end };
        assertEquals(readInteger(at, max), value);
        assertEquals(at.pos, end);
      }
    }
  });

  it("are refused when they do not end, go on for too long, or hide zeros", () => {
    for (const bad of ["", "1f", "1f80", "1fffffffff", "1fffffffff7f", "1f8080808000"]) {
      assertThrows(() => read(bad, 31), Http2Error, "COMPRESSION_ERROR");
    }
    assertEquals(read("1f80808000", 31), 31);
  });
});
