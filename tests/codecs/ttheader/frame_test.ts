import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeFrame, encodeFrame, type FrameInit } from "../../../codecs/ttheader/frame.ts";
import { RpcError } from "../../../lib/errors.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { seeded } from "../../lib/io/random.ts";
import { bytesOf, hexOf } from "./hex.ts";

/** A call that a real Kitex client sent. */
const CALL =
  "00000061 1000 0000 0000000e 000f 0000 01 0001 0003 69736e 0003 566563 10 0006 0003 0003 636c69 0014 0000" +
  "0006 0003 737663 0009 0003 616464 0016 0001 31 0001 0008 756e6672616d6564 |" +
  "80010001 00000003 616464 0000000e 0c0001 080001 00000007 00 00";

function encoded(init: FrameInit): Uint8Array {
  const w = new WriteBuffer(8);
  encodeFrame(w, init);
  return w.written().slice();
}

describe("a TTHeader frame", () => {
  it("of a Kitex client is read whole", () => {
    const frame = decodeFrame(bytesOf(CALL));
    assert(frame !== null);
    assertEquals(frame.strings, new Map([["isn", "Vec"]]));
    assertEquals(
      frame.ints,
      new Map([[3, "cli"], [20, ""], [6, "svc"], [9, "add"], [22, "1"], [1, "unframed"]]),
    );
    assertEquals(hexOf(frame.payload), hexOf(bytesOf(CALL)).slice(-54));
  });

  it("cut off anywhere is not there yet", () => {
    const bytes = bytesOf(CALL);
    for (let length = 0; length < bytes.length; length++) assertEquals(decodeFrame(bytes.subarray(0, length)), null);
  });

  it("round trips whatever it holds", () => {
    const below = seeded(11);
    const text = (): string => Array.from({ length: below(40) }, () => "aZ_-é世"[below(6)]!).join("");
    for (let i = 0; i < 500; i++) {
      const init = {
        flags: below(0x10000),
        seqid: below(2 ** 32) | 0,
        protocolId: [0, 3, 4, 16, 17][below(5)]!,
        strings: new Map(Array.from({ length: below(5) }, () => [text(), text()] as const)),
        ints: new Map(Array.from({ length: below(5) }, () => [below(0x10000), text()] as const)),
        payload: Uint8Array.from({ length: below(100) }, () => below(256)),
      };
      const frame = decodeFrame(encoded(init));
      assert(frame !== null);
      for (const key of ["flags", "seqid", "protocolId", "strings", "ints", "payload"] as const) {
        assertEquals(frame[key], init[key]);
      }
    }
  });

  const refused: readonly [what: string, hex: string, text: string][] = [
    ["of another magic", "0000000e 1001 0000 00000001 0001 00 00 0000", "magic 0x1001"],
    ["without a header", "0000000e 1000 0000 00000001 0000 00 00 0000", "header size 0"],
    ["whose header reaches past it", "0000000e 1000 0000 00000001 0002 00 00 0000", "reaches past its frame"],
    ["of an unknown protocol id", "0000000e 1000 0000 00000001 0001 02 00 0000", "protocol id 2"],
    ["whose transforms reach past the header", "0000000e 1000 0000 00000001 0001 00 05 0000", "5 transforms"],
    ["with an unknown block", "0000000e 1000 0000 00000001 0001 00 00 2200", "info block type 0x22"],
    [
      "whose count reaches past the header",
      "00000012 1000 0000 00000001 0002 00 00 10 ffff 000000",
      "within the entry",
    ],
    [
      "whose string reaches past the header",
      "00000012 1000 0000 00000001 0002 00 00 11 00ff 000000",
      "within the entry",
    ],
    ["over the limit", "7fffffff 1000 0000 00000001 0001 00 00 0000", "exceeds 16777216"],
  ];
  for (const [what, hex, text] of refused) {
    it(`${what} is refused`, () => {
      const error = assertThrows(() => decodeFrame(bytesOf(hex)), RpcError);
      assertEquals(error.kind, "protocol");
      assertStringIncludes(error.message, text);
    });
  }

  it("takes the last of equal keys, empty blocks and transforms", () => {
    const twice = encoded({ ints: new Map([[9, "a"]]) });
    const frame = decodeFrame(
      bytesOf("0000001e 1000 0000 00000001 0005 00 02 0103 10 0000 10 0002 0009 0001 61 0009 0001 62 00"),
    );
    assertEquals(frame?.ints, new Map([[9, "b"]]));
    assertEquals(decodeFrame(twice)?.ints, new Map([[9, "a"]]));
  });

  it("cannot hold strings or headers that are too long", () => {
    const long = "x".repeat(65_536);
    assertStringIncludes(assertThrows(() => encoded({ strings: new Map([["k", long]]) }), RpcError).message, "65535");
    const many = new Map(Array.from({ length: 5 }, (_, i) => [`k${i}`, long.slice(1)]));
    assertStringIncludes(assertThrows(() => encoded({ strings: many }), RpcError).message, "exceeds 262140");
  });
});
