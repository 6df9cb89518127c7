/**
 * All that a Kitex server answers on one connection without streams: `kitex()`.
 *
 * @module
 */
import type { Protocol } from "../../lib/rpc/protocol.ts";
import { anyOf } from "../message/any_of.ts";
import { lengthPrefixed } from "../message/framing.ts";
import { messageProtocol } from "../message/protocol.ts";
import { bare } from "../thrift/bare.ts";
import type { Payload } from "../thrift/payload.ts";
import { ttheaderFramingOf, type TTHeaderOptions } from "../ttheader/protocol.ts";
import { meshHeader } from "./mesh.ts";

/**
 * TTHeader, mesh headers, framed and buffered Thrift Binary, and framed Kitex Protobuf. Each message of a connection is told
 * on its own, as Kitex's servers do, and answered in the form it came. A client speaks TTHeader, as with `ttheader()`.
 */
export function kitex(options: TTHeaderOptions = {}): Protocol {
  const { framing, thrift, protobuf, limits } = ttheaderFramingOf(options);
  const plain = [
    bare(thrift, () => (thrift.payload as Payload).scanner(), limits.maxMessageBytes),
    lengthPrefixed(thrift, limits.maxFrameBytes),
    lengthPrefixed(protobuf, limits.maxFrameBytes),
  ] as const;
  const mesh = meshHeader(anyOf("kitex", plain));
  return messageProtocol("kitex", anyOf("kitex", [framing, ...plain, mesh]), ["thrift", "protobuf"], options);
}
