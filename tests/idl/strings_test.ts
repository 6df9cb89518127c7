import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { LiteralNode } from "../../idl/ast.ts";
import { bytesToText, decodeBytes, decodeText } from "../../idl/strings.ts";

describe("decodeText", () => {
  it("takes the escapes of Go", () => {
    assertEquals(decodeText(literal(String.raw`\a\b\f\n\r\t\v\\\'\"`)), "\x07\b\f\n\r\t\v\\'\"");
    assertEquals(decodeText(literal(String.raw`\x41\101\u65b0\U0001F600`)), "AA新😀");
    assertEquals(decodeText(literal("plain\n新")), "plain\n新");
  });
  it("joins bytes to UTF-8", () => {
    assertEquals(decodeText(literal(String.raw`\xe6\x96\xb0!\346\226\260`)), "新!新");
    assertEquals(decodeText(literal(String.raw`a\xff`)), {
      message: "the bytes of this string are not UTF-8",
      start: 10,
      end: 17,
    });
  });
  it("points at an escape that there is not", () => {
    for (
      const [raw, text] of [["ab\\q", "\\q"], ["ab\\x4", "\\x"], ["ab\\ud800", "\\ud800"], [
        "ab\\U00110000",
        "\\U00110000",
      ], ["ab\\777", "\\777"]]
    ) {
      const problem = decodeText(literal(raw ?? ""));
      assertEquals(problem, { message: `unknown escape ${text}`, start: 13, end: 13 + (text?.length ?? 0) });
    }
  });
});

describe("decodeBytes", () => {
  it("gives bytes as they are, and text as UTF-8", () => {
    assertEquals(decodeBytes(literal(String.raw`a\x00\xff新`)), Uint8Array.of(97, 0, 255, 0xe6, 0x96, 0xb0));
    assertEquals(decodeBytes(literal("")), new Uint8Array(0));
  });
});

describe("bytesToText", () => {
  it("gives nothing for what is no UTF-8", () => {
    assertEquals(bytesToText(Uint8Array.of(0xef, 0xbb, 0xbf, 65)), "\ufeffA");
    assertEquals(bytesToText(Uint8Array.of(0xc0, 0x80)), undefined);
  });
});

/** A literal at offset 10, with its opening quote there. */
function literal(raw: string): LiteralNode {
  return { kind: "literal", raw, quote: '"', start: 10, end: 12 + raw.length };
}
