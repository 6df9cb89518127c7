/**
 * Kitex Protobuf behind a bare length, without TTHeader: `kitexProtobuf()`.
 *
 * @module
 */
import type { Protocol } from "../../lib/rpc/protocol.ts";
import { Bindings } from "../message/bindings.ts";
import { lengthPrefixed } from "../message/framing.ts";
import type { MessageProtocolOptions } from "../message/client_protocol.ts";
import { messageProtocol } from "../message/protocol.ts";
import { DEFAULT_LIMITS } from "../thrift/limits.ts";
import { kitexProtobufPayload } from "./payload.ts";

/** Options of `kitexProtobuf`. */
export interface KitexProtobufOptions extends MessageProtocolOptions {
  /** Bytes of a frame, its length not counted; also of one that is written. Default 16 MiB. */
  readonly maxFrameBytes?: number | undefined;
}

/**
 * Protocol Buffers messages in Kitex's envelope, framed. It has no header, so metadata and business statuses stay behind:
 * `ttheader()` carries them. Kitex's own clients use that; its servers take both.
 */
export function kitexProtobuf(options: KitexProtobufOptions = {}): Protocol {
  const bindings = new Bindings(kitexProtobufPayload());
  const framing = lengthPrefixed(bindings, options.maxFrameBytes ?? DEFAULT_LIMITS.maxFrameBytes);
  return messageProtocol("kitex protobuf", framing, ["protobuf"], options);
}
