import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { capturedBytes, parseHex } from "../../../cli/sniff/captured_bytes.ts";
import { hexdump } from "../../../cli/sniff/print_sniffed.ts";
import { RpcError } from "../../../lib/errors.ts";

const BYTES = Uint8Array.from({ length: 20 }, (_, i) => i * 13);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("captured bytes", () => {
  it("are read from digits in every usual form", () => {
    const forms = [
      "80010001",
      "80 01 00 01",
      "0x80, 0x01, 0x00, 0x01",
      "\\x80\\x01\\x00\\x01",
      "8001\n0001\n",
      "80:01:00:01",
    ];
    for (const form of forms) assertEquals(parseHex(form), new Uint8Array([0x80, 1, 0, 1]), form);
  });

  it("are read from hexdumps", () => {
    const xxd =
      "00000000: 000d 1a27 3441 4e5b 6875 828f 9ca9 b6c3  ...'4AN[hu......\n00000010: d0dd eaf7                                ....\n";
    const dump = "00000000  00 0d 1a 27 34 41 4e 5b  68 75 82 8f 9c a9 b6 c3  |...'4AN[hu......|\n" +
      "00000010  d0 dd ea f7                                       |....|\n00000014\n";
    assertEquals(parseHex(xxd), BYTES);
    assertEquals(parseHex(dump.replaceAll("5b  68", "5b 68")), BYTES);
    assertEquals(parseHex(dump), BYTES);
    assertEquals(parseHex(hexdump(BYTES)), BYTES);
  });

  it("are taken as they are otherwise", () => {
    for (const content of [new Uint8Array([0x80, 1, 0, 1]), text("GET / HTTP/1.1"), text("abc"), text('[1,"add"]')]) {
      assertEquals(capturedBytes(content), content);
    }
    assertEquals(capturedBytes(text("80010001")), new Uint8Array([0x80, 1, 0, 1]));
    assertThrows(() => parseHex("800"), RpcError, "neither hexadecimal digits nor a hexdump");
  });
});
