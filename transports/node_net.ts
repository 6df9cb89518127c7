/**
 * Dialling and listening through `node:net` and `node:tls`: all of the Node adapter, and what the adapters of the other
 * runtimes need where their own sockets cannot do something.
 *
 * The one thing to know: a socket with `onread` reads into a buffer of ours instead of allocating 64 KiB for each read.
 * Clients get it by option. For accepted sockets the handle is moved to a second `Socket` made with `onread`, where the
 * runtime's handles look as they should; elsewhere, and under TLS, `data` events serve.
 *
 * @module
 */
import net from "node:net";
import process from "node:process";
import { RpcError } from "../lib/errors.ts";
import type { DialOptions, Endpoint, ListenOptions, RawConn, RawListener, Transport } from "../lib/io/raw.ts";
import {
  abortError,
  acceptedUnix,
  checkEndpoint,
  dialError,
  dialledUnix,
  listenError,
  type UnixEnds,
} from "./address.ts";
import { NodeConn } from "./node_conn.ts";
import { removeStaleSocket } from "./node_unix.ts";

const READ_BUFFER_BYTES = 64 * 1024;
const DEFAULT_BACKLOG = 511;

/** How `createNodeTransport` is set up for a runtime. */
export interface NodeNetOptions {
  /** The transport's name. */
  readonly name: string;
  /** True if a read and its callback are one step, so that one buffer serves all sockets. */
  readonly sharedBuffer: boolean;
}

/** Makes a transport over the runtime's `node:net`. */
export function createNodeTransport(setup: NodeNetOptions): Transport {
  const shared = setup.sharedBuffer ? new Uint8Array(READ_BUFFER_BYTES) : undefined;
  const readBuffer = (): Uint8Array => shared ?? new Uint8Array(READ_BUFFER_BYTES);
  return {
    name: setup.name,
    dial: (to, options = {}) => dial(to, options, readBuffer()),
    listen: (on, accept, options = {}) => listen(on, accept, options, readBuffer),
  };
}

// deno-lint-ignore require-await -- a throw before the first await is to reject
async function dial(to: Endpoint, options: DialOptions, buffer: Uint8Array): Promise<RawConn> {
  const { signal } = options;
  checkEndpoint(to);
  if (options.tls) throw new RpcError("invalid", "TLS is not served by this adapter");
  if (signal?.aborted) throw abortError(to, signal);
  return new Promise((resolve, reject) => {
    let conn: NodeConn | undefined;
    const onread = { buffer, callback: (length: number) => conn?.take(buffer.subarray(0, length)) ?? true };
    const unix = "path" in to ? dialledUnix(to) : undefined;
    const socket = "path" in to
      ? net.connect({ path: to.path, allowHalfOpen: true, onread })
      : net.connect({ host: to.hostname, port: to.port, allowHalfOpen: true, noDelay: true, onread });
    const aborted = (): void => {
      reject(abortError(to, signal!));
      socket.destroy();
    };
    socket.on("error", (cause) => reject(dialError(to, cause)));
    socket.once("connect", () => {
      signal?.removeEventListener("abort", aborted);
      resolve(conn = new NodeConn(socket, unix));
    });
    socket.once("close", () => signal?.removeEventListener("abort", aborted));
    socket.pause(); // nothing is delivered before start()
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

async function listen(
  on: Endpoint,
  accept: (conn: RawConn) => void,
  options: ListenOptions,
  readBuffer: () => Uint8Array,
): Promise<RawListener> {
  checkEndpoint(on);
  if (options.tls) throw new RpcError("invalid", "TLS is not served by this adapter");
  if (options.reusePort) checkReusePort(on);
  const unix = "path" in on ? acceptedUnix(on) : undefined;
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: unix === undefined });
  server.on("connection", (socket) => {
    const conn = adopt(socket, unix, readBuffer);
    try {
      accept(conn);
    } catch (cause) {
      conn.abort(cause);
    }
  });
  const failed = await bind(server, on, options);
  if (failed !== undefined) {
    const stale = "path" in on && failed.code === "EADDRINUSE" && await removeStaleSocket(on.path);
    const again = stale ? await bind(server, on, options) : failed;
    if (again !== undefined) throw listenError(on, again);
  }
  // A failed accept (no descriptors left) concerns that connection alone: the server goes on listening.
  server.on("error", () => {});
  const address = server.address();
  return {
    local: address !== null && typeof address === "object" ? { hostname: address.address, port: address.port } : on,
    close(): Promise<void> {
      server.close(); // the address is free when this returns; open connections live on
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

/** The parts of a socket's handle that show it can be moved and read into a buffer of ours. */
interface Handle {
  readStart?: unknown;
  useUserBuffer?: unknown;
}

function adopt(accepted: net.Socket, unix: UnixEnds | undefined, readBuffer: () => Uint8Array): NodeConn {
  const shell = accepted as net.Socket & { _handle: Handle | null };
  const handle = shell._handle;
  if (typeof handle?.readStart !== "function" || typeof handle.useUserBuffer !== "function") {
    const conn = new NodeConn(shell, unix);
    conn.listenForData();
    return conn;
  }
  shell._handle = null; // the shell must not close what is no longer its own
  const buffer = readBuffer();
  let conn: NodeConn | undefined = undefined;
  const callback = (length: number): boolean => {
    (conn as NodeConn | undefined)?.take(buffer.subarray(0, length));
    return true;
  };
  const options = { handle, allowHalfOpen: true, manualStart: true, onread: { buffer, callback } };
  const socket = new net.Socket(options as net.SocketConstructorOpts);
  socket.pause();
  shell.destroy();
  conn = new NodeConn(socket, unix);
  return conn;
}

function checkReusePort(on: Endpoint): void {
  if ("path" in on) throw new RpcError("invalid", "reusePort is for TCP ports, not for unix sockets");
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) return;
  throw new RpcError("invalid", `reusePort needs node 22.12 or later, not ${process.versions.node}`);
}
