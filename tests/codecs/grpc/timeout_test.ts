import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeTimeout, encodeTimeout } from "../../../codecs/grpc/timeout.ts";

describe("encodeTimeout", () => {
  it("takes the finest unit that has room, as Kitex does", () => {
    const texts = [50, 1_000, 99_999.999, 100_000, 1e12, 0, -1, Number.NaN].map(encodeTimeout);
    assertEquals(texts, ["50000000n", "1000000u", "99999999u", "100000m", "16666667M", "0n", "0n", "0n"]);
  });

  it("never gives less than it was given, and never more than eight digits", () => {
    for (let ms = 0.001; ms < 1e15; ms *= 3.7) {
      const text = encodeTimeout(ms);
      const least = Math.min(ms, 99_999_999 * 3_600_000);
      assertEquals([/^\d{1,8}[numSMH]$/.test(text), decodeTimeout(text)! >= least * (1 - 1e-9)], [true, true], text);
    }
  });
});

describe("decodeTimeout", () => {
  it("reads every unit", () => {
    assertEquals(["1H", "1M", "1S", "1m", "1000u", "1000000n"].map(decodeTimeout), [3_600_000, 60_000, 1_000, 1, 1, 1]);
  });

  it("refuses everything else", () => {
    const bad = ["", "1", "S", "-1S", "+1S", "1.5S", "1s", "123456789n", " 1S", "1S ", "1SS"];
    assertEquals(bad.map(decodeTimeout), bad.map(() => undefined));
  });
});
