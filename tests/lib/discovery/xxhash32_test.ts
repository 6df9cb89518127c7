import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createTextHash, hashBytes } from "../../../lib/discovery/xxhash32.ts";

describe("xxhash32", () => {
  const hash = createTextHash();

  it("gives the published values of XXH32", () => {
    assertEquals(hash(""), 0x02cc5d05);
    assertEquals(hash("", 0x9e3779b1), 0x36b78ae7);
    assertEquals(hash("a"), 0x550d7456);
    assertEquals(hash("abc"), 0x32d153ff);
    assertEquals(hash("Nobody inspects the spammish repetition"), 0xe2293b2f);
  });

  it("hashes the UTF-8 bytes of a text, of any length", () => {
    const encoder = new TextEncoder();
    for (const text of ["ä", "日本語", "x".repeat(255), "x".repeat(256), "x".repeat(257), "x".repeat(300) + "é"]) {
      assertEquals(hash(text, 42), hashBytes(encoder.encode(text), 42));
    }
  });
});
