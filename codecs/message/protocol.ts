/**
 * Protocols that answer messages: `framed()`, `buffered()`, `ttheader()`, `kitexProtobuf()` are made here, each of a framing.
 *
 * @module
 */
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { Protocol } from "../../lib/rpc/protocol.ts";
import type { PayloadKind } from "../../lib/schema/service.ts";
import { MessageClientSession } from "./client_session.ts";
import type { Framing } from "./framing.ts";
import { MessageServerSession } from "./server_session.ts";

/** Options that all of them have. */
export interface MessageProtocolOptions {
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
  readonly framing: Framing;
  readonly ordered: boolean;
  readonly rejectEmpty: boolean;
  /** One for all connections: a message is read in one turn, and an idle connection keeps no chunk alive. */
  readonly reader: ReadBuffer;
}

/** The protocol of a framing that carries `payloads`; `name` is for errors and figures. */
export function messageProtocol(
  name: string,
  framing: Framing,
  payloads: readonly PayloadKind[],
  options: MessageProtocolOptions = {},
): Protocol {
  const wire: Wire = {
    framing,
    ordered: options.replies !== "any",
    rejectEmpty: options.emptyResult !== "undefined",
    reader: new ReadBuffer(),
  };
  return {
    name,
    payloads,
    detect: (bytes) => framing.detect(bytes),
    serve: (conn, host) => new MessageServerSession(conn, host, wire),
    connect: (conn, _service, options) => new MessageClientSession(conn, wire, options?.shared ?? false),
  };
}
