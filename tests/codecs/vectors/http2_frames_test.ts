/**
 * The frames of Kitex's conversations over gRPC, read by our codec: the same lines as golang.org/x/net makes of them, and the
 * same bytes when they are written again.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { errorName } from "../../../codecs/http2/errors.ts";
import {
  decodeFrame,
  Flag,
  Frame,
  FRAME_HEADER_BYTES,
  FrameType,
  MAX_FRAME_BYTES,
} from "../../../codecs/http2/frame.ts";
import { beginFrame, endFrame } from "../../../codecs/http2/frame_writer.ts";
import { HpackDecoder } from "../../../codecs/http2/hpack/decoder.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { hex, toHex } from "../http2/hex.ts";
import { http2Connections } from "./conversations.ts";
import { linesOf } from "./vectors.ts";

const PREFACE_BYTES = 24;
const SETTINGS: Readonly<Record<number, string>> = { 4: "INITIAL_WINDOW_SIZE", 5: "MAX_FRAME_SIZE" };

describe("frames of Kitex over gRPC", () => {
  const expected = linesOf("http2_frames.txt");
  let at = 0;
  for (const { name, pieces } of http2Connections()) {
    const lines = linesOfConnection(pieces);
    const theirs = expected.slice(at, at + lines.length);
    at += lines.length;
    it(`of ${name} are read`, () => assertEquals(lines, theirs));
    it(`of ${name} are written again`, () => {
      for (const [, piece] of pieces) assertEquals(again(hex(piece)), piece);
    });
  }
  it("are all there", () => assertEquals(at, expected.length));
});

function linesOfConnection(pieces: readonly (readonly ["C" | "S", string])[]): string[] {
  const decoders = { C: new HpackDecoder({ maxListBytes: 4096 }), S: new HpackDecoder({ maxListBytes: 4096 }) };
  const lines: string[] = [];
  for (const [from, piece] of pieces) {
    const bytes = hex(piece);
    if (hasPreface(bytes)) lines.push(`${from}> PREFACE`);
    eachFrame(
      bytes,
      (frame) =>
        lines.push(...shown(bytes, frame, decoders[from]).map((line, i) => i === 0 ? `${from}> ${line}` : line)),
    );
  }
  return lines;
}

function shown(bytes: Uint8Array, frame: Frame, decoder: HpackDecoder): string[] {
  const { type, flags, streamId, start, end } = frame;
  switch (type) {
    case FrameType.HEADERS:
      return [
        `HEADERS ${flags} ${streamId} <nil>`,
        ...[...decoder.decode(bytes, start, end)].map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`),
      ];
    case FrameType.DATA:
      return [`DATA flags ${flags} sid ${streamId} ${toHex(bytes.subarray(start, end))}`];
    case FrameType.RST_STREAM:
      return [`RST ${streamId} ${errorName(frame.code)}`];
    case FrameType.SETTINGS: {
      const view = new DataView(bytes.buffer, start, end - start);
      const all = Array.from(
        { length: (end - start) / 6 },
        (_, i) => `${SETTINGS[view.getUint16(6 * i)]} = ${view.getUint32(6 * i + 2)}`,
      );
      return [frame.has(Flag.ACK) ? "SETTINGS ack=true" : `SETTINGS ack=false [${all.join(" ")}]`];
    }
    default: {
      const name = Object.entries(FrameType).find(([, value]) => value === type)![0];
      return [`[FrameHeader ${name}${frame.has(Flag.ACK) ? " flags=ACK" : ""} len=${end - start}]`];
    }
  }
}

/** The bytes in hex, each frame written anew. */
function again(bytes: Uint8Array): string {
  const w = new WriteBuffer(16);
  eachFrame(bytes, ({ type, flags, streamId, start, end }) => {
    const from = beginFrame(w, type, flags, streamId);
    w.reserve(end - start);
    w.bytes.set(bytes.subarray(start, end), w.pos);
    w.pos += end - start;
    endFrame(w, from);
  });
  return toHex(bytes.subarray(0, hasPreface(bytes) ? PREFACE_BYTES : 0)) + toHex(w.written());
}

function eachFrame(bytes: Uint8Array, visit: (frame: Frame) => void): void {
  const frame = new Frame();
  let at = hasPreface(bytes) ? PREFACE_BYTES : 0;
  for (; decodeFrame(bytes, at, MAX_FRAME_BYTES, frame) !== null; at += FRAME_HEADER_BYTES + frame.length) visit(frame);
  assertEquals(at, bytes.length);
}

function hasPreface(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x52;
}
