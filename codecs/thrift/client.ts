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
import { binaryGrammar } from "./binary_grammar.ts";
import { generatedBinary } from "./generated_binary.ts";
import { type Limits, withDefaults } from "./limits.ts";
import type { MessageScanner, Payload } from "./payload.ts";
import { TreeScanner } from "./tree_scanner.ts";

export { binary, type BinaryOptions } from "./binary.ts";
export { compact, type CompactOptions } from "./compact.ts";
export { json, type JsonOptions } from "./json.ts";
export type { Limits } from "./limits.ts";
export type { ClientProtocol } from "../../lib/rpc/protocol.ts";

/** Options of `framedClient` and `bufferedClient`. */
export interface ThriftClientOptions extends Pick<MessageProtocolOptions, "emptyResult"> {
  /**
   * How messages are encoded: `binary()`, `compact()` or `json()`; has limits of its own. Default: Binary with `limits`, for
   * generated code alone; services that bring none need `binary()`.
   */
  readonly payload?: Payload | undefined;
  /** Limits on what is read and written. */
  readonly limits?: Partial<Limits> | undefined;
}

/** What a client of `framed()` speaks: Thrift messages behind a 4-byte length. */
export function framedClient(options: ThriftClientOptions = {}): ClientProtocol {
  const limits = withDefaults(options.limits);
  const bindings = new Bindings(options.payload ?? generatedBinary({ limits }));
  return thriftClient(options, lengthPrefixed(bindings, limits.maxFrameBytes));
}

/** What a client of `buffered()` speaks: Thrift messages one after the other, without a length. */
export function bufferedClient(options: ThriftClientOptions = {}): ClientProtocol {
  const limits = withDefaults(options.limits);
  const { payload } = options;
  const grammar = binaryGrammar(false);
  const scanner = (): MessageScanner => payload?.scanner() ?? new TreeScanner(grammar, limits);
  const bindings = new Bindings(payload ?? generatedBinary({ limits }));
  return thriftClient(options, bare(bindings, scanner, limits.maxMessageBytes));
}

function thriftClient(options: ThriftClientOptions, framing: Framing): ClientProtocol {
  const { payload } = options;
  const name = payload === undefined || payload.name === "binary" ? framing.name : `${framing.name} ${payload.name}`;
  return clientProtocol(name, ["thrift"], wireOf(framing, options));
}
