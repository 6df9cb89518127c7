/**
 * The messages of a method as bytes: Protocol Buffers, or their JSON.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";
import { decodeJson, encodeJson } from "../protobuf/json_codec.ts";
import { completeLimits, type MessageLimits, MOST_MESSAGE_BYTES } from "../protobuf/limits.ts";
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

/** Limits on the messages of Connect and gRPC-Web, beside how long they may be. */
export type ConnectLimits = Pick<MessageLimits, "maxNested">;

/** Completes the limits with the defaults. Throws an `RpcError` of kind `"invalid"` for one that is no positive integer or too large. */
export function connectLimits(
  limits: { readonly [K in keyof ConnectLimits]?: number | undefined } = {},
): MessageLimits {
  return completeLimits({ maxMessageBytes: MOST_MESSAGE_BYTES, maxNested: limits.maxNested });
}

/** The codec of a message type. */
export function codecOf(desc: MessageType, name: CodecName, limits: MessageLimits): Codec {
  return name === "json" ? jsonCodec(desc, limits) : protoCodec(desc, limits);
}

function protoCodec(desc: MessageType, limits: MessageLimits): Codec {
  const codec = messageCodec(desc, limits);
  return {
    encode(message) {
      const w = new WriteBuffer(256);
      codec.encode(w, message);
      return w.bytes.slice(0, w.pos);
    },
    decode: (bytes) => refusing(() => codec.decode(bytes)),
  };
}

function jsonCodec(desc: MessageType, { maxNested }: MessageLimits): Codec {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return {
    encode: (message) => encoder.encode(encodeJson(desc, message)),
    decode: (bytes) => refusing(() => decodeJson(desc, decoder.decode(bytes), undefined, maxNested)),
  };
}

function refusing<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, RpcError.from(cause, "protocol").message, { cause });
  }
}
