/**
 * TTHeader: Kitex's protocols for calls and for streams, and the frames under them.
 *
 * @module
 */
export { type ErrorKind, RpcError, type RpcErrorOptions } from "../../lib/errors.ts";
export { WriteBuffer } from "../../lib/io/write_buffer.ts";
export type { Protocol } from "../../lib/rpc/protocol.ts";
export type { MessageProtocolOptions } from "../message/client_protocol.ts";
export type { Limits } from "../thrift/limits.ts";
export { crc32c } from "./crc32c.ts";
export { decodeFrame, encodeFrame, type Frame, type FrameInit } from "./frame.ts";
export type { Info } from "./info.ts";
export { Flag, IntKey, MetaPrefix, ProtocolId, StrKey } from "./keys.ts";
export { decodeMeshHeader, isMeshHeader, type MeshHeader } from "./mesh_header.ts";
export { ttheader, type TTHeaderOptions } from "./protocol.ts";
export { DEFAULT_STREAM_LIMITS, ttheaderStreaming, type TTHeaderStreamingOptions } from "./stream/protocol.ts";
export type { BudgetLimits } from "./stream/receive_budget.ts";
export { StreamErrorType } from "./stream/stream_error.ts";
export { FrameType } from "./stream/stream_frame.ts";
export type { StreamLimits } from "./stream/stream_wire.ts";
