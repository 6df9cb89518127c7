/**
 * Messages of a stream to bytes and back, compressed where both sides agree on it.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { Http2Connection } from "../http2/connection.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { WireCodec } from "./bindings.ts";
import { type Compressors, IDENTITY } from "./compressors.ts";
import { PREFIX_BYTES, tooLarge } from "./message_reader.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

/** Is given what is sent, so that it can be sent again. */
export interface SentKeeper {
  /** The octets of a message, as they go out: those of `bytes` from `start` to `end`, which stay the caller's. */
  keep(bytes: Uint8Array, start: number, end: number): void;
}

/**
 * Sends a message of at most `maxBytes` on the wire; `keeper` is given its octets. Gives what `Http2Connection.data` gives. Throws an
 * `RpcError` of kind `"invalid"`, or a `GrpcError` for one that is too large: nothing was sent then.
 */
export function sendMessage(
  h2: Http2Connection,
  stream: Http2Stream,
  codec: WireCodec,
  message: unknown,
  compressor: Compressor | undefined,
  maxBytes: number,
  ended: boolean,
  keeper?: SentKeeper,
): boolean {
  if (stream.closed) return true;
  if (compressor !== undefined) return sendCompressed(h2, stream, codec, message, compressor, maxBytes, ended, keeper);
  const w = h2.beginData(stream);
  const at = w.pos;
  try {
    w.reserve(PREFIX_BYTES);
    w.pos += PREFIX_BYTES;
    codec.encode(w, message);
    writePrefix(w, at, 0, maxBytes);
    keeper?.keep(w.bytes, at, w.pos);
  } catch (error) {
    h2.dropData();
    throw error;
  }
  return h2.endData(stream, ended);
}

/**
 * Reads a message; `encoding` is known to be one of `compressors`. Throws a `GrpcError` where the peer broke gRPC's rules, an
 * `RpcError` of kind `"protocol"` where the bytes are no message.
 */
export function readMessage(
  codec: WireCodec,
  bytes: Uint8Array,
  start: number,
  end: number,
  compressed: boolean,
  encoding: string | undefined,
  compressors: Compressors,
  maxBytes: number,
): unknown {
  if (!compressed) return codec.decode(bytes, start, end);
  const compressor = encoding === undefined || encoding === IDENTITY ? undefined : compressors.find(encoding);
  if (compressor === undefined) {
    throw new GrpcError(GrpcStatus.INTERNAL, "a message is compressed, and grpc-encoding does not say how");
  }
  const plain = inflate(compressor, bytes.subarray(start, end), maxBytes);
  return codec.decode(plain, 0, plain.length);
}

function inflate(compressor: Compressor, bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return compressor.decompress(bytes, maxBytes);
  } catch (reason) {
    const error = RpcError.from(reason, "protocol");
    if (error.kind === "overload") throw tooLarge(maxBytes + 1, maxBytes);
    throw new GrpcError(GrpcStatus.INTERNAL, `a message cannot be decompressed: ${error.message}`);
  }
}

function sendCompressed(
  h2: Http2Connection,
  stream: Http2Stream,
  codec: WireCodec,
  message: unknown,
  compressor: Compressor,
  maxBytes: number,
  ended: boolean,
  keeper: SentKeeper | undefined,
): boolean {
  const plain = new WriteBuffer(1024);
  codec.encode(plain, message);
  const bytes = compressor.compress(plain.written());
  const w = new WriteBuffer(bytes.length + PREFIX_BYTES);
  w.bytes.set(bytes, PREFIX_BYTES);
  w.pos = bytes.length + PREFIX_BYTES;
  writePrefix(w, 0, 1, maxBytes);
  keeper?.keep(w.bytes, 0, w.pos);
  return h2.data(stream, w.bytes, 0, w.pos, ended);
}

function writePrefix(w: WriteBuffer, at: number, flag: number, maxBytes: number): void {
  const { bytes } = w;
  const length = w.pos - at - PREFIX_BYTES;
  if (length > maxBytes) {
    const text = `trying to send message larger than max (${length} vs. ${maxBytes})`;
    throw new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, text);
  }
  bytes[at] = flag;
  bytes[at + 1] = length >>> 24;
  bytes[at + 2] = length >>> 16;
  bytes[at + 3] = length >>> 8;
  bytes[at + 4] = length;
}
