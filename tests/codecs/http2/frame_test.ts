import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ErrorCode, Http2Error } from "../../../codecs/http2/errors.ts";
import { decodeFrame, Flag, Frame, FRAME_HEADER_BYTES, FrameType } from "../../../codecs/http2/frame.ts";
import {
  beginFrame,
  endHeaders,
  writeBytes,
  writeData,
  writeGoaway,
  writePing,
  writePriority,
  writeRstStream,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from "../../../codecs/http2/frame_writer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { hex, random, toHex } from "./hex.ts";

function written(fn: (w: WriteBuffer) => void): Uint8Array {
  const w = new WriteBuffer(1);
  fn(w);
  return w.written().slice();
}

function decode(text: string | Uint8Array, maxFrameBytes = 16384): Frame {
  const bytes = typeof text === "string" ? hex(text) : text;
  const frame = decodeFrame(bytes, 0, maxFrameBytes, new Frame());
  if (frame === null) throw new Error("incomplete");
  assertEquals(frame.length + FRAME_HEADER_BYTES, bytes.length);
  return frame;
}

function breaks(text: string, code: number): void {
  const error = assertThrows(() => decode(text), Http2Error);
  assertEquals([error.code, error.streamId, error.kind], [code, 0, "protocol"]);
}

const VECTORS: [name: string, bytes: string, write: (w: WriteBuffer) => void][] = [
  ["DATA", "000003000100000005616263", (w) => writeData(w, 5, Flag.END_STREAM, hex("616263"))],
  ["PRIORITY", "0000050200000000038000000110", (w) => writePriority(w, 3, 1, 17, true)],
  ["RST_STREAM", "0000040300000000030000000b", (w) => writeRstStream(w, 3, 11)],
  ["SETTINGS", "00000c040000000000000300000064000400ffffff", (w) => writeSettings(w, [[3, 100], [4, 0xffffff]])],
  ["SETTINGS ACK", "000000040100000000", writeSettingsAck],
  ["PING", "00000806000000000002041010090e0707", (w) => writePing(w, false, hex("02041010090e0707"))],
  ["PING ACK", "00000806010000000002041010090e0707", (w) => writePing(w, true, hex("ff02041010090e0707"), 1)],
  ["GOAWAY", "00000a0700000000007fffffff0000000b6869", (w) => writeGoaway(w, 2 ** 31 - 1, 11, hex("6869"))],
  ["WINDOW_UPDATE", "0000040800000000017fffffff", (w) => writeWindowUpdate(w, 1, 2 ** 31 - 1)],
];

describe("frames", () => {
  for (const [name, bytes, write] of VECTORS) {
    it(`of type ${name} are written octet for octet, and read back`, () => {
      assertEquals(toHex(written(write)), bytes);
      assertStrictEquals(decode(bytes).type, hex(bytes)[3]);
    });
  }

  it("are null for every strict prefix", () => {
    for (const [, text] of VECTORS) {
      const bytes = hex(text);
      for (let cut = 0; cut < bytes.length; cut++) {
        assertEquals(decodeFrame(bytes.subarray(0, cut), 0, 16384, new Frame()), null);
      }
    }
  });

  it("give their fields", () => {
    const data = decode("000003000100000005616263");
    assertEquals([data.streamId, data.start, data.end, data.has(Flag.END_STREAM)], [5, 9, 12, true]);
    const goaway = decode("00000a0700000000007fffffff8000000b6869");
    assertEquals([goaway.otherId, goaway.code, goaway.start, goaway.end], [2 ** 31 - 1, 0x8000000b, 17, 19]);
    assertEquals(decode("00000408000000000180000007").increment, 7);
    assertEquals(decode("000004030000000001ffffffff").code, 0xffffffff);
  });

  it("ignore the reserved bit of stream ids, and types and flags nobody knows", () => {
    assertEquals(decode("00000000c380000001").streamId, 1);
    const odd = decode("000003ffff0000000061 6263");
    assertEquals([odd.type, odd.fault], [255, 0]);
  });

  it("lose their padding and priority", () => {
    const data = decode("000006000800000001026162630000");
    assertEquals([data.start, data.end, data.length], [10, 13, 6]);
    const headers = decode("00000901 2c 00000001 02 80000003 10 82 0000");
    assertEquals([headers.start, headers.end, headers.fault], [15, 16, 0]);
    assertEquals(decode("0000010008 00000001 00").end, 10);
  });

  it("are FRAME_SIZE_ERROR when too long, before their payload is there", () => {
    const header = hex("004001000000000001");
    const error = assertThrows(
      () => decodeFrame(header, 0, 16384, new Frame()),
      Http2Error,
      "16385 octets exceeds 16384",
    );
    assertEquals(error.code, ErrorCode.FRAME_SIZE_ERROR);
    assertEquals(decodeFrame(header, 0, 16385, new Frame()), null);
  });

  it("are FRAME_SIZE_ERROR when their length does not suit their type", () => {
    breaks("000003030000000001000000", ErrorCode.FRAME_SIZE_ERROR);
    breaks("00000504000000000000000000 00", ErrorCode.FRAME_SIZE_ERROR);
    breaks("00000104010000000000", ErrorCode.FRAME_SIZE_ERROR);
    breaks("00000706000000000000000000000000", ErrorCode.FRAME_SIZE_ERROR);
    breaks("00000707000000000000000000000000", ErrorCode.FRAME_SIZE_ERROR);
    breaks("000003080000000001000001", ErrorCode.FRAME_SIZE_ERROR);
    breaks("000000000800000001", ErrorCode.FRAME_SIZE_ERROR);
    breaks("000004012000000001 00000003", ErrorCode.FRAME_SIZE_ERROR);
    breaks("000003050000000001 000000", ErrorCode.FRAME_SIZE_ERROR);
  });

  it("are PROTOCOL_ERROR on a stream where they must not be", () => {
    for (const type of ["00", "01", "05", "09"]) breaks(`000000${type}0000000000`, ErrorCode.PROTOCOL_ERROR);
    breaks("0000050200000000000000000100", ErrorCode.PROTOCOL_ERROR);
    breaks("00000403000000000000000000", ErrorCode.PROTOCOL_ERROR);
    breaks("000000040000000001", ErrorCode.PROTOCOL_ERROR);
    breaks("0000080600000000010000000000000000", ErrorCode.PROTOCOL_ERROR);
    breaks("0000080700000000010000000000000000", ErrorCode.PROTOCOL_ERROR);
  });

  it("are PROTOCOL_ERROR with more padding than payload, or a connection increment of 0", () => {
    breaks("000003000800000001030000", ErrorCode.PROTOCOL_ERROR);
    breaks("000003010800000001030000", ErrorCode.PROTOCOL_ERROR);
    breaks("00000408000000000000000000", ErrorCode.PROTOCOL_ERROR);
  });

  it("say what ends only their stream", () => {
    const found = ["00000408000000000500000000", "0000050200000000050000000500", "000004020000000005 00000001"]
      .map((text) => decode(text).fault);
    assertEquals(found, [ErrorCode.PROTOCOL_ERROR, ErrorCode.PROTOCOL_ERROR, ErrorCode.FRAME_SIZE_ERROR]);
    assertEquals(decode("000006012500000005 0000000500 82").fault, ErrorCode.PROTOCOL_ERROR);
  });
});

describe("endHeaders", () => {
  it("spreads a long block over CONTINUATION frames", () => {
    for (const length of [0, 1, 99, 100, 101, 200, 201, 250, 1000]) {
      const payload = Uint8Array.from({ length }, (_, i) => i & 255);
      const bytes = written((w) => {
        const start = beginFrame(w, FrameType.HEADERS, Flag.END_STREAM, 0x01020305);
        writeBytes(w, payload, 0, length);
        endHeaders(w, start, 100);
      });
      const parts: number[] = [];
      const frame = new Frame();
      let at = 0;
      let count = 0;
      let last = 0;
      while (decodeFrame(bytes, at, 16384, frame) !== null) {
        assertEquals(frame.type, count === 0 ? FrameType.HEADERS : FrameType.CONTINUATION);
        assertEquals(frame.streamId, 0x01020305);
        assertEquals(frame.has(Flag.END_STREAM), count === 0);
        parts.push(...bytes.subarray(frame.start, frame.end));
        last = frame.flags & Flag.END_HEADERS;
        at += 9 + frame.length;
        count++;
      }
      assertEquals([at, last, count], [bytes.length, Flag.END_HEADERS, Math.max(1, Math.ceil(length / 100))]);
      assertEquals(parts, [...payload]);
    }
  });
});

describe("decodeFrame under random octets", () => {
  it("gives a frame within the octets, null or a typed error", () => {
    const next = random(3);
    const frame = new Frame();
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: next(30) }, () => next(256));
      if (bytes.length > 4) bytes.set([0, 0, next(16), next(11)]);
      try {
        const got = decodeFrame(bytes, 0, 16384, frame);
        if (got !== null) assertEquals(got.start >= 9 && got.end <= bytes.length && got.start <= got.end, true);
      } catch (error) {
        assertEquals(error instanceof Http2Error && error.streamId === 0, true, String(error));
      }
    }
  });
});
