/**
 * Kitex Protobuf messages: Kitex's own envelope around Protocol Buffers, always behind a length.
 *
 * ```text
 * 90 01 00 type | i32 name length | name | i32 sequence id | message
 * ```
 *
 * The body is the request or the response itself, to the end of the frame; of an exception, an `ErrorProto`
 * `{ int32 TypeID = 1; string Message = 2 }`. The methods bring the codecs of their messages, so that this file needs no
 * Protocol Buffers library.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { decodeText, encodeText } from "../../lib/io/text.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { MethodSchema } from "../../lib/schema/service.ts";
import type { Codec, MessageHeader, MessagePayload, Values } from "../message/payload.ts";
import { errorOfType, typeOf } from "../thrift/application_exception.ts";
import { DEFAULT_LIMITS, type Limits } from "../thrift/limits.ts";

/** High half of a message's first word. */
const MAGIC = 0x9001;

/** Frames bound messages. */
const MAX_MESSAGE_BYTES = 0x7fff_ffff;

/** Most bytes of a method's name. */
const MAX_NAME_BYTES = 4096;

/** Writes and reads the messages of one type. */
export interface BodyCodec {
  /** Appends a message. Throws an `RpcError` of kind `"invalid"`. */
  encode(w: WriteBuffer, value: unknown): void;
  /** The message in `bytes[start..end]`. Throws an `RpcError` of kind `"protocol"`. */
  decode(bytes: Uint8Array, start: number, end: number): unknown;
  /** The same within other limits, `maxMessageBytes` on what is written too. Left out: it keeps its own. */
  within?(limits: BodyLimits): BodyCodec;
}

/** How much a peer may ask for in a message. */
export interface BodyLimits {
  /** Its bytes. */
  readonly maxMessageBytes: number;
  /** Messages and unknown fields in it. */
  readonly maxNested: number;
}

/** A method that brings the codecs of its messages. */
export interface SelfCodedMethod extends MethodSchema {
  /** Of its requests. */
  readonly requests: BodyCodec;
  /** Of its responses. */
  readonly responses: BodyCodec;
}

/** The payload; `maxNested` of the limits is for its messages, whose length is that of their frames. */
export function kitexProtobufPayload(limits: Pick<Limits, "maxNested"> = DEFAULT_LIMITS): MessagePayload {
  return {
    name: "kitex protobuf",
    kind: "protobuf",
    firstByte: MAGIC >>> 8,
    bind(method) {
      const { requests, responses } = selfCoded(method, limits);
      return { args: bodyCodec(method.args.fields[0]!.key, requests), result: bodyCodec("success", responses) };
    },
    writeMessageBegin(w, name, type, seqid) {
      w.reserve(12 + name.length);
      const { view, pos } = w;
      view.setInt32(pos, (MAGIC << 16) | type);
      view.setInt32(pos + 4, name.length);
      w.bytes.set(name, pos + 8);
      view.setInt32(pos + 8 + name.length, seqid);
      w.pos = pos + 12 + name.length;
    },
    writeMessageEnd() {},
    readMessageBegin(r: ReadBuffer, header: MessageHeader) {
      const { view, pos, end } = r;
      if (end - pos < 12) throw new RpcError("protocol", `message of ${end - pos} bytes is shorter than its envelope`);
      const word = view.getInt32(pos);
      if (word >>> 16 !== MAGIC) {
        throw new RpcError("protocol", `bad magic 0x${(word >>> 16).toString(16)}, not 0x9001`);
      }
      const length = view.getInt32(pos + 4);
      if (length < 0 || length > MAX_NAME_BYTES) {
        throw new RpcError("protocol", `method name of ${length} bytes is not 0 to ${MAX_NAME_BYTES}`);
      }
      if (length > end - pos - 12) throw new RpcError("protocol", "the method name reaches past the message");
      header.type = word & 0xffff;
      header.nameStart = pos + 8;
      header.nameEnd = pos + 8 + length;
      header.seqid = view.getInt32(header.nameEnd);
      r.pos = header.nameEnd + 4;
    },
    writeException(w, error) {
      const message = encodeText(error.message);
      w.reserve(message.length + 16);
      putVarintField(w, 1, typeOf(error));
      if (message.length > 0) {
        putVarint(w, (2 << 3) | 2);
        putVarint(w, message.length);
        w.bytes.set(message, w.pos);
        w.pos += message.length;
      }
    },
    readException,
    detect(bytes) {
      if (bytes.length === 0) return null;
      if (bytes[0] !== MAGIC >>> 8) return false;
      return bytes.length < 2 ? null : bytes[1] === (MAGIC & 0xff);
    },
  };
}

/** The codecs that a method brings, within the limits. Throws an `RpcError` of kind `"invalid"` if it brings none. */
export function selfCoded(
  method: MethodSchema,
  { maxNested }: Pick<Limits, "maxNested">,
): Pick<SelfCodedMethod, "requests" | "responses"> {
  if (!("requests" in method && "responses" in method)) {
    throw new RpcError("invalid", `${method.name} is no method of a Protocol Buffers service`);
  }
  const { requests, responses } = method as SelfCodedMethod;
  const limits = { maxMessageBytes: MAX_MESSAGE_BYTES, maxNested };
  return { requests: requests.within?.(limits) ?? requests, responses: responses.within?.(limits) ?? responses };
}

/** The one message of a body; no value at all is written as no bytes. */
function bodyCodec(key: string, codec: BodyCodec): Codec<Values> {
  return {
    encode(w, values) {
      if (key in values) codec.encode(w, values[key]);
    },
    decode(r) {
      const value = codec.decode(r.bytes, r.pos, r.end);
      r.pos = r.end;
      return { [key]: value };
    },
  };
}

/** Reads an `ErrorProto`; unknown fields are skipped. */
function readException(r: ReadBuffer): RpcError {
  let type = 0;
  let message = "";
  while (r.pos < r.end) {
    const tag = varint(r);
    const wireType = tag & 7;
    if (tag === ((1 << 3) | 0)) type = varint(r) | 0;
    else if (wireType === 2) {
      const length = varint(r);
      if (length > r.end - r.pos) throw new RpcError("protocol", "a field of the error reaches past it");
      if (tag >>> 3 === 2) message = decodeText(r.bytes, r.pos, r.pos + length);
      r.pos += length;
    } else if (wireType === 0) varint(r);
    else if (wireType === 1 || wireType === 5) r.pos += wireType === 1 ? 8 : 4;
    else throw new RpcError("protocol", `wire type ${wireType} in an error`);
  }
  if (r.pos > r.end) throw new RpcError("protocol", "the error ends within a field");
  return errorOfType(type, message);
}

/** A varint, of which the low 32 bits count. */
function varint(r: ReadBuffer): number {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (r.pos >= r.end) throw new RpcError("protocol", "the error ends within a number");
    const byte = r.bytes[r.pos++]!;
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
  throw new RpcError("protocol", "a number in the error has more than 10 bytes");
}

function putVarintField(w: WriteBuffer, field: number, value: number): void {
  if (value === 0) return;
  putVarint(w, field << 3);
  putVarint(w, value);
}

/** Appends a number of 0 to 2^31 - 1; room for it is there. */
function putVarint(w: WriteBuffer, value: number): void {
  while (value > 0x7f) {
    w.bytes[w.pos++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  w.bytes[w.pos++] = value;
}
