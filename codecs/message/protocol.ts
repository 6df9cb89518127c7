/**
 * Protocols that answer messages: `framed()`, `buffered()`, `ttheader()`, `kitexProtobuf()` are made here, each of a framing.
 *
 * @module
 */
import type { Protocol } from "../../lib/rpc/protocol.ts";
import type { PayloadKind } from "../../lib/schema/service.ts";
import { clientProtocol, type MessageProtocolOptions, wireOf } from "./client_protocol.ts";
import type { Framing } from "./framing.ts";
import { MessageServerSession } from "./server_session.ts";

/** The protocol of a framing that carries `payloads`; `name` is for errors and figures. */
export function messageProtocol(
  name: string,
  framing: Framing,
  payloads: readonly PayloadKind[],
  options: MessageProtocolOptions = {},
): Protocol {
  const wire = wireOf(framing, options);
  return {
    ...clientProtocol(name, payloads, wire),
    detect: (bytes) => framing.detect(bytes),
    serve: (conn, host) => new MessageServerSession(conn, host, wire),
  };
}
