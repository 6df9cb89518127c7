/**
 * Frames of HTTP/2: read in place, written straight into the output. No state and no I/O.
 *
 * `decodeFrame` checks all that can be known from a frame by itself: its length, its stream id being zero or not, padding.
 * What breaks the connection is thrown; what ends one stream is left in `fault`, because the frame must be looked at
 * all the same (the header block of a faulty HEADERS still changes the compression state).
 *
 * Spec: RFC 9113 §4, §6.
 *
 * @module
 */
import { ErrorCode, Http2Error } from "./errors.ts";

/** The frame types of RFC 9113 §6. */
export const FrameType: {
  readonly DATA: 0;
  readonly HEADERS: 1;
  readonly PRIORITY: 2;
  readonly RST_STREAM: 3;
  readonly SETTINGS: 4;
  readonly PUSH_PROMISE: 5;
  readonly PING: 6;
  readonly GOAWAY: 7;
  readonly WINDOW_UPDATE: 8;
  readonly CONTINUATION: 9;
} = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
};

/** The flags of RFC 9113 §6. */
export const Flag: {
  readonly END_STREAM: 0x01;
  readonly ACK: 0x01;
  readonly END_HEADERS: 0x04;
  readonly PADDED: 0x08;
  readonly PRIORITY: 0x20;
} = { END_STREAM: 0x01, ACK: 0x01, END_HEADERS: 0x04, PADDED: 0x08, PRIORITY: 0x20 };

/** What a client sends first (RFC 9113 §3.4): `PRI * HTTP/2.0`, two line ends, `SM`, two line ends. */
export const PREFACE: readonly number[] = Array.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (char) => char.charCodeAt(0));

/** Octets of a frame's header. */
export const FRAME_HEADER_BYTES = 9;
/** The smallest SETTINGS_MAX_FRAME_SIZE there is, and what holds until another is announced. */
export const DEFAULT_FRAME_BYTES = 16384;
/** The largest length a frame can have. */
export const MAX_FRAME_BYTES = 16777215;
/** The largest flow-control window, setting of it, and increment. */
export const MAX_WINDOW = 2147483647;

/** A frame as it was read. One object serves for frame after frame. */
export class Frame {
  /** One of `FrameType`; other types are to be ignored. */
  type = 0;
  /** Bits of `Flag`; which of them mean something depends on the type. */
  flags = 0;
  /** 0 is the connection itself. */
  streamId = 0;
  /** Octets of the payload, padding and all: what flow control counts. */
  length = 0;
  /** Where the frame begins. */
  from = 0;
  /** First octet of data, header block, settings, opaque or debug data. */
  start = 0;
  /** Octet after the last of these; padding is left out. */
  end = 0;
  /** RST_STREAM and GOAWAY: the error code. */
  code = 0;
  /** WINDOW_UPDATE: the increment; 0 only together with `fault`. */
  increment = 0;
  /** GOAWAY: the last stream that may be processed; PUSH_PROMISE: the promised stream. */
  otherId = 0;
  /** Set if something is wrong with the frame that ends its stream only: the `ErrorCode`; else 0. */
  fault = 0;

  /** Is this bit set? */
  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
}

/** How many octets the frame at `at` has in all, by its first three. */
export function frameBytes(bytes: Uint8Array, at: number): number {
  return FRAME_HEADER_BYTES + ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!);
}

/**
 * Reads the frame at `at` into `frame` and gives it; `null` if it is not all there. The next one begins `frame.length` and
 * 9 octets later. Throws an `Http2Error` for the connection, also when only the header is there and says enough.
 */
export function decodeFrame(bytes: Uint8Array, at: number, maxFrameBytes: number, frame: Frame): Frame | null {
  if (bytes.length - at < FRAME_HEADER_BYTES) return null;
  const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  if (length > maxFrameBytes) throw sizeError(`frame of ${length} octets exceeds ${maxFrameBytes}`);
  frame.type = bytes[at + 3]!;
  frame.flags = bytes[at + 4]!;
  frame.streamId = int31(bytes, at + 5);
  frame.length = length;
  frame.from = at;
  const start = at + FRAME_HEADER_BYTES;
  if (bytes.length - start < length) return null;
  frame.start = start;
  frame.end = start + length;
  frame.fault = 0;
  checkFrame(bytes, frame);
  return frame;
}

