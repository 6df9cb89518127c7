import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { detectPreface } from "../../../codecs/http2/detect.ts";
import { PREFACE } from "../../../codecs/http2/frame.ts";

describe("detectPreface", () => {
  it("decides by eight bytes and waits for them", () => {
    const claims = PREFACE.map((_, i) => detectPreface(Uint8Array.from(PREFACE.slice(0, i + 1))));
    assertEquals(claims, PREFACE.map((_, i) => i < 7 ? null : true));
  });

  it("refuses what differs, at the first byte that does", () => {
    for (let i = 0; i < 8; i++) {
      const bytes = Uint8Array.from(PREFACE);
      bytes[i]! ^= 0x20;
      assertEquals(detectPreface(bytes.subarray(0, i + 1)), false);
    }
  });
});
