/**
 * Protocol Buffers: services from the descriptors of protobuf-es, and their messages as bytes.
 *
 * @module
 */
export { RpcError } from "../../lib/errors.ts";
export type { ErrorKind, RpcErrorOptions } from "../../lib/errors.ts";
export { WriteBuffer } from "../../lib/io/write_buffer.ts";
export type { CallContext, CallOptions } from "../../lib/rpc/call.ts";
export type { MethodSchema, PayloadKind, ServiceSchema, Streaming } from "../../lib/schema/service.ts";
export { completeLimits, DEFAULT_MESSAGE_LIMITS, type MessageLimits } from "./limits.ts";
export { type MessageCodec, messageCodec } from "./message_codec.ts";
export {
  asProtobufService,
  type ProtobufClient,
  type ProtobufHandlers,
  type ProtobufMethod,
  type ProtobufService,
  protobufService,
} from "./service.ts";
