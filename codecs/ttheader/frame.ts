/**
 * TTHeader frames: a length, a header, a payload.
 *
 * ```text
 *  0  u32  LENGTH       bytes after this field
 *  4  u16  magic        10 00
 *  6  u16  FLAGS
 *  8  i32  SEQUENCE NUMBER
 * 12  u16  HEADER SIZE  of what follows, in 4 bytes
 * 14  u8   PROTOCOL ID
 * 15  u8   NUM TRANSFORMS, then that many bytes, read and not used
 *     info blocks, 00 up to HEADER SIZE
 *     payload
 * ```
 *
 * Numbers are big-endian. Stateless; the memory is the caller's.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { decodeInfo, encodeInfo, type Info } from "./info.ts";
import { ProtocolId } from "./keys.ts";

/** Bytes of a header before the part that HEADER SIZE counts. */
export const FIXED_BYTES = 14;
/** Third and fourth byte after the length. */
export const MAGIC = 0x1000;
/** Bytes of a frame's longest header, without the fixed part. */
export const MAX_HEADER_BYTES: number = 4 * 0xffff;
/** Most bytes of a frame unless told otherwise. */
export const DEFAULT_MAX_FRAME_BYTES: number = 16 * 1024 * 1024;

/** Where a frame and its parts are, in the bytes that hold it; and its fixed fields. Filled by `readFrame`. */
export interface FrameParts {
  /** Bytes needed from the first on, when the frame was not whole. */
  need: number;
  /** FLAGS. */
  flags: number;
  /** SEQUENCE NUMBER. */
  seqid: number;
  /** PROTOCOL ID. */
  protocolId: number;
  /** First byte of the info blocks. */
  infoStart: number;
  /** First byte of the payload, where the info ends. */
  payloadStart: number;
  /** Where the frame ends. */
  end: number;
}

/** Parts of no frame yet, for `readFrame`. */
export function emptyParts(): FrameParts {
  return { need: FIXED_BYTES, flags: 0, seqid: 0, protocolId: 0, infoStart: 0, payloadStart: 0, end: 0 };
}

/**
 * Finds the frame at `bytes[from]` and fills `parts`; false if it is not all there, with `parts.need` set.
 * Throws an `RpcError` of kind `"protocol"` if there can never be one, or it is longer than `maxFrameBytes`
 * (its length field not counted).
 */
export function readFrame(bytes: Uint8Array, from: number, maxFrameBytes: number, parts: FrameParts): boolean {
  const here = bytes.length - from;
  if (here < FIXED_BYTES) {
    parts.need = FIXED_BYTES;
    return false;
  }
  const length = u32(bytes, from);
  if (bytes[from + 4] !== 0x10 || bytes[from + 5] !== 0x00) {
    throw new RpcError(
      "protocol",
      `magic 0x${u16(bytes, from + 4).toString(16).padStart(4, "0")} is not TTHeader's 0x1000`,
    );
  }
  const headerBytes = u16(bytes, from + 12) * 4;
  if (length > maxFrameBytes) throw new RpcError("protocol", `frame of ${length} bytes exceeds ${maxFrameBytes}`);
  if (headerBytes === 0) throw new RpcError("protocol", "header size 0: it holds at least a protocol id");
  if (length + 4 < FIXED_BYTES + headerBytes) {
    throw new RpcError(
      "protocol",
      `header of ${FIXED_BYTES + headerBytes} bytes reaches past its frame of ${length + 4}`,
    );
  }
  parts.need = length + 4;
  if (here < parts.need) return false;
  const payloadStart = from + FIXED_BYTES + headerBytes;
  const infoStart = from + FIXED_BYTES + 2 + bytes[from + 15]!;
  if (infoStart > payloadStart) {
    throw new RpcError("protocol", `${bytes[from + 15]} transforms reach past a header of ${headerBytes} bytes`);
  }
  parts.flags = u16(bytes, from + 6);
  parts.seqid = u32(bytes, from + 8) | 0;
  parts.protocolId = bytes[from + FIXED_BYTES]!;
  parts.infoStart = infoStart;
  parts.payloadStart = payloadStart;
  parts.end = from + parts.need;
  if (!isProtocolId(parts.protocolId)) {
    throw new RpcError("protocol", `protocol id ${parts.protocolId} is not 0, 3, 4, 16 or 17`);
  }
  return true;
}

/**
 * Appends a frame's length and fixed fields; the info blocks come next, then `endHeader`. Gives where the frame begins.
 */
