/**
 * Writing frames: each function appends one (or, for a long header block, several) to a `WriteBuffer`.
 *
 * Frames whose payload is written in place are begun with `beginFrame` and ended with `endFrame`.
 *
 * Spec: RFC 9113 §4.1, §6.
 *
 * @module
 */
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { Flag, FRAME_HEADER_BYTES, FrameType, PREFACE } from "./frame.ts";

/** A setting and its value. */
export type Setting = readonly [id: number, value: number];

/** Appends the client's preface. */
export function writePreface(w: WriteBuffer): void {
  w.reserve(PREFACE.length);
  w.bytes.set(PREFACE, w.pos);
  w.pos += PREFACE.length;
}

/** Appends a frame header whose length `endFrame` puts in; gives where the frame begins. */
export function beginFrame(w: WriteBuffer, type: number, flags: number, streamId: number): number {
  const start = w.pos;
  writeFrameHeader(w, 0, type, flags, streamId);
  return start;
}

/** Ends the frame that begins at `start`: what was appended since is its payload. */
export function endFrame(w: WriteBuffer, start: number): void {
  putLength(w.bytes, start, w.pos - start - FRAME_HEADER_BYTES);
}

/** Appends a frame header. */
export function writeFrameHeader(w: WriteBuffer, length: number, type: number, flags: number, streamId: number): void {
  w.reserve(FRAME_HEADER_BYTES);
  const { bytes, pos } = w;
  putLength(bytes, pos, length);
  bytes[pos + 3] = type;
  bytes[pos + 4] = flags;
  putInt(bytes, pos + 5, streamId);
  w.pos = pos + FRAME_HEADER_BYTES;
}

/** Appends DATA with the octets of `data` from `start` to `end`. `flags` is `END_STREAM` or 0. */
export function writeData(
  w: WriteBuffer,
  streamId: number,
  flags: number,
  data: Uint8Array,
  start = 0,
  end: number = data.length,
): void {
  writeFrameHeader(w, end - start, FrameType.DATA, flags, streamId);
  writeBytes(w, data, start, end);
}

/** Appends bytes to the payload of the frame begun last, or to that of a DATA frame that `extendFrame` has lengthened. */
export function writeBytes(w: WriteBuffer, data: Uint8Array, start: number, end: number): void {
  const count = end - start;
  w.reserve(count);
  const { bytes, pos } = w;
  if (count <= 48) {
    for (let i = 0; i < count; i++) bytes[pos + i] = data[start + i]!;
  } else {
    bytes.set(start === 0 && end === data.length ? data : data.subarray(start, end), pos);
  }
  w.pos = pos + count;
}

/**
 * Ends the HEADERS frame begun at `start`, whose payload is a whole header block, and sets its END_HEADERS. A block longer
 * than `maxFrameBytes` is spread over as many CONTINUATION frames as it needs.
 */
export function endHeaders(w: WriteBuffer, start: number, maxFrameBytes: number): void {
  const length = w.pos - start - FRAME_HEADER_BYTES;
  if (length <= maxFrameBytes) {
    putLength(w.bytes, start, length);
    w.bytes[start + 4]! |= Flag.END_HEADERS;
    return;
  }
  const pieces = Math.ceil(length / maxFrameBytes);
  w.reserve((pieces - 1) * FRAME_HEADER_BYTES);
  const { bytes } = w;
  const streamId = (bytes[start + 5]! << 24) | (bytes[start + 6]! << 16) | (bytes[start + 7]! << 8) | bytes[start + 8]!;
  // From the last piece to the first, each moves up by the headers that come to lie before it.
  for (let i = pieces - 1; i > 0; i--) {
    const from = start + FRAME_HEADER_BYTES + i * maxFrameBytes;
    const count = Math.min(maxFrameBytes, length - i * maxFrameBytes);
    const to = from + i * FRAME_HEADER_BYTES;
    bytes.copyWithin(to, from, from + count);
    const header = to - FRAME_HEADER_BYTES;
    putLength(bytes, header, count);
    bytes[header + 3] = FrameType.CONTINUATION;
    bytes[header + 4] = i === pieces - 1 ? Flag.END_HEADERS : 0;
    putInt(bytes, header + 5, streamId);
  }
  putLength(bytes, start, maxFrameBytes);
  w.pos += (pieces - 1) * FRAME_HEADER_BYTES;
}

/** Appends PRIORITY: stream `streamId` depends on `dependsOn` with a weight of 1 to 256. Peers ignore it. */
export function writePriority(
  w: WriteBuffer,
  streamId: number,
  dependsOn: number,
  weight: number,
  exclusive = false,
): void {
  writeFrameHeader(w, 5, FrameType.PRIORITY, 0, streamId);
  writeInt(w, exclusive ? (dependsOn | 0x80000000) >>> 0 : dependsOn);
  w.reserve(1);
  w.bytes[w.pos++] = weight - 1;
}

/** Appends RST_STREAM. */
export function writeRstStream(w: WriteBuffer, streamId: number, code: number): void {
  writeFrameHeader(w, 4, FrameType.RST_STREAM, 0, streamId);
  writeInt(w, code);
}

/** Appends SETTINGS. */
export function writeSettings(w: WriteBuffer, settings: readonly Setting[]): void {
  writeFrameHeader(w, settings.length * 6, FrameType.SETTINGS, 0, 0);
  w.reserve(settings.length * 6);
  for (const [id, value] of settings) {
    w.bytes[w.pos++] = id >>> 8;
    w.bytes[w.pos++] = id;
    writeInt(w, value);
  }
}

/** Appends SETTINGS with ACK. */
export function writeSettingsAck(w: WriteBuffer): void {
  writeFrameHeader(w, 0, FrameType.SETTINGS, Flag.ACK, 0);
}

/** Appends a PING with the 8 octets of `opaque` from `start` on. */
export function writePing(w: WriteBuffer, ack: boolean, opaque: Uint8Array, start = 0): void {
  writeFrameHeader(w, 8, FrameType.PING, ack ? Flag.ACK : 0, 0);
  writeBytes(w, opaque, start, start + 8);
}

/** Appends GOAWAY. */
export function writeGoaway(w: WriteBuffer, lastStreamId: number, code: number, debug: Uint8Array): void {
  writeFrameHeader(w, 8 + debug.length, FrameType.GOAWAY, 0, 0);
  writeInt(w, lastStreamId);
  writeInt(w, code);
  writeBytes(w, debug, 0, debug.length);
}

/** Appends WINDOW_UPDATE; stream 0 is the connection. `increment` is 1 to 2^31-1. */
export function writeWindowUpdate(w: WriteBuffer, streamId: number, increment: number): void {
  writeFrameHeader(w, 4, FrameType.WINDOW_UPDATE, 0, streamId);
  writeInt(w, increment);
}

/** Makes the frame at `start`, the last one written, `count` octets longer, and sets more flags in it. */
export function extendFrame(w: WriteBuffer, start: number, count: number, flags: number): void {
  putLength(w.bytes, start, w.pos - start - FRAME_HEADER_BYTES + count);
  w.bytes[start + 4]! |= flags;
}

function writeInt(w: WriteBuffer, value: number): void {
  w.reserve(4);
  putInt(w.bytes, w.pos, value);
  w.pos += 4;
}

function putInt(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function putLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
}
