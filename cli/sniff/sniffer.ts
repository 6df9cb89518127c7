/**
 * Takes the bytes of one direction of a connection apart, whatever they are.
 *
 * Each piece is told by its first bytes, as servers tell it: TTHeader, mesh header, Thrift framed and buffered, Kitex
 * Protobuf, HTTP/2. What follows bytes that are none of these is shown as it is. Memory is bounded: a frame larger than
 * `maxBytes` is announced and passed over.
 *
 * @module
 */
import { PREFACE } from "../../codecs/http2/frame.ts";
import { binary } from "../../codecs/thrift/binary.ts";
import { compact } from "../../codecs/thrift/compact.ts";
import { json } from "../../codecs/thrift/json.ts";
import { withDefaults } from "../../codecs/thrift/limits.ts";
import type { MessageScanner } from "../../codecs/thrift/payload.ts";
import { emptyParts, readFrame } from "../../codecs/ttheader/frame.ts";
import { decodeInfo } from "../../codecs/ttheader/info.ts";
import { Flag, IntKey } from "../../codecs/ttheader/keys.ts";
import { decodeMeshHeader, isMeshHeader } from "../../codecs/ttheader/mesh_header.ts";
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import { GrpcCalls, GrpcReader } from "./grpc.ts";
import { Http2Reader } from "./http2.ts";
import type { MessageKind, MessageReader } from "./messages.ts";
import type { Direction, Sniffed } from "./sniffed.ts";

/** Options of a sniffer. */
export interface SnifferOptions {
  /** Which side the bytes come from. */
  readonly from: Direction;
  /** Reads messages. */
  readonly messages: MessageReader;
  /** Largest frame that is read; default 16 MiB. */
  readonly maxBytes?: number;
  /** Ways to decompress messages of gRPC; default none. */
  readonly compressors?: readonly Compressor[];
  /** What the two directions of a connection share; default: this one is by itself. */
  readonly calls?: GrpcCalls;
}

/** Bytes that tell every protocol apart. */
const HEAD_BYTES = 8;
/** Most bytes of what nobody knows that are shown. */
const DUMP_BYTES = 512;
const LARGEST_FRAME = 0x3fff_ffff;

const FRAME_TYPES = ["", "Meta", "Header", "Data", "Trailer", "Rst"];
const INT_KEY_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(IntKey).map(([name, key]) => [key, name]));

/** A piece at the front of the bytes: how long it is, or `undefined` if that takes more of them; and how it is read. */
interface Piece {
  readonly length: number | undefined;
  read(bytes: Uint8Array): Omit<Sniffed, "offset" | "bytes">;
}

/** Takes the bytes of one direction apart. */
export class Sniffer {
  readonly #messages: MessageReader;
  readonly #from: Direction;
  readonly #maxBytes: number;
  #buffer: Uint8Array = new Uint8Array(0);
  #offset = 0;
  /** Bytes of a frame too large to be read that are still to come. */
  #skip = 0;
  readonly #grpc: GrpcReader;
  #http2: Http2Reader | undefined;
  #lost = false;
  #scan: { readonly kind: MessageKind; readonly scanner: MessageScanner } | undefined;

  constructor(options: SnifferOptions) {
    this.#messages = options.messages;
    this.#from = options.from;
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
    const { from, messages, compressors = [], calls = new GrpcCalls() } = options;
    this.#grpc = new GrpcReader({ from, messages, calls, compressors, maxBytes: this.#maxBytes });
  }

  /** Takes bytes and gives what is whole now. Keeps nothing of `bytes`. Never throws. */
  *feed(bytes: Uint8Array): Generator<Sniffed> {
    this.#append(bytes);
    yield* this.#pieces(false);
  }

