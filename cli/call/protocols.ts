/**
 * Protocols by the names that command lines give them.
 *
 * @module
 */
import { grpc } from "../../codecs/grpc/protocol.ts";
import { kitexProtobuf } from "../../codecs/kitex_protobuf/protocol.ts";
import { buffered, framed } from "../../codecs/thrift/protocol.ts";
import { ttheader } from "../../codecs/ttheader/protocol.ts";
import { ttheaderStreaming } from "../../codecs/ttheader/stream/protocol.ts";
import { carries, type Protocol } from "../../lib/rpc/protocol.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import { UsageError } from "../command.ts";

/** Names of the protocols. */
export const PROTOCOLS: readonly string[] = [
  "ttheader",
  "ttheader-framed",
  "framed",
  "buffered",
  "kitex-protobuf",
  "grpc",
];

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
 * The protocol of a name with a payload of a name, for a service. Default: gRPC for Protocol Buffers; for Thrift TTHeader, or framed for
 * payloads that it does not carry. Throws a `UsageError` for a payload or a service that the protocol does not carry.
 */
export function protocolOf(
  service: ServiceSchema,
  name: string | undefined,
  payload: string | undefined,
): NamedProtocol {
  const chosen = name ?? defaultFor(service, payload);
  const found = { name: chosen, protocol: make(chosen, payload) };
  if (carries(found.protocol, service)) return found;
  const others = PROTOCOLS.filter((other) => carries(make(other, undefined), service));
  const what = service.payload === "thrift" ? "Thrift" : "Protocol Buffers";
  throw new UsageError(`${chosen} does not carry ${what}, as ${service.name} is: choose one of ${others.join(", ")}`);
}

/** The protocol of methods that stream, where `protocol` does not. */
export function streamingProtocol(): Protocol {
  return ttheaderStreaming();
}

function defaultFor(service: ServiceSchema, payload = "binary"): string {
  if (service.payload !== "thrift") return "grpc";
  return payload === "binary" ? "ttheader" : "framed";
}

function make(name: string, payload = "binary"): Protocol {
  if (name === "framed" || name === "buffered") {
    const options = { payload: payload as "binary" | "compact" | "json" };
    return name === "framed" ? framed(options) : buffered(options);
  }
  if (payload !== "binary") throw new UsageError(`${name} carries binary messages only, not ${payload}`);
  if (name === "grpc") return grpc();
  return name === "kitex-protobuf" ? kitexProtobuf() : ttheader({ framed: name === "ttheader-framed" });
}
