/**
 * Where a message begins and ends on a connection, and what goes around it.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { Call } from "../../lib/rpc/call.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import type { Binding, Bindings } from "./bindings.ts";
import { type FrameHead, NO_HEAD } from "./frame_head.ts";
import { MessageType } from "./payload.ts";

/** How messages follow each other. */
export interface Framing {
  /** Its name in errors: `"framed"`, `"ttheader"` ... */
  readonly name: string;
  /** True if an answer has room for a business status; else it goes as an exception. */
  readonly carriesStatus: boolean;
  /** Do the first bytes begin a message in this framing? `null` if there are too few to tell. */
  detect(bytes: Uint8Array): boolean | null;
  /** A reader for one connection, of a server that is sent calls or a client that is sent answers. */
  reader(side: "call" | "answer"): FrameReader;
  /** The payload of a client's calls, bound. Throws an `RpcError` of kind `"invalid"` if this framing cannot carry the call. */
  bindingsFor(call: Call): Bindings;
  /**
   * Begins a call at `out.pos`; the message comes next. Gives where it began, for `finish`. `anyOrder` tells the server
   * that answers may overtake each other.
   */
  beginCall(out: WriteBuffer, call: Call, binding: Binding, seqid: number, anyOrder: boolean): number;
  /** Begins an answer to a message that had this `form`; the message comes next. Gives where it began, for `finish`. */
  beginReply(out: WriteBuffer, form: number, reply: ReplyHead): number;
  /**
   * Ends the message that began at `start`. Throws an `RpcError` of kind `"invalid"` if it is too large; what tells of an
   * error has a `type` of exception and is small, so that it goes out under any limit.
   */
  finish(out: WriteBuffer, start: number, type: number): void;
  /**
   * Appends what tells a client that multiplexes to open no more calls; false if there is no such thing.
   */
  farewell?(out: WriteBuffer): boolean;
}

/** What an answer says beside its message. */
export interface ReplyHead {
  /** Type of the message. */
  type: number;
  /** Sequence id of the message. */
  seqid: number;
  /** Metadata of the call, of which some goes back. */
  meta: Metadata | undefined;
  /** The business status it carries. */
  status: RpcError | undefined;
  /** True if the connection closes after it. */
  closing: boolean;
}

/** Finds whole messages in the bytes of one connection. */
export interface FrameReader {
  /** First byte of the message found. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
  /** How many bytes are needed from where `find` looked, when it found no whole message. */
  readonly need: number;
  /** First byte of a message that is here, when `find` threw: what can still be read of it. Behind the bytes if nothing. */
  readonly body: number;
  /** The payload of the message found, bound. */
  readonly bindings: Bindings;
  /** How its answer has to be framed. */
  readonly framing: Framing;
  /** What `Framing.beginReply` must know of it. */
  readonly form: number;
  /** True if its answer may come in any order. */
  readonly anyOrder: boolean;
  /** What the frame says beside it; the next `find` changes it. */
  readonly head: Readonly<FrameHead>;
  /** Could a message of this framing begin at `from`? A look at a few bytes; true if they are too few. */
  fits(bytes: Uint8Array, from: number): boolean;
  /**
   * Looks for a whole message at `from`. The bytes there are the same at the next try, with more behind them.
   * Throws an `RpcError` of kind `"protocol"` if there can never be one.
   */
  find(bytes: Uint8Array, from: number): boolean;
}

/** Bytes of the length before a framed message. */
export const LENGTH_BYTES = 4;

/**
 * Messages behind a 4-byte big-endian length: Thrift's framed transport, and Kitex Protobuf. `maxFrameBytes` does not
 * count the length.
 */
export function lengthPrefixed(bindings: Bindings, maxFrameBytes: number): Framing {
  const framing: Framing = {
    name: "framed",
    carriesStatus: false,
    detect(bytes) {
      if (bytes.length <= LENGTH_BYTES) return bytes[0]! > 0x3f ? false : null;
      return bytes[0]! > 0x3f ? false : bindings.payload.detect(bytes.subarray(LENGTH_BYTES));
    },
    reader: () => new LengthReader(framing, bindings, maxFrameBytes),
    bindingsFor: () => bindings,
    beginCall: beginLength,
    beginReply: beginLength,
    finish: (out, start, type) => finishLength(out, start, limitFor(type, maxFrameBytes)),
  };
  return framing;
}

/** The limit for a message of the type: exceptions have none. */
export function limitFor(type: number, maxBytes: number): number {
  return type === MessageType.EXCEPTION ? Infinity : maxBytes;
}

/** Makes room for a length; gives where it is. */
export function beginLength(out: WriteBuffer): number {
  const start = out.pos;
  out.reserve(LENGTH_BYTES);
  out.pos += LENGTH_BYTES;
  return start;
}

/** Fills in the length at `start` of what follows it. Throws an `RpcError` of kind `"invalid"` if that is too large. */
export function finishLength(out: WriteBuffer, start: number, maxFrameBytes: number): void {
  const length = out.pos - start - LENGTH_BYTES;
  if (length > maxFrameBytes) {
    throw new RpcError("invalid", `message of ${length} bytes exceeds the frame limit of ${maxFrameBytes}`);
  }
  out.view.setUint32(start, length);
}

class LengthReader implements FrameReader {
  start = 0;
  end = 0;
  need = LENGTH_BYTES;
  body = 0;
  readonly bindings: Bindings;
  readonly framing: Framing;
  readonly form = 0;
  readonly anyOrder = false;
  readonly head = NO_HEAD;
  readonly #maxBytes: number;

  constructor(framing: Framing, bindings: Bindings, maxBytes: number) {
    this.framing = framing;
    this.bindings = bindings;
    this.#maxBytes = maxBytes;
  }

  fits(bytes: Uint8Array, from: number): boolean {
    if (bytes.length - from <= LENGTH_BYTES) return true;
    const { firstByte } = this.bindings.payload;
    return bytes[from]! <= 0x3f && (firstByte === undefined || bytes[from + LENGTH_BYTES] === firstByte);
  }

  find(bytes: Uint8Array, from: number): boolean {
    const here = bytes.length - from;
    if (here < LENGTH_BYTES) {
      this.need = LENGTH_BYTES;
      return false;
    }
    const length = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
    this.body = from + LENGTH_BYTES;
    if (length <= 0) throw new RpcError("protocol", `frame length ${length} is not positive`);
    if (length > this.#maxBytes) throw new RpcError("protocol", `frame of ${length} bytes exceeds ${this.#maxBytes}`);
    this.need = LENGTH_BYTES + length;
    if (here < this.need) return false;
    this.start = this.body;
    this.end = this.start + length;
    return true;
  }
}
