/**
 * Thrift as a protocol of `lib/rpc`: `framed()` and `buffered()`, each over the Binary, Compact or JSON payload.
 *
 * @module
 */
import type { Protocol } from "../../lib/rpc/protocol.ts";
import { Bindings } from "../message/bindings.ts";
import { type Framing, lengthPrefixed } from "../message/framing.ts";
import type { MessageProtocolOptions } from "../message/client_protocol.ts";
import { messageProtocol } from "../message/protocol.ts";
import { bare } from "./bare.ts";
import { type Limits, withDefaults } from "./limits.ts";
import type { Payload } from "./payload.ts";
import { payloadOf, type PayloadOptions } from "./payload_of.ts";

/** Options of `framed` and `buffered`. */
export interface ThriftProtocolOptions extends PayloadOptions, MessageProtocolOptions {
  /** Limits on what is read and written. */
  readonly limits?: Partial<Limits> | undefined;
}

/** Thrift messages behind a 4-byte length: the default of Kitex clients since v0.13. */
export function framed(options: ThriftProtocolOptions = {}): Protocol {
  const { payload, bindings, limits } = partsOf(options);
  return thriftProtocol(lengthPrefixed(bindings, limits.maxFrameBytes), payload, options);
}

/** Thrift messages one after the other, without a length. */
export function buffered(options: ThriftProtocolOptions = {}): Protocol {
  const { payload, bindings, limits } = partsOf(options);
  return thriftProtocol(bare(bindings, () => payload.scanner(), limits.maxMessageBytes), payload, options);
}

function partsOf(options: ThriftProtocolOptions): { payload: Payload; bindings: Bindings; limits: Limits } {
  const limits = withDefaults(options.limits);
  const payload = payloadOf(options, limits);
  return { payload, bindings: new Bindings(payload), limits };
}

function thriftProtocol(framing: Framing, payload: Payload, options: ThriftProtocolOptions): Protocol {
  const name = payload.name === "binary" ? framing.name : `${framing.name} ${payload.name}`;
  return messageProtocol(name, framing, ["thrift"], options);
}
