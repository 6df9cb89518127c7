/**
 * Protocols by the names that command lines give them.
 *
 * @module
 */
import { buffered, framed, type ThriftProtocolOptions } from "../../codecs/thrift/protocol.ts";
import { ttheaderStreaming } from "../../codecs/ttheader/stream/protocol.ts";
import type { Protocol } from "../../lib/rpc/protocol.ts";

/** Names of the protocols of calls that do not stream. */
export const PROTOCOLS: readonly string[] = ["framed", "buffered"];

/** Names of the payloads. */
export const PAYLOADS: readonly string[] = ["binary", "compact", "json"];

/** The protocol of a name of `PROTOCOLS` with a payload of `PAYLOADS`. */
export function protocolOf(name: string, payload: string): Protocol {
  const options: ThriftProtocolOptions = { payload: payload as "binary" | "compact" | "json" };
  return name === "buffered" ? buffered(options) : framed(options);
}

/** The protocol of methods that stream. */
export function streamingProtocol(): Protocol {
  return ttheaderStreaming();
}
