/**
 * The error codes of HTTP/2, and the error that carries one: how far it reaches is part of it.
 *
 * Spec: RFC 9113 §5.4 and §7.
 *
 * @module
 */
import { RpcError, type RpcErrorOptions } from "../../lib/errors.ts";

/** The error codes of RFC 9113 §7, by their names there. Others may come from a peer and are kept as they are. */
export const ErrorCode: {
  readonly NO_ERROR: 0;
  readonly PROTOCOL_ERROR: 1;
  readonly INTERNAL_ERROR: 2;
  readonly FLOW_CONTROL_ERROR: 3;
  readonly SETTINGS_TIMEOUT: 4;
  readonly STREAM_CLOSED: 5;
  readonly FRAME_SIZE_ERROR: 6;
  readonly REFUSED_STREAM: 7;
  readonly CANCEL: 8;
  readonly COMPRESSION_ERROR: 9;
  readonly CONNECT_ERROR: 10;
  readonly ENHANCE_YOUR_CALM: 11;
  readonly INADEQUATE_SECURITY: 12;
  readonly HTTP_1_1_REQUIRED: 13;
} = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
};

const NAMES: readonly string[] = Object.keys(ErrorCode);

/** The name of an error code; `0x…` for one the RFC does not know. */
export function errorName(code: number): string {
  return NAMES[code] ?? `0x${code.toString(16)}`;
}

/** A broken rule of HTTP/2. Its kind is `"protocol"`. */
export class Http2Error extends RpcError {
  /** What RST_STREAM or GOAWAY says: one of `ErrorCode`, or what a peer made up. */
  declare readonly code: number;
  /** The stream that ends; 0 if the connection does. */
  readonly streamId: number;

  /** Makes an error that ends stream `streamId`, or the connection if that is 0 (default). */
  constructor(code: number, message: string, streamId = 0, options: RpcErrorOptions = {}) {
    super("protocol", `${message} (${errorName(code)})`, { ...options, code });
    this.streamId = streamId;
  }
}
