import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Http2Error } from "../../../../codecs/http2/errors.ts";
import { huffmanLength, maxDecoded, readHuffman, writeHuffman } from "../../../../codecs/http2/hpack/huffman.ts";
import { CODE_BITS, CODES } from "../../../../codecs/http2/hpack/huffman_code.ts";
import { hex, random, toHex } from "../hex.ts";

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(huffmanLength(text) + 1);
  const end = writeHuffman(bytes, 0, text);
  assertEquals(end, bytes.length - 1);
  return bytes.subarray(0, end);
}

function decode(bytes: Uint8Array): string {
  const out = new Uint8Array(maxDecoded(bytes.length));
  const length = readHuffman(bytes, 0, bytes.length, out);
  return String.fromCharCode(...out.subarray(0, length));
}

describe("Huffman coding", () => {
  it("is RFC 7541's code", () => {
    // One of each region of appendix B.
    const some = [
      [0, 0x1ff8, 13],
      [9, 0xffffea, 24],
      [10, 0x3ffffffc, 30],
      [32, 0x14, 6],
      [48, 0, 5],
      [88, 0xfc, 8],
      [
        92,
        0x7fff0,
        19,
      ],
      [116, 0x9, 5],
      [127, 0xffffffc, 28],
      [195, 0x7fff1, 19],
      [249, 0xffffffe, 28],
      [255, 0x3ffffee, 26],
    ];
    for (const [octet, code, bits] of some) assertEquals([CODES[octet!], CODE_BITS[octet!]], [code, bits]);
  });

  it("encodes and decodes the strings of appendix C", () => {
    const vectors: [string, string][] = [
      ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
      ["no-cache", "a8eb10649cbf"],
      ["custom-key", "25a849e95ba97d7f"],
      ["custom-value", "25a849e95bb8e8b4bf"],
      ["302", "6402"],
      ["private", "aec3771a4b"],
      ["Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"],
      ["https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"],
      ["", ""],
    ];
    for (const [text, coded] of vectors) {
      assertEquals(toHex(encode(text)), coded);
      assertEquals(decode(hex(coded)), text);
    }
  });

  it("gives back every octet, and every pair of octets", () => {
    for (let a = 0; a < 256; a++) {
      for (let b = 0; b < 256; b += a % 8 === 0 ? 1 : 17) {
        const text = String.fromCharCode(a, b);
        assertEquals(decode(encode(text)), text);
      }
    }
  });

  it("gives back random strings of rare and common octets", () => {
    const next = random(7);
    for (let round = 0; round < 2000; round++) {
      const rare = round % 3;
      const length = next(40);
      let text = "";
      for (let i = 0; i < length; i++) {
        text += String.fromCharCode(rare === 0 ? next(256) : rare === 1 ? 97 + next(26) : [10, 249, 48, 22][next(4)]!);
      }
      assertEquals(decode(encode(text)), text);
    }
  });

  it("refuses EOS, padding over 7 bits and padding that is not ones", () => {
    for (const bad of ["ff", "ffffffff", "1fff", "f1e3c2e5f23a6ba0ab90f4ffff", "18", "00", "fffffffc", "fffffffffc"]) {
      assertThrows(() => decode(hex(bad)), Http2Error, "COMPRESSION_ERROR");
    }
  });

  it("either decodes random octets to what encodes to them, or throws a typed error", () => {
    const next = random(8);
    let good = 0;
    for (let round = 0; round < 5000; round++) {
      const bytes = Uint8Array.from({ length: 1 + next(8) }, () => next(256));
      let text: string;
      try {
        text = decode(bytes);
      } catch (error) {
        assertEquals(error instanceof Http2Error, true, String(error));
        continue;
      }
      good++;
      assertEquals(toHex(encode(text)), toHex(bytes));
    }
    assertEquals(good > 50, true);
  });
});
