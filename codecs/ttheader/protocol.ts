/**
 * TTHeader as a protocol of `lib/rpc`: `ttheader()`.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Protocol } from "../../lib/rpc/protocol.ts";
import { kitexProtobufPayload } from "../kitex_protobuf/payload.ts";
import { Bindings } from "../message/bindings.ts";
import type { Framing } from "../message/framing.ts";
import type { MessageProtocolOptions } from "../message/client_protocol.ts";
import { messageProtocol } from "../message/protocol.ts";
import { binary } from "../thrift/binary.ts";
import { type Limits, withDefaults } from "../thrift/limits.ts";
import { ttheaderFraming } from "./framing.ts";

/** Options of `ttheader`. */
export interface TTHeaderOptions extends MessageProtocolOptions {
  /**
   * Limits on what is read and written; `maxFrameBytes` counts a whole frame after its length. Of those on what is in a message,
   * Protocol Buffers have `maxNested`.
   */
  readonly limits?: Partial<Limits> | undefined;
  /**
   * True puts a length before Thrift messages of calls, which Kitex calls TTHeaderFramed. Protocol Buffers have one always,
   * and answers look as their calls did. Default `false`.
   */
  readonly framed?: boolean | undefined;
  /** `"crc32c"` sends a checksum of the payload with every frame. One that comes is always verified. Default: none. */
  readonly checksum?: "crc32c" | undefined;
}

/** Kitex's TTHeader: Thrift or Protocol Buffers messages with metadata, timeouts, identities and business statuses. */
export function ttheader(options: TTHeaderOptions = {}): Protocol {
  return messageProtocol("ttheader", ttheaderFramingOf(options).framing, ["thrift", "protobuf"], options);
}

/** The framing that the options describe, with what it is made of. Throws an `RpcError` of kind `"invalid"`. */
export function ttheaderFramingOf(options: TTHeaderOptions): {
  readonly framing: Framing;
  readonly thrift: Bindings;
  readonly protobuf: Bindings;
  readonly limits: Limits;
} {
  const { checksum } = options;
  if (checksum !== undefined && checksum !== "crc32c") {
    throw new RpcError("invalid", `checksum ${JSON.stringify(checksum)} is not crc32c`);
  }
  const limits = withDefaults(options.limits);
  const thrift = new Bindings(binary({ limits }));
  const protobuf = new Bindings(kitexProtobufPayload(limits));
  const framing = ttheaderFraming({
    thrift,
    protobuf,
    maxFrameBytes: limits.maxFrameBytes,
    framed: options.framed ?? false,
    checksum: checksum !== undefined,
  });
  return { framing, thrift, protobuf, limits };
}
