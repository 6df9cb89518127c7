/**
 * HTTP/2, either side of a connection, as a pure state machine: see `Http2Connection`. HPACK and frames can be used by
 * themselves.
 *
 * @module
 */
export { type ErrorKind, RpcError, type RpcErrorOptions } from "../../lib/errors.ts";
export { WriteBuffer } from "../../lib/io/write_buffer.ts";
export { ByteQueue } from "./byte_queue.ts";
export { Http2Connection } from "./connection.ts";
export { ErrorCode, errorName, Http2Error } from "./errors.ts";
export { Mark } from "./field.ts";
export { decodeFrame, Flag, Frame, frameBytes, FrameType, PREFACE } from "./frame.ts";
export type { Http2Handler } from "./handler.ts";
export { HeaderList } from "./header_list.ts";
export { HpackDecoder, type HpackDecoderOptions } from "./hpack/decoder.ts";
export { HpackEncoder } from "./hpack/encoder.ts";
export type { Http2Options } from "./options.ts";
export type { ReceiveWindow } from "./receive_window.ts";
export type { Http2Output } from "./sender.ts";
export type { Settings } from "./settings.ts";
export type { Http2Stream, StreamState } from "./stream.ts";
