/**
 * Listening through `node:net` and `node:tls`.
 *
 * The one thing to know: the handle of an accepted plain socket is moved to a second `Socket` made with `onread`, which
 * reads into a buffer of ours instead of allocating 64 KiB for each read. No runtime documents this for servers, so it
 * is done only where the handle looks as it should; elsewhere, and under TLS, `data` events serve.
 *
 * @module
 */
import net from "node:net";
import process from "node:process";
import { RpcError } from "../lib/errors.ts";
import type { Endpoint, ListenOptions, RawConn, RawListener, ServerTls } from "../lib/io/raw.ts";
import { acceptedUnix, checkEndpoint, listenError, type UnixEnds } from "./address.ts";
import { NodeConn, plainBytes } from "./node_conn.ts";
import type { NodeNet } from "./node_net.ts";
import { createTlsAcceptor } from "./node_tls.ts";
import { removeStaleSocket } from "./node_unix.ts";
import { DEFAULT_HANDSHAKE_TIMEOUT_MS, TLS_HANDSHAKE_BYTE } from "./tls_options.ts";

const DEFAULT_BACKLOG = 511;

/** Listens; rejects as `Transport.listen` says. */
export async function listenNode(
  on: Endpoint,
  accept: (conn: RawConn) => void,
  options: ListenOptions,
  runtime: NodeNet,
): Promise<RawListener> {
  checkEndpoint(on);
  if (options.reusePort) checkReusePort(on);
  const unix = "path" in on ? acceptedUnix(on) : undefined;
  let closed = false;
  /** Sockets that are not connections yet. */
  const waiting = new Set<net.Socket>();
  const handOver = (conn: RawConn, from: net.Socket): void => {
    waiting.delete(from);
    if (closed) return conn.abort();
    try {
      accept(conn);
    } catch (cause) {
      conn.abort(cause);
    }
  };
  const secure = options.tls && createTlsAcceptor(options.tls, (socket, raw, state) => {
    const conn = new NodeConn(socket, unix, state);
    conn.listenForData(runtime.handleOf(raw));
    handOver(conn, raw);
  });
  const plain = (socket: net.Socket, first?: Uint8Array): void => handOver(adopt(socket, unix, runtime, first), socket);
  const accepted = secure === undefined ? plain : options.tls?.detect ? detectTls(options.tls, plain, secure) : secure;
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: unix === undefined });
  // A failed accept (no descriptors left) concerns that connection alone: the server goes on listening.
  server.on("error", () => {});
  server.on("connection", (socket) => {
    if (secure !== undefined) {
      waiting.add(socket);
      socket.once("close", () => waiting.delete(socket));
    }
    accepted(socket);
  });
  const failed = await bind(server, on, options);
  if (failed !== undefined) {
    const stale = "path" in on && failed.code === "EADDRINUSE" && await removeStaleSocket(on.path);
    const again = stale ? await bind(server, on, options) : failed;
    if (again !== undefined) throw listenError(on, again);
  }
  const address = server.address();
  return {
    local: address !== null && typeof address === "object" ? { hostname: address.address, port: address.port } : on,
    close(): Promise<void> {
      closed = true;
      server.close(); // the address is free when this returns; open connections live on
      for (const socket of waiting) socket.destroy();
      return Promise.resolve();
    },
  };
}

/** Tries to listen; gives the error if that failed. */
function bind(server: net.Server, on: Endpoint, options: ListenOptions): Promise<NodeJS.ErrnoException | undefined> {
  const backlog = options.backlog ?? DEFAULT_BACKLOG;
  return new Promise((resolve) => {
    const listening = (): void => {
      server.off("error", resolve);
      resolve(undefined);
    };
    server.once("error", (cause) => {
      server.off("listening", listening);
      resolve(cause);
    });
    server.once("listening", listening);
    if ("path" in on) server.listen({ path: on.path, backlog });
    else {
      const { hostname: host, port } = on;
      server.listen(
        { host, port, backlog, exclusive: true, reusePort: options.reusePort ?? false } as net.ListenOptions,
      );
    }
  });
}

/** Tells by the first byte which of the two a connection is for; a silent one is closed after a while. */
function detectTls(
  options: ServerTls,
  plain: (socket: net.Socket, first: Uint8Array) => void,
  secure: (socket: net.Socket) => void,
): (socket: net.Socket) => void {
  const timeoutMs = options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
  return (socket) => {
    const giveUp = (): void => void socket.destroy();
    const timer = setTimeout(giveUp, timeoutMs);
    socket.on("error", giveUp);
    socket.once("end", giveUp);
    socket.once("close", () => clearTimeout(timer));
    socket.once("data", (chunk: Uint8Array<ArrayBuffer>) => {
      clearTimeout(timer);
      socket.off("error", giveUp).off("end", giveUp);
      socket.pause();
      if (chunk[0] !== TLS_HANDSHAKE_BYTE) return plain(socket, plainBytes(chunk));
      socket.unshift(chunk);
      secure(socket);
    });
    socket.resume();
  };
}

/** The parts of a socket's handle that show it can be moved and read into a buffer of ours. */
interface Handle {
  reading?: boolean;
  readStart?: unknown;
  readStop?(): unknown;
  useUserBuffer?: unknown;
}

/** Makes a connection of an accepted socket that was paused; `first` are bytes read from it already. */
function adopt(
  accepted: net.Socket,
  unix: UnixEnds | undefined,
  runtime: NodeNet,
  first: Uint8Array | undefined,
): NodeConn {
  const shell = accepted as net.Socket & { _handle: Handle | null };
  const handle = shell._handle;
  let conn: NodeConn;
  if (typeof handle?.readStart !== "function" || typeof handle.useUserBuffer !== "function") {
    conn = new NodeConn(shell, unix);
    conn.listenForData();
  } else {
    handle.readStop?.();
    handle.reading = false;
    shell._handle = null; // the shell must not close what is no longer its own
    const buffer = runtime.readBuffer();
    let chunk = buffer;
    const callback = (length: number): boolean => {
      // Messages of one length often follow each other, and making a view costs more than parsing a small one.
      if (chunk.length !== length) chunk = buffer.subarray(0, length);
      conn.take(chunk);
      return true;
    };
    const options = { handle, allowHalfOpen: true, manualStart: true, onread: { buffer, callback } };
    const socket = new net.Socket(options as net.SocketConstructorOpts);
    socket.pause();
    shell.destroy();
    conn = new NodeConn(socket, unix);
  }
  if (first !== undefined) conn.putBack(first);
  return conn;
}

function checkReusePort(on: Endpoint): void {
  if ("path" in on) throw new RpcError("invalid", "reusePort is for TCP ports, not for unix sockets");
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) return;
  throw new RpcError("invalid", `reusePort needs node 22.12 or later, not ${process.versions.node}`);
}
