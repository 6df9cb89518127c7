/**
 * Messages in TTHeader frames: Thrift Binary with or without a length of its own, and Kitex Protobuf with one.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { Bindings } from "../message/bindings.ts";
import type { FrameHead } from "../message/frame_head.ts";
import { finishLength, type FrameReader, type Framing, LENGTH_BYTES, limitFor } from "../message/framing.ts";
import { MessageType } from "../message/payload.ts";
import { crc32c } from "./crc32c.ts";
import { beginFrame, emptyParts, endFrame, endHeader, FIXED_BYTES, readFrame } from "./frame.ts";
import { encodeInfo } from "./info.ts";
import { Flag, IntKey, ProtocolId, StrKey } from "./keys.ts";
import { HeadReader } from "./read_head.ts";
import { beginReply, CallHeads, putSum } from "./write_head.ts";

/** What the framing is made of. */
export interface TTHeaderFramingOptions {
  /** Thrift Binary, bound. */
  readonly thrift: Bindings;
  /** Kitex Protobuf, bound. */
  readonly protobuf: Bindings;
  /** Bytes of a frame after its length. */
  readonly maxFrameBytes: number;
  /** True to put a length before Thrift messages too. */
  readonly framed: boolean;
  /** True to send a checksum with every frame. */
  readonly checksum: boolean;
}

/** Set in a form beside the frame's FLAGS if the message had a length of its own. */
const HAD_LENGTH = 0x1_0000;
/** Name in the message that ends a shared connection, as Kitex has it. */
const NO_METHOD = new TextEncoder().encode("none");

/** The framing. */
export function ttheaderFraming(options: TTHeaderFramingOptions): Framing {
  const { thrift, protobuf, maxFrameBytes, checksum } = options;
  const heads = {
    framed: new CallHeads({ transportType: "framed", checksum }),
    unframed: new CallHeads({ transportType: "unframed", checksum }),
  };
  /** Where the header of the message begun last ends, and whether a length follows there. */
  let bodyAt = 0;
  let hasLength = false;

  function beginBody(out: WriteBuffer, withLength: boolean): void {
    bodyAt = out.pos;
    hasLength = withLength;
    if (!withLength) return;
    out.reserve(LENGTH_BYTES);
    out.pos += LENGTH_BYTES;
  }

  const framing: Framing = {
    name: "ttheader",
    carriesStatus: true,
    detect: detectFrame,
    reader: (side) => new TTHeaderReader(framing, options, side),
    bindingsFor: ({ service }) => service.payload === "thrift" ? thrift : protobuf,
    beginCall(out, call, binding, seqid, anyOrder) {
      const framed = options.framed || call.service.payload === "protobuf";
      const flags = anyOrder ? Flag.SUPPORT_OUT_OF_ORDER : 0;
      const start = heads[framed ? "framed" : "unframed"].begin(out, call, binding, flags, seqid);
      beginBody(out, framed);
      return start;
    },
    beginReply(out, form, reply) {
      const start = beginReply(out, form & 0xffff, reply, checksum);
      beginBody(out, (form & HAD_LENGTH) !== 0);
      return start;
    },
    finish(out, start, type) {
      const limit = limitFor(type, maxFrameBytes);
      if (hasLength) finishLength(out, bodyAt, limit);
      endFrame(out, start, limit);
      if (checksum) putSum(out, start, crc32c(out.bytes, bodyAt, out.pos));
    },
    farewell(out) {
      const start = beginFrame(out, Flag.SUPPORT_OUT_OF_ORDER, 0, ProtocolId.THRIFT_BINARY);
      encodeInfo(out, new Map([[StrKey.CONN_READY_TO_RESET, "1"]]), new Map([[IntKey.MSG_TYPE, "2"]]));
      endHeader(out, start);
      thrift.payload.writeMessageBegin(out, NO_METHOD, MessageType.REPLY, 0);
      out.reserve(1);
      out.bytes[out.pos++] = 0; // a struct without fields
      endFrame(out, start, Infinity);
      return true;
    },
  };
  return framing;
}

