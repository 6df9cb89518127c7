/**
 * Dialling through `node:net`.
 *
 * A plain socket reads into a buffer of ours (`onread`) instead of allocating 64 KiB for each read.
 *
 * @module
 */
import net from "node:net";
import { RpcError } from "../lib/errors.ts";
import type { ClientTls, DialOptions, Endpoint, RawConn } from "../lib/io/raw.ts";
import { abortError, checkEndpoint, dialError, dialledUnix, type UnixEnds } from "./address.ts";
import { NodeConn } from "./node_conn.ts";
import type { NodeNet } from "./node_net.ts";

/** What becomes of a socket that is being opened. */
export interface Opening {
  /** It is a connection; it was paused. */
  opened(conn: NodeConn): void;
  /** It cannot be one. */
  failed(cause: unknown): void;
}

/** Begins to open a socket. */
export type Opener = (opening: Opening) => net.Socket;

/** Makes what opens TLS connections to an address; throws kind `"invalid"` for options that cannot be used. */
export type SecureOpener = (to: Endpoint, tls: ClientTls, runtime: NodeNet) => Opener;

/** Opens a connection; rejects as `Dialing.dial` says, and with kind `"invalid"` for TLS if `secure` is left out. */
// deno-lint-ignore require-await -- a throw before the first await is to reject
export async function dialNode(
  to: Endpoint,
  options: DialOptions,
  runtime: NodeNet,
  secure?: SecureOpener,
): Promise<RawConn> {
  const { signal, tls } = options;
  checkEndpoint(to);
  if (tls !== undefined && secure === undefined) throw new RpcError("invalid", "this transport has no TLS");
  const open = tls === undefined || secure === undefined ? plainOpener(to, runtime) : secure(to, tls, runtime);
  if (signal?.aborted) throw abortError(to, signal);
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => reject(dialError(to, cause));
    const aborted = (): void => {
      reject(abortError(to, signal!));
      socket.destroy();
    };
    const opened = (conn: NodeConn): void => {
      signal?.removeEventListener("abort", aborted);
      resolve(conn);
    };
    const socket = open({ opened, failed });
    socket.on("error", failed);
    socket.once("close", () => {
      signal?.removeEventListener("abort", aborted);
      failed(new Error("closed by the peer")); // no effect once it was open
    });
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** How `node:net` is told of an address. */
export function addressOf(to: Endpoint): net.NetConnectOpts {
  return "path" in to ? { path: to.path } : { host: to.hostname, port: to.port };
}

/** Both addresses of a connection to a unix socket. */
export function unixEndsOf(to: Endpoint): UnixEnds | undefined {
  return "path" in to ? dialledUnix(to) : undefined;
}

function plainOpener(to: Endpoint, runtime: NodeNet): Opener {
  return ({ opened }) => {
    let conn: NodeConn | undefined;
    const buffer = runtime.readBuffer();
    const callback = (length: number): boolean => {
      conn?.take(buffer.subarray(0, length));
      return true;
    };
    const socket = net.connect({ ...addressOf(to), allowHalfOpen: true, noDelay: true, onread: { buffer, callback } });
    socket.pause(); // nothing is delivered before start()
    socket.once("connect", () => opened(conn = new NodeConn(socket, unixEndsOf(to))));
    return socket;
  };
}