  /** There are no more bytes: gives what is left of an unfinished frame. */
  *end(): Generator<Sniffed> {
    yield* this.#pieces(true);
    const rest = this.#buffer;
    if (this.#skip > 0) yield this.#made(0, wrong("truncated", `${this.#skip} bytes are missing at the end`));
    if (rest.length === 0) return;
    const length = this.#piece(rest)?.length;
    const missing = length === undefined ? "" : `: ${length - rest.length} of its ${length} bytes are missing`;
    yield this.#take(rest.length, () => wrong("truncated", `the bytes end within a frame${missing}`, rest));
  }

  #append(bytes: Uint8Array): void {
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    this.#offset += skipped;
    const buffer = new Uint8Array(this.#buffer.length + bytes.length - skipped);
    buffer.set(this.#buffer);
    buffer.set(bytes.subarray(skipped), this.#buffer.length);
    this.#buffer = buffer;
  }

  *#pieces(ended: boolean): Generator<Sniffed> {
    while (this.#buffer.length > 0) {
      if (this.#lost) {
        const shown = this.#buffer;
        yield this.#take(
          shown.length,
          () => ({ protocol: "unknown", summary: "bytes", details: {}, dump: dumped(shown) }),
        );
        return;
      }
      let piece: Piece | undefined | null;
      try {
        piece = this.#piece(this.#buffer, ended);
      } catch (reason) {
        this.#lost = true;
        const shown = this.#buffer;
        const text = `${RpcError.from(reason).message}: what follows cannot be read`;
        yield this.#take(shown.length, () => wrong("invalid", text, shown));
        return;
      }
      if (piece === null) return;
      if (piece === undefined) {
        this.#lost = true;
        continue;
      }
      const { length } = piece;
      if (length === undefined) {
        if (this.#buffer.length <= this.#maxBytes) return;
        this.#lost = true;
      } else if (length > this.#maxBytes) {
        yield this.#pass(length);
      } else {
        if (this.#buffer.length < length) return;
        this.#scan = undefined;
        yield this.#take(length, piece.read);
      }
    }
  }

  /** What begins the bytes; `null` if there are too few to tell, `undefined` if it is nothing known. Throws for what breaks its rules. */
  #piece(bytes: Uint8Array, ended = true): Piece | null | undefined {
    if (this.#http2 !== undefined) return http2Piece(this.#http2, bytes);
    const preface = PREFACE.findIndex((byte, i) => bytes[i] !== byte);
    if (preface < 0) {
      const reader = new Http2Reader(this.#grpc);
      return {
        length: PREFACE.length,
        read: () => {
          this.#http2 = reader;
          return { protocol: "http2", summary: "connection preface", details: {} };
        },
      };
    }
    if (preface === bytes.length && preface > 0 && !ended) return null;
    if (isMeshHeader(bytes)) return meshPiece(bytes);
    if (bytes.length < HEAD_BYTES && !ended) return null;
    if (bytes[4] === 0x10 && bytes[5] === 0x00) return this.#ttheader(bytes);
    const bare = kindOf(bytes, 0);
    if (bare !== undefined && bare !== "protobuf") return this.#buffered(bare, bytes);
    const kind = kindOf(bytes, 4);
    if (kind !== undefined) return this.#framed(kind, bytes);
    if (isHttp2Settings(bytes)) return http2Piece(this.#http2 = new Http2Reader(this.#grpc), bytes);
    return undefined;
  }

  #framed(kind: MessageKind, bytes: Uint8Array): Piece | undefined {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (length === 0 || length > LARGEST_FRAME) return undefined;
    const protocol = kind === "protobuf" ? "kitex protobuf" : "thrift framed";
    return {
      length: 4 + length,
      read: (frame) => ({ protocol, ...this.#messages.read(kind, frame.subarray(4)) }),
    };
  }

  #buffered(kind: Exclude<MessageKind, "protobuf">, bytes: Uint8Array): Piece {
    if (this.#scan?.kind !== kind) {
      const limits = withDefaults({ maxMessageBytes: this.#maxBytes });
      const payload = { binary, compact, json }[kind]({ limits });
      this.#scan = { kind, scanner: payload.scanner(limits) };
    }
    const end = this.#scan.scanner.scan(bytes);
    return {
      length: end < 0 ? undefined : end,
      read: (message) => ({ protocol: "thrift buffered", ...this.#messages.read(kind, message) }),
    };
  }

  #ttheader(bytes: Uint8Array): Piece {
    const parts = emptyParts();
    if (bytes.length < parts.need) return { length: undefined, read: () => wrong("ttheader", "incomplete") };
    const whole = readFrame(bytes, 0, LARGEST_FRAME, parts);
    return {
      length: parts.need,
      read: whole ? (frame) => this.#readTTHeader(frame) : () => wrong("ttheader", "incomplete"),
    };
  }

  #readTTHeader(frame: Uint8Array): Omit<Sniffed, "offset" | "bytes"> {
    const parts = emptyParts();
    readFrame(frame, 0, LARGEST_FRAME, parts);
    const isStream = (parts.flags & Flag.STREAMING) !== 0;
    const protocol = isStream ? "ttheader stream" : "ttheader";
    const head = {
      flags: `0x${parts.flags.toString(16).padStart(4, "0")}`,
      seqid: parts.seqid,
      protocolId: parts.protocolId,
    };
    let info: ReturnType<typeof decodeInfo>;
    try {
      info = decodeInfo(frame, parts.infoStart, parts.payloadStart);
    } catch (reason) {
      return { protocol, summary: `seq ${parts.seqid}`, details: head, error: RpcError.from(reason).message };
    }
    const ints = new Map([...info.ints].map(([key, value]) => [INT_KEY_NAMES.get(key) ?? String(key), value]));
    const details = {
      ...head,
      ...(ints.size === 0 ? {} : { ints }),
      ...(info.strings.size === 0 ? {} : { strings: info.strings }),
    };
    const payload = frame.subarray(parts.payloadStart);
    return isStream
      ? this.#streamFrame(parts.seqid, info.ints, details, payload)
      : { protocol, ...this.#ttheaderPayload(details, parts.seqid, payload) };
  }

  #ttheaderPayload(
    details: Record<string, unknown>,
    seqid: number,
    payload: Uint8Array,
  ): Omit<Sniffed, "offset" | "bytes" | "protocol"> {
    const bare = kindOf(payload, 0);
    const framed = bare === undefined ? kindOf(payload, 4) : undefined;
    const kind = bare ?? framed;
    if (kind === undefined) {
      return { summary: `seq ${seqid}, payload of ${payload.length} bytes`, details, dump: dumped(payload) };
    }
    const message = this.#messages.read(kind, framed === undefined ? payload : payload.subarray(4));
    const error = framed === undefined ? undefined : lengthError(payload);
    return {
      ...message,
      details: { ...details, framed: framed !== undefined, message: message.details },
      ...(error === undefined ? {} : { error }),
    };
  }

  #streamFrame(
    stream: number,
    ints: ReadonlyMap<number, string>,
    details: Record<string, unknown>,
    payload: Uint8Array,
  ): Omit<Sniffed, "offset" | "bytes"> {
    const protocol = "ttheader stream";
    const code = ints.get(IntKey.FRAME_TYPE) ?? "";
    const type = FRAME_TYPES[Number(code)];
    const method = ints.get(IntKey.TO_METHOD) ?? "";
    const summary = `${
      type === undefined || type === "" ? `frame type ${JSON.stringify(code)}` : type
    } stream ${stream} ${method}`;
    if (payload.length === 0) return { protocol, summary, details };
    if (kindOf(payload, 0) === "binary") {
      const message = this.#messages.read("binary", payload);
      return {
        protocol,
        ...message,
        summary: `${summary}: ${message.summary}`,
        details: { ...details, message: message.details },
      };
    }
    const { body, error } = this.#messages.readStruct(method, this.#from, payload);
    return { protocol, summary, details: { ...details, body }, ...(error === undefined ? {} : { error }) };
  }

  /** Passes over a frame too large to be read. */
  #pass(length: number): Sniffed {
    const here = Math.min(length, this.#buffer.length);
    this.#skip = length - here;
    const text = `frame of ${length} bytes exceeds ${this.#maxBytes}: passed over`;
    const made = this.#made(length, wrong("too large", text, this.#buffer));
    this.#buffer = this.#buffer.slice(here);
    this.#offset += here;
    return made;
  }

  #take(length: number, read: Piece["read"]): Sniffed {
    const bytes = this.#buffer.subarray(0, length);
    const made = this.#made(length, read(bytes));
    this.#buffer = this.#buffer.slice(length);
    this.#offset += length;
    return made;
  }

  #made(bytes: number, parts: Omit<Sniffed, "offset" | "bytes">): Sniffed {
    return { ...parts, offset: this.#offset, bytes };
  }
}

/** The payload whose message begins there. */
function kindOf(bytes: Uint8Array, at: number): MessageKind | undefined {
  const [first, second] = [bytes[at], bytes[at + 1]];
  if (second === 0x01 && first === 0x80) return "binary";
  if (second === 0x01 && first === 0x90) return "protobuf";
  if (first === 0x82 && second !== undefined && (second & 31) === 1 && second >> 5 >= 1 && second >> 5 <= 4) {
    return "compact";
  }
  return first === 0x5b && second === 0x31 && bytes[at + 2] === 0x2c ? "json" : undefined;
}

/** A server's first frame in HTTP/2: SETTINGS of stream 0. */
function isHttp2Settings(bytes: Uint8Array): boolean {
  const length = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
  const zeros = [5, 6, 7, 8].every((at) => bytes[at] === 0);
  return bytes.length >= 9 && bytes[3] === 4 && bytes[4]! <= 1 && zeros && length % 6 === 0 && length < 600;
}

function http2Piece(reader: Http2Reader, bytes: Uint8Array): Piece {
  return {
    length: bytes.length < 9 ? undefined : Http2Reader.bytesOf(bytes),
    read: (frame) => ({ protocol: "http2", ...reader.read(frame) }),
  };
}

function meshPiece(bytes: Uint8Array): Piece {
  const header = decodeMeshHeader(bytes);
  return {
    length: header?.end,
    read: () => ({
      protocol: "mesh header",
      summary: `${header?.strings.size} pairs`,
      details: { strings: header?.strings },
    }),
  };
}

/** What is wrong with the length in front of a framed payload. */
function lengthError(payload: Uint8Array): string | undefined {
  const length = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  return length === payload.length - 4
    ? undefined
    : `the payload says it has ${length} bytes, but has ${payload.length - 4}`;
}

function wrong(protocol: string, error: string, bytes?: Uint8Array): Omit<Sniffed, "offset" | "bytes"> {
  return { protocol, summary: "", details: {}, error, ...(bytes === undefined ? {} : { dump: dumped(bytes) }) };
}

/** A copy of as many bytes as are shown. */
function dumped(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, DUMP_BYTES);
}