function checkFrame(bytes: Uint8Array, frame: Frame): void {
  switch (frame.type) {
    case FrameType.DATA:
      needStream(frame, "DATA");
      return stripPadding(bytes, frame);
    case FrameType.HEADERS:
      needStream(frame, "HEADERS");
      stripPadding(bytes, frame);
      return (frame.flags & Flag.PRIORITY) === 0 ? undefined : stripPriority(bytes, frame);
    case FrameType.PRIORITY:
      needStream(frame, "PRIORITY");
      if (frame.length === 5) return checkDependency(bytes, frame);
      frame.fault = ErrorCode.FRAME_SIZE_ERROR;
      return;
    case FrameType.RST_STREAM:
      needStream(frame, "RST_STREAM");
      needLength(frame, 4, "RST_STREAM");
      frame.code = uint32(bytes, frame.start);
      return;
    case FrameType.SETTINGS:
      needConnection(frame, "SETTINGS");
      if ((frame.flags & Flag.ACK) !== 0) return needLength(frame, 0, "SETTINGS with ACK");
      if (frame.length % 6 !== 0) throw sizeError(`SETTINGS of ${frame.length} octets is not a multiple of 6`);
      return;
    case FrameType.PUSH_PROMISE:
      needStream(frame, "PUSH_PROMISE");
      stripPadding(bytes, frame);
      if (frame.end - frame.start < 4) throw sizeError("PUSH_PROMISE is too short for its stream id");
      frame.otherId = int31(bytes, frame.start);
      frame.start += 4;
      return;
    case FrameType.PING:
      needConnection(frame, "PING");
      return needLength(frame, 8, "PING");
    case FrameType.GOAWAY:
      needConnection(frame, "GOAWAY");
      if (frame.length < 8) throw sizeError("GOAWAY is shorter than 8 octets");
      frame.otherId = int31(bytes, frame.start);
      frame.code = uint32(bytes, frame.start + 4);
      frame.start += 8;
      return;
    case FrameType.WINDOW_UPDATE:
      return checkIncrement(bytes, frame);
    case FrameType.CONTINUATION:
      return needStream(frame, "CONTINUATION");
  }
}

function checkIncrement(bytes: Uint8Array, frame: Frame): void {
  needLength(frame, 4, "WINDOW_UPDATE");
  frame.increment = int31(bytes, frame.start);
  if (frame.increment !== 0) return;
  if (frame.streamId === 0) throw new Http2Error(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0");
  frame.fault = ErrorCode.PROTOCOL_ERROR;
}

function stripPadding(bytes: Uint8Array, frame: Frame): void {
  if ((frame.flags & Flag.PADDED) === 0) return;
  if (frame.length === 0) throw sizeError("padded frame has no room for its pad length");
  const padding = bytes[frame.start]!;
  frame.start++;
  if (padding > frame.end - frame.start) {
    throw new Http2Error(ErrorCode.PROTOCOL_ERROR, `padding of ${padding} octets exceeds its frame`);
  }
  frame.end -= padding;
}

function stripPriority(bytes: Uint8Array, frame: Frame): void {
  if (frame.end - frame.start < 5) throw sizeError("HEADERS is too short for its priority");
  checkDependency(bytes, frame);
  frame.start += 5;
}

/** Priorities mean nothing any more (RFC 9113 §5.3.2), except that no stream depends on itself. */
function checkDependency(bytes: Uint8Array, frame: Frame): void {
  if (int31(bytes, frame.start) === frame.streamId) frame.fault = ErrorCode.PROTOCOL_ERROR;
}

function needStream(frame: Frame, name: string): void {
  if (frame.streamId === 0) throw new Http2Error(ErrorCode.PROTOCOL_ERROR, `${name} on stream 0`);
}

function needConnection(frame: Frame, name: string): void {
  if (frame.streamId !== 0) throw new Http2Error(ErrorCode.PROTOCOL_ERROR, `${name} on stream ${frame.streamId}`);
}

function needLength(frame: Frame, length: number, name: string): void {
  if (frame.length !== length) throw sizeError(`${name} of ${frame.length} octets is not ${length}`);
}

function sizeError(message: string): Http2Error {
  return new Http2Error(ErrorCode.FRAME_SIZE_ERROR, message);
}

function int31(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function uint32(bytes: Uint8Array, at: number): number {
  return int31(bytes, at) + (bytes[at]! >= 0x80 ? 0x80000000 : 0);
}