/** Do the first bytes begin a frame that is no stream's? `null` if there are too few to tell. */
function detectFrame(bytes: Uint8Array): boolean | null {
  if (bytes.length > 4 && bytes[4] !== 0x10) return false;
  if (bytes.length > 5 && bytes[5] !== 0x00) return false;
  if (bytes.length < 8) return null;
  return (bytes[7]! & Flag.STREAMING) === 0;
}

class TTHeaderReader implements FrameReader {
  start = 0;
  end = 0;
  body = 0;
  bindings: Bindings;
  form = 0;
  anyOrder = false;
  readonly framing: Framing;
  readonly head: Readonly<FrameHead>;
  readonly #parts = emptyParts();
  readonly #heads: HeadReader;
  readonly #thrift: Bindings;
  readonly #protobuf: Bindings;
  readonly #maxFrameBytes: number;

  constructor(framing: Framing, options: TTHeaderFramingOptions, side: "call" | "answer") {
    this.framing = framing;
    this.bindings = this.#thrift = options.thrift;
    this.#protobuf = options.protobuf;
    this.#maxFrameBytes = options.maxFrameBytes;
    this.#heads = new HeadReader(side);
    this.head = this.#heads.head;
  }

  get need(): number {
    return this.#parts.need;
  }

  fits(bytes: Uint8Array, from: number): boolean {
    return bytes.length - from < 6 || (bytes[from + 4] === 0x10 && bytes[from + 5] === 0x00);
  }

  find(bytes: Uint8Array, from: number): boolean {
    const parts = this.#parts;
    this.body = Infinity; // of a frame that cannot be read, the message cannot either
    try {
      if (!readFrame(bytes, from, this.#maxFrameBytes, parts)) return false;
      this.#heads.read(bytes, parts);
    } catch (error) {
      this.#lookInto(bytes, from);
      throw error;
    }
    this.end = parts.end;
    this.form = parts.flags;
    this.anyOrder = (parts.flags & Flag.SUPPORT_OUT_OF_ORDER) !== 0;
    this.start = this.#openPayload(bytes, parts.payloadStart, parts.end);
    return true;
  }

  /** Tells the payload by its magic; gives where the message begins. */
  #openPayload(bytes: Uint8Array, start: number, end: number): number {
    if (end - start >= 2 && bytes[start] === 0x80 && bytes[start + 1] === 0x01) {
      this.bindings = this.#thrift;
      return start;
    }
    const magic = end - start < 6 ? 0 : (bytes[start + 4]! << 8) | bytes[start + 5]!;
    if (magic !== 0x8001 && magic !== 0x9001) {
      const shown = Array.from(bytes.subarray(start, Math.min(end, start + 8)), (b) => b.toString(16).padStart(2, "0"));
      throw new RpcError(
        "protocol",
        `payload 0x${shown.join("")} of a TTHeader frame is neither Thrift nor Kitex Protobuf`,
      );
    }
    const length =
      ((bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!) >>> 0;
    if (length !== end - start - LENGTH_BYTES) {
      throw new RpcError(
        "protocol",
        `payload length ${length} in a frame that has ${end - start - LENGTH_BYTES} bytes for it`,
      );
    }
    this.bindings = magic === 0x8001 ? this.#thrift : this.#protobuf;
    this.form |= HAD_LENGTH;
    return start + LENGTH_BYTES;
  }

  /** Of a frame that is too long, the beginning of its message may be here: enough to answer it. */
  #lookInto(bytes: Uint8Array, from: number): void {
    const here = bytes.length - from;
    if (here < FIXED_BYTES || bytes[from + 4] !== 0x10 || bytes[from + 5] !== 0x00) return;
    const start = from + FIXED_BYTES + 4 * ((bytes[from + 12]! << 8) | bytes[from + 13]!);
    if (start + 6 > bytes.length) return;
    this.form = (bytes[from + 6]! << 8) | bytes[from + 7]!;
    const thrift = bytes[start] === 0x80;
    this.bindings = !thrift && bytes[start + 4] === 0x90 ? this.#protobuf : this.#thrift;
    if (!thrift) this.form |= HAD_LENGTH;
    this.body = thrift ? start : start + LENGTH_BYTES;
  }
}
