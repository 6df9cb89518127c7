import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodePercent, encodePercent } from "../../../codecs/grpc/percent.ts";

describe("encodePercent", () => {
  it("leaves printable ASCII but the per cent sign", () => {
    assertEquals(encodePercent("a ~ b%"), "a ~ b%25");
    assertEquals(encodePercent("\t\n☺😈"), "%09%0A%E2%98%BA%F0%9F%98%88");
  });

  it("gives back what it was given, and the replacement char for half a surrogate pair", () => {
    for (const text of ["", "plain", "%41", "100 %", "\u0000\u007f\u0080é世😈", "%"]) {
      assertEquals(decodePercent(encodePercent(text)), text);
    }
    assertEquals(decodePercent(encodePercent("a\ud800b")), "a\ufffdb");
  });
});

describe("decodePercent", () => {
  it("never fails", () => {
    assertEquals(["%", "%4", "%zz", "%E4x", "a%", "%%41"].map(decodePercent), [
      "%",
      "%4",
      "%zz",
      "\ufffdx",
      "a%",
      "%A",
    ]);
  });
});
