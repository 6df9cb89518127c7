import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../lib/errors.ts";
import { gzip } from "../../transports/gzip.ts";

function found() {
  const compressor = gzip();
  assert(compressor !== undefined, "this runtime has a zlib");
  return compressor;
}

function kindOf(run: () => unknown): string {
  return assertThrows(run, RpcError).kind;
}

describe("gzip", () => {
  it("gives back what it was given, up to the limit exactly", () => {
    const { compress, decompress, name } = found();
    assertEquals(name, "gzip");
    for (const size of [0, 1, 1_000, 100_000]) {
      const bytes = new Uint8Array(size).fill(7);
      assertEquals(Uint8Array.from(decompress(compress(bytes), size)), bytes);
    }
  });

  it("stops at the limit, however much would come out", () => {
    const { compress, decompress } = found();
    const bomb = compress(new Uint8Array(20_000_000));
    assert(bomb.length < 50_000);
    assertEquals(kindOf(() => decompress(bomb, 100_000)), "overload");
    assertEquals(kindOf(() => decompress(bomb, 19_999_999)), "overload");
    // The last four octets say how much comes out: one that understates it is stopped all the same.
    bomb.set([1, 0, 0, 0], bomb.length - 4);
    assertEquals(kindOf(() => decompress(bomb, 100_000)), "overload");
  });

  it("refuses what is no gzip, or not all of it", () => {
    const { compress, decompress } = found();
    const whole = compress(new Uint8Array(100));
    assertEquals(kindOf(() => decompress(Uint8Array.of(1, 2, 3), 100)), "protocol");
    for (let end = 0; end < whole.length; end++) {
      assertEquals(kindOf(() => decompress(whole.subarray(0, end), 100)), "protocol");
    }
    // It says that it is larger than allowed, and is not.
    whole.set([101, 0, 0, 0], whole.length - 4);
    assertEquals(kindOf(() => decompress(whole, 100)), "protocol");
  });
});
