/**
 * Protocols by the names that command lines give them.
 *
 * @module
 */
import { buffered, framed } from "../../codecs/thrift/protocol.ts";
import { ttheader } from "../../codecs/ttheader/protocol.ts";
import { ttheaderStreaming } from "../../codecs/ttheader/stream/protocol.ts";
import type { Protocol } from "../../lib/rpc/protocol.ts";
import { UsageError } from "../command.ts";

/** Names of the protocols of calls that do not stream; the first is the default. */
export const PROTOCOLS: readonly string[] = ["ttheader", "ttheader-framed", "framed", "buffered"];

/** Names of the payloads; the first is the default. */
export const PAYLOADS: readonly string[] = ["binary", "compact", "json"];

/** What a method is called with. */
export interface NamedProtocol {
  /** Its name in `PROTOCOLS`. */
  readonly name: string;
  /** The protocol. */
  readonly protocol: Protocol;
}

/**
 * The protocol of a name with a payload of a name. Default: TTHeader, or framed for payloads that it does not carry.
 * Throws a `UsageError` for a payload that the protocol does not carry.
 */
export function protocolOf(name: string | undefined, payload = "binary"): NamedProtocol {
  const chosen = name ?? (payload === "binary" ? "ttheader" : "framed");
  if (chosen.startsWith("ttheader")) {
    if (payload !== "binary") throw new UsageError(`${chosen} carries binary messages only, not ${payload}`);
    return { name: chosen, protocol: ttheader({ framed: chosen === "ttheader-framed" }) };
  }
  const options = { payload: payload as "binary" | "compact" | "json" };
  return { name: chosen, protocol: chosen === "buffered" ? buffered(options) : framed(options) };
}

/** The protocol of methods that stream. */
export function streamingProtocol(): Protocol {
  return ttheaderStreaming();
}
