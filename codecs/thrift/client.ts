/**
 * Thrift for clients alone: what `framed()` and `buffered()` speak, without a server's half and with payloads given as values,
 * so that a bundle has only what it uses.
 *
 * ```ts ignore
 * import { createClient } from "@updraft/rpc/core";
 * import { node } from "@updraft/rpc/node";
 * import { framedClient } from "@updraft/rpc/thrift-client";
 *
 * const client = createClient(Echo, { to: "127.0.0.1:8888", transport: node(), protocol: framedClient() });
 * ```
 *
 * @module
 */
import type { ClientProtocol } from "../../lib/rpc/protocol.ts";
import { Bindings } from "../message/bindings.ts";
import { clientProtocol, type MessageProtocolOptions, wireOf } from "../message/client_protocol.ts";
import { type Framing, lengthPrefixed } from "../message/framing.ts";
import { bare } from "./bare.ts";
import { binary } from "./binary.ts";
import { type Limits, withDefaults } from "./limits.ts";
import type { Payload } from "./payload.ts";

export { binary, type BinaryOptions } from "./binary.ts";
export { compact, type CompactOptions } from "./compact.ts";
export { json, type JsonOptions } from "./json.ts";
export type { Limits } from "./limits.ts";
export type { ClientProtocol } from "../../lib/rpc/protocol.ts";

/** Options of `framedClient` and `bufferedClient`. */
export interface ThriftClientOptions extends Pick<MessageProtocolOptions, "emptyResult"> {
  /** How messages are encoded: `binary()`, `compact()` or `json()`; has limits of its own. Default `binary({ limits })`. */
  readonly payload?: Payload | undefined;
  /** Limits on what is read and written. */
  readonly limits?: Partial<Limits> | undefined;
}

/** What a client of `framed()` speaks: Thrift messages behind a 4-byte length. */
export function framedClient(options: ThriftClientOptions = {}): ClientProtocol {
  return thriftClient(options, (_payload, bindings, limits) => lengthPrefixed(bindings, limits.maxFrameBytes));
}

/** What a client of `buffered()` speaks: Thrift messages one after the other, without a length. */
export function bufferedClient(options: ThriftClientOptions = {}): ClientProtocol {
  return thriftClient(options, (payload, bindings, limits) => bare(payload, bindings, limits.maxMessageBytes));
}

type Frames = (payload: Payload, bindings: Bindings, limits: Limits) => Framing;

function thriftClient(options: ThriftClientOptions, frames: Frames): ClientProtocol {
  const limits = withDefaults(options.limits);
  const payload = options.payload ?? binary({ limits });
  const framing = frames(payload, new Bindings(payload), limits);
  return clientProtocol(
    payload.name === "binary" ? framing.name : `${framing.name} ${payload.name}`,
    ["thrift"],
    wireOf(framing, options),
  );
}
