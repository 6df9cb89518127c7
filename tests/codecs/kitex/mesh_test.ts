import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { meshHeader } from "../../../codecs/kitex/mesh.ts";
import { Bindings } from "../../../codecs/message/bindings.ts";
import type { FrameReader } from "../../../codecs/message/framing.ts";
import { bare } from "../../../codecs/thrift/bare.ts";
import { binary } from "../../../codecs/thrift/binary.ts";
import { RpcError } from "../../../lib/errors.ts";
import { bytesOf } from "../ttheader/hex.ts";

const HEADER = "ffaf 0015 0001 000d 5250435f5452414e5349545f61 0002 6262"; // RPC_TRANSIT_a: bb
const CALL = "80010001 00000003 616464 00000007 0a0001 0000000000000002 00";
const HEADER_BYTES = bytesOf(HEADER).length;

function reader(): FrameReader {
  const payload = binary();
  return meshHeader(bare(new Bindings(payload), () => payload.scanner(), 1_000)).reader("call");
}

describe("a message behind a mesh header", () => {
  const both = bytesOf(HEADER + CALL + HEADER.replace("6262", "6363") + CALL);
  const length = both.length / 2;

  it("is found once it is whole, and the next one behind it", () => {
    const frames = reader();
    for (let end = 0; end < length; end++) {
      assertEquals(frames.find(both.subarray(0, end), 0), false);
      assertEquals(frames.need > end, true, `${frames.need} after ${end}`);
    }
    assertEquals(frames.find(both, 0), true);
    assertEquals([frames.start, frames.end], [HEADER_BYTES, length]);
    assertEquals(frames.head.meta?.transient, new Map([["a", "bb"]]));
    assertEquals(frames.find(both, length), true);
    assertEquals([frames.start, frames.end], [length + HEADER_BYTES, 2 * length]);
    assertEquals(frames.head.meta?.transient, new Map([["a", "cc"]]));
  });

  it("has its header read once, however many pieces it comes in", () => {
    const frames = reader();
    const bytes = both.slice(0, length);
    assertEquals(frames.find(bytes.subarray(0, length - 1), 0), false);
    bytes.fill(0xff, 4, HEADER_BYTES); // whoever looks at it again cannot read it
    assertEquals(frames.find(bytes, 0), true);
    assertEquals(frames.head.meta?.transient, new Map([["a", "bb"]]));
  });

  it("is none if a mesh header follows, or its pairs reach past it", () => {
    assertThrows(() => reader().find(bytesOf(HEADER + HEADER + CALL), 0), RpcError, "follows a mesh header");
    assertThrows(
      () => reader().find(bytesOf(`ffaf 0004 0001 00ff ${CALL}`), 0),
      RpcError,
      "the mesh header ends within",
    );
  });
});
