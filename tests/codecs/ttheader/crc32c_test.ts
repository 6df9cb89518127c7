import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { crc32c } from "../../../codecs/ttheader/crc32c.ts";

describe("crc32c", () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  it("gives the values of RFC 3720, appendix B.4", () => {
    assertEquals(crc32c(text("123456789")), 0xe3069283);
    assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
    assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  });
  it("takes any stretch of bytes, of any length", () => {
    const bytes = text("xx123456789yy");
    assertEquals(crc32c(bytes, 2, 11), 0xe3069283);
    assertEquals(crc32c(bytes, 3, 3), 0);
  });
});
