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
import { DEFAULT_LIMITS, type Limits, withDefaults } from "../thrift/limits.ts";
import { kitexProtobufPayload } from "./payload.ts";

/** Options of `kitexProtobuf`. */
export interface KitexProtobufOptions extends MessageProtocolOptions {
  /** Bytes of a frame, its length not counted; also of one that is written. Default 16 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /** Limits on what is in a message: `maxNested`, by default 1 Mi. */
  readonly limits?: Partial<Pick<Limits, "maxNested">> | undefined;
}

/**
 * Protocol Buffers messages in Kitex's envelope, framed. It has no header, so metadata and business statuses stay behind:
 * `ttheader()` carries them. Kitex's own clients use that; its servers take both.
 */
export function kitexProtobuf(options: KitexProtobufOptions = {}): Protocol {
  const { maxFrameBytes = DEFAULT_LIMITS.maxFrameBytes } = options;
  const bindings = new Bindings(kitexProtobufPayload(withDefaults({ maxNested: options.limits?.maxNested })));
  const framing = lengthPrefixed(bindings, maxFrameBytes);
  return messageProtocol("kitex protobuf", framing, ["protobuf"], options);
}
