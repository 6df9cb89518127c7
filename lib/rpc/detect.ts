/**
 * Finds the protocol of a connection by its first bytes.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Connection, ConnectionHandler } from "../io/connection.ts";
import type { Protocol, ServerHost, ServerSession } from "./protocol.ts";

/** More first bytes than any protocol needs to be told by. */
const MAX_DETECT_BYTES = 64;

/**
 * The first handler of a connection: hands it to the first protocol that claims its first bytes. One that nobody claims
 * is closed without an answer, and counted. Bytes too few to tell are waited for under the connection's read timeout.
 */
export function detectProtocol(
  conn: Connection,
  protocols: readonly Protocol[],
  host: ServerHost,
  found: (session: ServerSession) => void,
): ConnectionHandler {
  return {
    data(bytes) {
      let undecided = false;
      for (const protocol of protocols) {
        const claim = protocol.detect(bytes);
        if (claim === true) {
          found(protocol.serve(conn, host));
          return 0;
        }
        if (claim === null) undecided = true;
      }
      if (undecided && bytes.length < MAX_DETECT_BYTES) {
        conn.need = bytes.length + 1;
        return 0;
      }
      const served = protocols.map(({ name }) => name).join(", ");
      const error = new RpcError("protocol", `${describe(bytes)}, which is none of what is served (${served})`);
      host.refused(error);
      void conn.close();
      return bytes.length;
    },
    close() {
      // Gone before it said anything: a bare probe of the port.
    },
  };
}

/** What people's first bytes are when they take the port for something else. */
const OTHERS: readonly [start: RegExp | string, what: string][] = [
  [/^PRI \* HT/, "an HTTP/2 connection (to serve gRPC, add grpc() of @updraft/rpc/grpc to `protocols`)"],
  [
    /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) /,
    "an HTTP/1 request (to serve Connect and gRPC-Web, add connect() of @updraft/rpc/connect to `protocols`)",
  ],
  ["\x16\x03", "a TLS handshake on a port without TLS"],
];

function describe(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes.subarray(0, 8));
  return OTHERS.find(([start]) => typeof start === "string" ? text.startsWith(start) : start.test(text))?.[1] ??
    `a connection that begins with ${hex(bytes)}`;
}

function hex(bytes: Uint8Array): string {
  return "0x" + Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
