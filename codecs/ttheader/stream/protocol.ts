/**
 * TTHeader streaming as a protocol of `lib/rpc`: `ttheaderStreaming()`.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { Protocol } from "../../../lib/rpc/protocol.ts";
import { binary } from "../../thrift/binary.ts";
import { type Limits, withDefaults } from "../../thrift/limits.ts";
import { StreamClientSession } from "./client_session.ts";
import { StreamServerSession } from "./server_session.ts";
import { protobufStreamPayload } from "./protobuf_payload.ts";
import { detectStream } from "./stream_frame.ts";
import { thriftStreamPayload } from "./stream_payload.ts";
import { type StreamLimits, StreamWire } from "./stream_wire.ts";

const MEBI = 1024 * 1024;

/** The defaults of all limits on streams. */
export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  maxFrameBytes: 16 * MEBI,
  maxUnreadBytes: MEBI,
  stallMs: 3_000,
  maxStreams: 10_000,
  maxHeaderBytes: 16 * MEBI,
};

/** Options of `ttheaderStreaming`. */
export interface TTHeaderStreamingOptions extends Partial<StreamLimits> {
  /** Limits on each Thrift message; `maxNested` on each of Protocol Buffers too. */
  readonly limits?: Partial<Limits> | undefined;
}

/**
 * Kitex's streams: many at once on a connection of their own, of Thrift Binary or Protocol Buffers.
 * Throws an `RpcError` of kind `"invalid"` for a limit that is no integer in its range.
 */
export function ttheaderStreaming(options: TTHeaderStreamingOptions = {}): Protocol {
  const messageLimits = withDefaults(options.limits);
  const errors = binary({ limits: messageLimits });
  const wire = new StreamWire(
    [thriftStreamPayload(errors, messageLimits), protobufStreamPayload(messageLimits)],
    errors,
    limitsOf(options),
  );
  return {
    name: "ttheader streaming",
    payloads: wire.kinds,
    streams: true,
    detect: detectStream,
    serve: (conn, host) => new StreamServerSession(conn, host, wire),
    connect: (conn) => new StreamClientSession(conn, wire),
  };
}

function limitsOf(options: Partial<StreamLimits>): StreamLimits {
  const limits: { -readonly [K in keyof StreamLimits]: number } = { ...DEFAULT_STREAM_LIMITS };
  for (const name of Object.keys(limits) as (keyof StreamLimits)[]) {
    const value = options[name];
    if (value === undefined) continue;
    const least = name === "stallMs" ? 0 : 1;
    if (!Number.isInteger(value) || value < least || value > 0x7fff_ffff) {
      throw new RpcError("invalid", `${name} is ${value}, not an integer from ${least} to 2147483647`);
    }
    limits[name] = value;
  }
  return limits;
}
