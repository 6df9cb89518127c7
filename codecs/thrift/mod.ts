/**
 * Thrift: the protocols for servers and clients, the payloads under them, and what they say of failed calls.
 *
 * @module
 */
export { RpcError } from "../../lib/errors.ts";
export type { ErrorKind, RpcErrorOptions } from "../../lib/errors.ts";
export { ReadBuffer } from "../../lib/io/read_buffer.ts";
export { WriteBuffer } from "../../lib/io/write_buffer.ts";
export type { Protocol } from "../../lib/rpc/protocol.ts";
export {
  type ApplicationException,
  ApplicationExceptionSchema,
  ApplicationExceptionType,
  decodeApplicationException,
  encodeApplicationException,
} from "./application_exception.ts";
export type { Codec, MessagePayload, MethodCodec, Values } from "../message/payload.ts";
export type { MessageProtocolOptions } from "../message/client_protocol.ts";
export type { PayloadKind } from "../../lib/schema/service.ts";
export { binary, type BinaryOptions } from "./binary.ts";
export { compact, type CompactOptions } from "./compact.ts";
export { json, type JsonOptions } from "./json.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export { type MessageHeader, type MessageScanner, MessageType, type Payload, type StructCodec } from "./payload.ts";
export type { PayloadOptions } from "./payload_of.ts";
export { buffered, framed, type ThriftProtocolOptions } from "./protocol.ts";
export { ThriftException } from "./thrift_exception.ts";
export { type ThriftStruct, thriftStruct, type ThriftStructParts } from "./thrift_struct.ts";