export function beginFrame(w: WriteBuffer, flags: number, seqid: number, protocolId: number): number {
  w.reserve(FIXED_BYTES + 2);
  const { view, pos } = w;
  view.setInt32(pos, 0);
  view.setInt32(pos + 4, (MAGIC << 16) | flags);
  view.setInt32(pos + 8, seqid);
  view.setInt32(pos + 12, protocolId << 8); // header size follows, no transforms
  w.pos = pos + FIXED_BYTES + 2;
  return pos;
}

/**
 * Ends the header of the frame that began at `start`: pads it and fills in its size. The payload comes next.
 * Throws an `RpcError` of kind `"invalid"` if it is too long.
 */
export function endHeader(w: WriteBuffer, start: number): void {
  w.reserve(3);
  const from = start + FIXED_BYTES;
  while (((w.pos - from) & 3) !== 0) w.bytes[w.pos++] = 0;
  const size = w.pos - from;
  if (size > MAX_HEADER_BYTES) throw new RpcError("invalid", `header of ${size} bytes exceeds ${MAX_HEADER_BYTES}`);
  w.bytes[start + 12] = size >>> 10;
  w.bytes[start + 13] = size >>> 2;
}

/** Fills in the length of the frame that began at `start` and ends here. Throws `"invalid"` if it is too long. */
export function endFrame(w: WriteBuffer, start: number, maxFrameBytes: number): void {
  const length = w.pos - start - 4;
  if (length > maxFrameBytes) {
    throw new RpcError("invalid", `message of ${length} bytes exceeds the frame limit of ${maxFrameBytes}`);
  }
  w.view.setUint32(start, length);
}

/** A whole frame, decoded: for tools and tests. Calls use `readFrame`. */
export interface Frame extends Info {
  /** FLAGS. */
  readonly flags: number;
  /** SEQUENCE NUMBER. */
  readonly seqid: number;
  /** PROTOCOL ID. */
  readonly protocolId: number;
  /** The payload: a view of the bytes given. */
  readonly payload: Uint8Array;
  /** Bytes of the frame. */
  readonly consumed: number;
}

/** What a frame is made of; left out: no flags, sequence number 0, Thrift Binary, no info, no payload. */
export interface FrameInit {
  /** FLAGS. */
  readonly flags?: number | undefined;
  /** SEQUENCE NUMBER. */
  readonly seqid?: number | undefined;
  /** PROTOCOL ID. */
  readonly protocolId?: number | undefined;
  /** String pairs. */
  readonly strings?: ReadonlyMap<string, string> | undefined;
  /** Integer-keyed strings. */
  readonly ints?: ReadonlyMap<number, string> | undefined;
  /** The payload. */
  readonly payload?: Uint8Array | undefined;
}

/**
 * Takes one frame off the front of `bytes`, or gives `null` if it is not all there. Throws an `RpcError` of kind
 * `"protocol"` if there can never be one, or it is longer than `maxFrameBytes` (default 16 MiB).
 */
export function decodeFrame(bytes: Uint8Array, maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES): Frame | null {
  const parts = emptyParts();
  if (!readFrame(bytes, 0, maxFrameBytes, parts)) return null;
  const { flags, seqid, protocolId, infoStart, payloadStart, end } = parts;
  const info = decodeInfo(bytes, infoStart, payloadStart);
  return { flags, seqid, protocolId, ...info, payload: bytes.subarray(payloadStart, end), consumed: end };
}

/** Appends a frame. Throws an `RpcError` of kind `"invalid"` if a part is too long for it. */
export function encodeFrame(w: WriteBuffer, init: FrameInit, maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES): void {
  const start = beginFrame(w, init.flags ?? 0, init.seqid ?? 0, init.protocolId ?? ProtocolId.THRIFT_BINARY);
  encodeInfo(w, init.strings, init.ints);
  endHeader(w, start);
  if (init.payload !== undefined) {
    w.reserve(init.payload.length);
    w.bytes.set(init.payload, w.pos);
    w.pos += init.payload.length;
  }
  endFrame(w, start, maxFrameBytes);
}

function isProtocolId(id: number): boolean {
  return id === ProtocolId.THRIFT_BINARY || id === ProtocolId.THRIFT_COMPACT_V2 || id === ProtocolId.KITEX_PROTOBUF ||
    id === ProtocolId.THRIFT_STRUCT || id === ProtocolId.PROTOBUF_STRUCT;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
