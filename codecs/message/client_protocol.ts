/**
 * The client's half of protocols that answer messages. A client that is made of it alone bundles without a server's sessions.
 *
 * @module
 */
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { ClientProtocol } from "../../lib/rpc/protocol.ts";
import type { PayloadKind } from "../../lib/schema/service.ts";
import { MessageClientSession } from "./client_session.ts";
import type { Framing } from "./framing.ts";

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

/** What the sessions of a framing share, by the options. */
export function wireOf(framing: Framing, options: MessageProtocolOptions): Wire {
  return {
    framing,
    ordered: options.replies !== "any",
    rejectEmpty: options.emptyResult !== "undefined",
    reader: new ReadBuffer(),
  };
}

/** What clients speak of a framing that carries `payloads`; `name` is for errors and figures. */
export function clientProtocol(name: string, payloads: readonly PayloadKind[], wire: Wire): ClientProtocol {
  return {
    name,
    payloads,
    connect: (conn, _service, options) => new MessageClientSession(conn, wire, options?.shared ?? false),
  };
}
