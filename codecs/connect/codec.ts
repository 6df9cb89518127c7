/**
 * The messages of a method as bytes: Protocol Buffers, or their JSON.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";
import { decodeJson, encodeJson } from "../protobuf/json_codec.ts";
import { completeLimits } from "../protobuf/limits.ts";
import { messageCodec } from "../protobuf/message_codec.ts";
import type { ProtobufMethod } from "../protobuf/service.ts";

/** A message type. */
export type MessageType = ProtobufMethod["input"];

/** Names of the two forms, as content types have them. */
export type CodecName = "proto" | "json";

/** Writes and reads messages of one type. */
export interface Codec {
  /** The bytes of a message. Throws an `RpcError` of kind `"invalid"`. */
  encode(message: unknown): Uint8Array;
  /** The message in `bytes`; keeps nothing of them. Throws a `GrpcError`. */
  decode(bytes: Uint8Array): unknown;
}

/** The codec of a message type. */
export function codecOf(desc: MessageType, name: CodecName): Codec {
  return name === "json" ? jsonCodec(desc) : protoCodec(desc);
}

function protoCodec(desc: MessageType): Codec {
  const codec = messageCodec(desc, completeLimits({ maxMessageBytes: 0x7fff_ffff }));
  return {
    encode(message) {
      const w = new WriteBuffer(256);
      codec.encode(w, message);
      return w.bytes.slice(0, w.pos);
    },
    decode: (bytes) => refusing(() => codec.decode(bytes)),
  };
}

function jsonCodec(desc: MessageType): Codec {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return {
    encode: (message) => encoder.encode(encodeJson(desc, message)),
    decode: (bytes) => refusing(() => decodeJson(desc, decoder.decode(bytes))),
  };
}

function refusing<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, RpcError.from(cause, "protocol").message, { cause });
  }
}
