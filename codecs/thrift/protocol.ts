/**
 * Thrift as a protocol of `lib/rpc`: `framed()` and `buffered()`, each over the Binary, Compact or JSON payload.
 *
 * @module
 */
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { Protocol } from "../../lib/rpc/protocol.ts";
import { Bindings } from "./bindings.ts";
import { ThriftClientSession } from "./client_session.ts";
import { bare, type Framing, lengthPrefixed } from "./framing.ts";
import { type Limits, withDefaults } from "./limits.ts";
import type { Payload } from "./payload.ts";
import { payloadOf, type PayloadOptions } from "./payload_of.ts";
import { ThriftServerSession } from "./server_session.ts";

/** Options of `framed` and `buffered`. */
export interface ThriftProtocolOptions extends PayloadOptions {
  /** Limits on what is read and written. */
  readonly limits?: Partial<Limits> | undefined;
  /**
   * In which order a server answers calls that a peer sends without waiting. `"ordered"` is right for every peer;
   * `"any"` lets a quick call overtake a slow one, for peers that go by sequence ids. Default `"ordered"`.
   */
  readonly replies?: "ordered" | "any" | undefined;
  /**
   * What a client makes of a reply without a value from a method that has one (Go services answer so when they
   * return nil): `"error"` rejects with MISSING_RESULT, `"undefined"` resolves. Default `"error"`.
   */
  readonly emptyResult?: "error" | "undefined" | undefined;
}

/** What the sessions of a protocol share. */
export interface Wire {
  readonly name: string;
  readonly framing: Framing;
  readonly payload: Payload;
  readonly limits: Limits;
  readonly ordered: boolean;
  readonly rejectEmpty: boolean;
  readonly bindings: Bindings;
  /** One for all connections: a message is read in one turn, and an idle connection keeps no chunk alive. */
  readonly reader: ReadBuffer;
}

/** Thrift messages behind a 4-byte length: the default of Kitex clients since v0.13. */
export function framed(options: ThriftProtocolOptions = {}): Protocol {
  return thriftProtocol(lengthPrefixed, options);
}

/** Thrift messages one after the other, without a length. */
export function buffered(options: ThriftProtocolOptions = {}): Protocol {
  return thriftProtocol(bare, options);
}

function thriftProtocol(framing: Framing, options: ThriftProtocolOptions): Protocol {
  const limits = withDefaults(options.limits);
  const payload = payloadOf(options, limits);
  const wire: Wire = {
    name: payload.name === "binary" ? framing.name : `${framing.name} ${payload.name}`,
    framing,
    payload,
    limits,
    ordered: options.replies !== "any",
    rejectEmpty: options.emptyResult !== "undefined",
    bindings: new Bindings(payload),
    reader: new ReadBuffer(),
  };
  return {
    name: wire.name,
    detect: (bytes) => framing.detect(bytes, payload),
    serve: (conn, host) => new ThriftServerSession(conn, host, wire),
    connect: (conn) => new ThriftClientSession(conn, wire),
  };
}
