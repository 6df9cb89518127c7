/**
 * Why a client's connection takes no calls, and what to do about it where its server seems to speak something else than gRPC.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Http2Link } from "../http2/link.ts";
import { foreignServer, isSettings } from "../message/foreign_server.ts";

/** Why no call can be made on a connection of a client that went, or is about to. */
export function whyUngreeted({ failure, first, conn }: Http2Link): RpcError {
  if (failure === undefined) return new RpcError("connect", "the server takes no calls on the connection");
  if (first === undefined || isSettings(first) || !isPeers(failure)) return failure;
  return new RpcError(failure.kind, `${failure.message}: ${hintOf(first, conn.tls !== undefined)}`, { cause: failure });
}

/** Did the server end the connection, and not this side? */
function isPeers({ cause }: RpcError): boolean {
  return cause === undefined || RpcError.from(cause).kind === "transport";
}

function hintOf(first: Uint8Array, secure: boolean): string {
  if (first.length === 0) return `not a byte came: does it serve gRPC${secure ? "" : ", and without TLS"}?`;
  const bytes = Array.from(first, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return foreignServer(first) ?? `what came is no HTTP/2 (${bytes}): does it serve gRPC?`;
}
