/**
 * The Deno adapter: `Deno.listen` and `Deno.connect`.
 *
 * What Deno's own sockets cannot do goes through its `node:net` and `node:tls`, loaded when asked for: `reusePort`
 * (which ends the process without `--unstable-net`), TLS clients (Deno's own do not tell the peer's certificate), and
 * TLS servers that ask for client certificates (which Deno's own ignore), share a port or listen on a path.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type {
  DialOptions,
  Endpoint,
  ListenOptions,
  RawConn,
  RawListener,
  ServerTls,
  TlsState,
  Transport,
} from "../lib/io/raw.ts";
import { abortError, checkEndpoint, dialError, listenError } from "./address.ts";
import type { DenoNet, DenoServer, DenoSocket } from "./deno_api.ts";
import { DenoConn } from "./deno_conn.ts";
import { checkServerTls, DEFAULT_HANDSHAKE_TIMEOUT_MS } from "./tls_options.ts";

declare const Deno: DenoNet;

const DEFAULT_BACKLOG = 511;
const SHORTEST_ACCEPT_PAUSE_MS = 5;
const LONGEST_ACCEPT_PAUSE_MS = 1000;

/** Sockets of Deno. */
export function deno(): Transport {
  let other: Promise<Transport> | undefined;
  const nodeNet = (): Promise<Transport> =>
    other ??= import("./node_net.ts").then((m) => m.createNodeTransport({ name: "deno", sharedBuffer: false }));
  return {
    name: "deno",
    async dial(to, options = {}) {
      return options.tls ? (await nodeNet()).dial(to, options) : await dial(to, options);
    },
    async listen(on, accept, options = {}) {
      return options.reusePort || (options.tls && !servesTls(on, options.tls))
        ? (await nodeNet()).listen(on, accept, options)
        : await listen(on, accept, options);
    },
  };
}

/** True if Deno's own TLS listener can do what is asked for. */
function servesTls(on: Endpoint, tls: ServerTls): boolean {
  return "port" in on && !tls.detect && (tls.clientCertificate ?? "none") === "none";
}

async function dial(to: Endpoint, { signal }: DialOptions): Promise<RawConn> {
  checkEndpoint(to);
  if (signal?.aborted) throw abortError(to, signal);
  const cancel = new AbortController();
  // Deno throws this signal's reason even when the connection was made meanwhile, and would leak it.
  Object.defineProperty(cancel.signal, "throwIfAborted", { value: () => {} });
  const abort = (): void => cancel.abort();
  signal?.addEventListener("abort", abort, { once: true });
  let conn: DenoSocket;
  try {
    conn = "path" in to
      ? await Deno.connect({ transport: "unix", path: to.path })
      : await Deno.connect({ hostname: to.hostname, port: to.port, signal: cancel.signal });
  } catch (cause) {
    throw signal?.aborted ? abortError(to, signal) : dialError(to, cause);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  if (signal?.aborted) {
    conn.close();
    throw abortError(to, signal);
  }
  setNoDelay(conn);
  return new DenoConn(conn);
}

async function listen(
  on: Endpoint,
  accept: (conn: RawConn) => void,
  options: ListenOptions,
): Promise<RawListener> {
  checkEndpoint(on);
  if (options.tls !== undefined) checkServerTls(options.tls);
  const server = await bind(on, options).catch((cause) => {
    throw listenError(on, cause);
  });
  let closed = false;
  let wake: (() => void) | undefined;
  const handOver = (socket: DenoSocket, tls?: TlsState): void => {
    const conn = new DenoConn(socket, tls);
    try {
      if (closed) conn.abort();
      else accept(conn);
    } catch (cause) {
      conn.abort(cause);
    }
  };
  const acceptAll = async (): Promise<void> => {
    let pauseMs = SHORTEST_ACCEPT_PAUSE_MS;
    while (!closed) {
      let socket: DenoSocket;
      try {
        socket = await server.accept();
      } catch {
        // Closed, or out of descriptors: those waiting are accepted when there are some again.
        if (!closed) await new Promise<void>((resolve) => setTimeout(wake = resolve, pauseMs));
        pauseMs = Math.min(pauseMs * 2, LONGEST_ACCEPT_PAUSE_MS);
        continue;
      }
      pauseMs = SHORTEST_ACCEPT_PAUSE_MS;
      setNoDelay(socket);
      if (options.tls === undefined) handOver(socket);
      else void shakeHands(socket, options.tls).then((tls) => tls && handOver(socket, tls));
    }
  };
  const accepting = acceptAll();
  const { addr } = server;
  return {
    local: addr.transport === "tcp" ? { hostname: addr.hostname, port: addr.port } : on,
    close() {
      if (!closed) server.close(); // this removes a unix socket's file, too
      closed = true;
      wake?.();
      return accepting; // the port is free only when the pending accept has ended
    },
  };
}

/** Gives what the handshake agreed on; closes the connection and gives nothing if it failed or took too long. */
async function shakeHands(socket: DenoSocket, tls: ServerTls): Promise<TlsState | undefined> {
  let open = true;
  const close = (): void => {
    if (open) socket.close();
    open = false;
  };
  const timer = setTimeout(close, tls.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS);
  try {
    const agreed = await socket.handshake!();
    return open ? { alpn: agreed.alpnProtocol ?? undefined, peerCertificate: undefined } : undefined;
  } catch {
    close(); // the failed handshake is that connection's end and nobody else's concern
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function setNoDelay(socket: DenoSocket): void {
  try {
    socket.setNoDelay?.(true);
  } catch {
    // Reset already: the first read will say so.
  }
}

async function bind(on: Endpoint, options: ListenOptions): Promise<DenoServer> {
  if ("port" in on) {
    const address = { hostname: on.hostname, port: on.port, tcpBacklog: options.backlog ?? DEFAULT_BACKLOG };
    if (options.tls === undefined) return Deno.listen(address);
    const { cert, key, alpn = [] } = options.tls;
    try {
      return Deno.listenTls({ ...address, cert, key, alpnProtocols: [...alpn] });
    } catch (cause) {
      if (!(cause instanceof Deno.errors.InvalidData)) throw cause;
      throw new RpcError("invalid", `tls options cannot be used: ${cause.message}`, { cause });
    }
  }
  try {
    return Deno.listen({ transport: "unix", path: on.path });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse) || !await removeStaleSocket(on.path)) throw cause;
    return Deno.listen({ transport: "unix", path: on.path });
  }
}

/** Removes the socket file at `path` if nobody listens on it any more; gives true if it did. */
async function removeStaleSocket(path: string): Promise<boolean> {
  const before = await Deno.lstat(path);
  if (!before.isSocket) return false;
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return false;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.ConnectionRefused)) throw cause;
  }
  if ((await Deno.lstat(path)).ino !== before.ino) return false; // someone else just took the path
  await Deno.remove(path);
  return true;
}
