/**
 * Frames of TTHeader streaming: TTHeader frames with the streaming flag, whose sequence number is a stream's id, and whose
 * integer keys say what they are (`FRAME_TYPE`) and of which method (`TO_METHOD`).
 *
 * ```text
 * "1" Meta     to a client, from proxies      strings, payload: not used here
 * "2" Header   opens a stream, answers that   strings: service and metadata
 * "3" Data     one message                    payload: a struct without an envelope
 * "4" Trailer  a side has sent everything     strings; payload: empty, or an exception message
 * "5" Rst      the stream is over             string `ttscp`; payload: an exception message, or empty
 * ```
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import { encodeText } from "../../../lib/io/text.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { beginFrame, emptyParts, endHeader, type FrameParts, readFrame } from "../frame.ts";
import { beginBlock, decodeInfo, encodeInfo, InfoId, type InfoVisitor, putString, putU16, readInfo } from "../info.ts";
import { Flag, IntKey } from "../keys.ts";
import { StreamErrorType } from "./stream_error.ts";

/** Types of frames. */
export const FrameType: {
  readonly META: 1;
  readonly HEADER: 2;
  readonly DATA: 3;
  readonly TRAILER: 4;
  readonly RST: 5;
} = { META: 1, HEADER: 2, DATA: 3, TRAILER: 4, RST: 5 };

/** Reads the frames of a connection one by one; what it says is of the last one read. */
export class StreamFrameReader implements InfoVisitor {
  /** Where the frame and its parts are. `parts.seqid` is the stream's id. */
  readonly parts: FrameParts = emptyParts();
  /** What it is; see `FrameType`. */
  type = 0;
  /** Where the method's name is in the bytes given to `read`. */
  methodStart = 0;
  /** Where it ends. */
  methodEnd = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  /**
   * Reads the frame at `bytes[from]`; false if it is not all there, with `parts.need` set. Throws an `RpcError` of kind
   * `"protocol"` if it is no frame of a stream or longer than `maxFrameBytes`: nothing behind it can be read then.
   */
  read(bytes: Uint8Array, from: number, maxFrameBytes: number): boolean {
    const { parts } = this;
    if (!readFrame(bytes, from, maxFrameBytes, parts)) return false;
    if ((parts.flags & Flag.STREAMING) === 0) throw illegal(`frame with flags ${parts.flags} is none of a stream`);
    this.#bytes = bytes;
    this.type = this.methodStart = this.methodEnd = 0;
    readInfo(bytes, parts.infoStart, parts.payloadStart, this);
    if (this.type === 0) throw illegal("frame has no frame type from 1 to 5");
    return true;
  }

  /** The string pairs of the frame in `bytes`. */
  strings(bytes: Uint8Array): Map<string, string> {
    return decodeInfo(bytes, this.parts.infoStart, this.parts.payloadStart).strings;
  }

  /** Of the integer keys, two are read. */
  int(key: number, valueStart: number, valueEnd: number): void {
    if (key === IntKey.FRAME_TYPE) {
      const type = valueEnd - valueStart === 1 ? this.#bytes[valueStart]! - 0x30 : 0;
      this.type = type >= FrameType.META && type <= FrameType.RST ? type : 0;
    } else if (key === IntKey.TO_METHOD) {
      this.methodStart = valueStart;
      this.methodEnd = valueEnd;
    }
  }

  /** Strings are read when they are asked for. */
  pair(): void {}

  /** Tokens are among the strings. */
  token(): void {}
}

/** The integer keys of a method's frames, encoded: one block for each type of frame. */
export type FrameKeys = readonly Uint8Array[];

/** Encodes the integer keys of a method's frames; `more` goes into the Header frame too. */
export function frameKeys(method: string, more?: ReadonlyMap<number, string>): FrameKeys {
  return [0, 1, 2, 3, 4, 5].map((type) => {
    const w = new WriteBuffer(64);
    const extra = type === FrameType.HEADER && more !== undefined ? [...more] : [];
    beginBlock(w, InfoId.INTS, 2 + extra.length);
    for (const [key, value] of [[IntKey.FRAME_TYPE, `${type}`], [IntKey.TO_METHOD, method], ...extra] as const) {
      putU16(w, key);
      putString(w, value);
    }
    return w.bytes.slice(0, w.pos);
  });
}

/**
 * Appends a frame up to its payload, which comes next, then `endFrame`. Gives where it began. Throws an `RpcError` of kind
 * `"invalid"` for strings too long for a header.
 */
export function beginStreamFrame(
  w: WriteBuffer,
  keys: FrameKeys,
  type: number,
  streamId: number,
  protocolId: number,
  strings?: ReadonlyMap<string, string>,
): number {
  const start = beginFrame(w, Flag.STREAMING, streamId, protocolId);
  if (strings !== undefined && strings.size > 0) encodeInfo(w, strings, undefined);
  const block = keys[type]!;
  w.reserve(block.length);
  w.bytes.set(block, w.pos);
  w.pos += block.length;
  endHeader(w, start);
  return start;
}

/** Do the first bytes of a connection begin TTHeader streaming? `null` if they are too few. */
export function detectStream(bytes: Uint8Array): boolean | null {
  if (bytes.length > 4 && bytes[4] !== 0x10) return false;
  if (bytes.length > 5 && bytes[5] !== 0x00) return false;
  if (bytes.length < 8) return bytes.length > 0 && bytes[0]! > 0x3f ? false : null;
  return (bytes[7]! & Flag.STREAMING) !== 0;
}

/** A method's name as UTF-8, for `MethodTable.find`. */
export function methodBytes(name: string): Uint8Array {
  return encodeText(name);
}

function illegal(text: string): RpcError {
  return new RpcError("protocol", text, { code: StreamErrorType.ILLEGAL_FRAME });
}
