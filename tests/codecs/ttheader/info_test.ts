import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { putDecimal, putString } from "../../../codecs/ttheader/info.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";

describe("a number among the info", () => {
  it("is written as its decimal text", () => {
    for (const edge of [1, 10, 100, 1_000, 1_000_000_000, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      for (const value of [edge - 1, edge]) {
        const [number, text] = [new WriteBuffer(4), new WriteBuffer(4)];
        putDecimal(number, value);
        putString(text, `${value}`);
        assertEquals(number.written(), text.written());
      }
    }
  });
});
