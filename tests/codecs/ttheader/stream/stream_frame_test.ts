import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { endFrame } from "../../../../codecs/ttheader/frame.ts";
import {
  beginStreamFrame,
  detectStream,
  frameKeys,
  FrameType,
  StreamFrameReader,
} from "../../../../codecs/ttheader/stream/stream_frame.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { WriteBuffer } from "../../../../lib/io/write_buffer.ts";

/** Frames that Kitex sent. */
const CAPTURED: readonly [what: string, type: number, hex: string][] = [
  [
    "header of a client",
    FrameType.HEADER,
    "0000002a100000020000000100081000010001000369736e00035665631000020009000462696469001b00013200",
  ],
  ["data", FrameType.DATA, "00000026100000020000000100051000100002001b000133000900046269646900000800010000000700"],
  ["header of a server", FrameType.HEADER, "0000001e100000020000000100051000100002001b00013200090004626964690000"],
  ["trailer", FrameType.TRAILER, "0000001e100000020000000100051000100002001b00013400090004626964690000"],
];

const NO_LIMIT = 1 << 24;

describe("StreamFrameReader", () => {
  for (const [what, type, hex] of CAPTURED) {
    it(`reads Kitex's ${what}, and waits at every strict prefix of it`, () => {
      const bytes = fromHex(hex);
      const reader = new StreamFrameReader();
      for (let length = 0; length < bytes.length; length++) {
        assertEquals(reader.read(bytes.subarray(0, length), 0, NO_LIMIT), false);
      }
      assertEquals(reader.read(bytes, 0, NO_LIMIT), true);
      const name = new TextDecoder().decode(bytes.subarray(reader.methodStart, reader.methodEnd));
      assertEquals([reader.type, reader.parts.seqid, reader.parts.end, name], [type, 1, bytes.length, "bidi"]);
    });
  }

  it("gives the strings of a frame", () => {
    const bytes = fromHex(CAPTURED[0]![2]);
    const reader = new StreamFrameReader();
    reader.read(bytes, 0, NO_LIMIT);
    assertEquals(reader.strings(bytes), new Map([["isn", "Vec"]]));
  });

  it("refuses frames without the streaming flag, of other types, of none, and too long ones", () => {
    const wrong: [hex: string, limit: number, text: string][] = [
      [CAPTURED[1]![2].replace("10000002", "10000000"), NO_LIMIT, "flags 0"],
      [CAPTURED[1]![2].replace("001b000133", "001b000136"), NO_LIMIT, "frame type"],
      [CAPTURED[1]![2].replace("001b000133", "001c000133"), NO_LIMIT, "frame type"],
      [CAPTURED[1]![2], 37, "frame of 38 bytes exceeds 37"],
    ];
    for (const [hex, limit, text] of wrong) {
      const error = assertThrows(() => new StreamFrameReader().read(fromHex(hex), 0, limit), RpcError, text);
      assertEquals(error.kind, "protocol");
    }
  });
});

describe("beginStreamFrame", () => {
  it("writes what Kitex's server writes, byte by byte", () => {
    for (const [, type, hex] of CAPTURED.slice(1)) {
      const w = new WriteBuffer(16);
      const start = beginStreamFrame(w, frameKeys("bidi"), type, 1, 0x10);
      if (type === FrameType.DATA) {
        const payload = fromHex("0800010000000700");
        w.reserve(payload.length);
        w.bytes.set(payload, w.pos);
        w.pos += payload.length;
      }
      endFrame(w, start, NO_LIMIT);
      assertEquals(toHex(w.bytes.subarray(0, w.pos)), hex);
    }
  });
});

describe("detectStream", () => {
  it("claims the first bytes of streams, and is undecided about fewer than eight", () => {
    const bytes = fromHex(CAPTURED[0]![2]);
    for (let length = 0; length < 8; length++) assertEquals(detectStream(bytes.subarray(0, length)), null);
    assertEquals(detectStream(bytes), true);
  });

  it("leaves calls over TTHeader, framed and unframed Thrift, and HTTP to others", () => {
    const others = [
      "0000004010000000",
      "000000268001000100000003",
      "8001000100000003",
      "505249202a204854",
      "474554202f",
    ];
    for (const hex of others) assertEquals(detectStream(fromHex(hex)), false, hex);
  });
});

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
