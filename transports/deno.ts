/**
 * The Deno adapter: `Deno.listen` and `Deno.connect`.
 *
 * What Deno's own sockets cannot do goes through its `node:net` and `node:tls`, loaded when asked for. That is
 * `reusePort`, which ends the process without `--unstable-net`, and TLS: Deno's own servers ignore demands for client
 * certificates and keep a connection for ever whose handshake stands still; its clients do not tell the peer's certificate.
 *
 * @module
 */
import type { DialOptions, Endpoint, ListenOptions, RawConn, RawListener, Transport } from "../lib/io/raw.ts";
import { abortError, checkEndpoint, dialError, listenError } from "./address.ts";
import type { DenoNet, DenoServer, DenoSocket } from "./deno_api.ts";
import { DenoConn } from "./deno_conn.ts";

declare const Deno: DenoNet;

const DEFAULT_BACKLOG = 511;
/** How long accepting waits for descriptors to come back. */
const ACCEPT_PAUSE_MS = 20;
/** So many accepts in a row that failed for whatever reason make it wait, too. */
const FAILURES_BEFORE_PAUSE = 256;

/** Sockets of Deno. */
export function deno(): Transport {
  let other: Promise<Transport> | undefined;
  const nodeNet = (): Promise<Transport> =>
    other ??= import("./node_net.ts").then((m) =>
      m.createNodeTransport({ name: "deno", sharedBuffer: false, tlsReadsOn: true })
    );
  return {
    name: "deno",
    async dial(to, options = {}) {
      return options.tls ? (await nodeNet()).dial(to, options) : await dial(to, options);
    },
    async listen(on, accept, options = {}) {
      return options.tls || options.reusePort
        ? (await nodeNet()).listen(on, accept, options)
        : await listen(on, accept, options);
    },
    resolve: async (hostname) => await (await nodeNet()).resolve!(hostname),
  };
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
  return open(conn);
}

async function listen(
  on: Endpoint,
  accept: (conn: RawConn) => void,
  options: ListenOptions,
): Promise<RawListener> {
  checkEndpoint(on);
  const server = await bind(on, options).catch((cause) => {
    throw listenError(on, cause);
  });
  let closed = false;
  let wake: (() => void) | undefined;
  const handOver = (socket: DenoSocket): void => {
    const conn = open(socket);
    try {
      if (closed) conn.abort();
      else accept(conn);
    } catch (cause) {
      conn.abort(cause);
    }
  };
  const acceptAll = async (): Promise<void> => {
    let failures = 0;
    while (!closed) {
      let socket: DenoSocket;
      try {
        socket = await server.accept();
      } catch (cause) {
        // Closed; or a client that left before its turn, which must not hold up those behind it; or nothing to make a
        // socket of: then those waiting are accepted when there is something again.
        failures++;
        if (closed || (!isExhausted(cause) && failures % FAILURES_BEFORE_PAUSE > 0)) continue;
        await new Promise<void>((resolve) => setTimeout(wake = resolve, ACCEPT_PAUSE_MS));
        continue;
      }
      failures = 0;
      handOver(socket);
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

/** True if the system is out of descriptors or memory for another socket. */
function isExhausted(cause: unknown): boolean {
  const { code } = cause as { code?: unknown };
  return code === "EMFILE" || code === "ENFILE" || code === "ENOBUFS" || code === "ENOMEM";
}

function open(socket: DenoSocket): DenoConn {
  try {
    socket.setNoDelay?.(true);
  } catch {
    // Reset already: the first read will say so.
  }
  return new DenoConn(socket);
}

async function bind(on: Endpoint, options: ListenOptions): Promise<DenoServer> {
  if ("port" in on) {
    return Deno.listen({ hostname: on.hostname, port: on.port, tcpBacklog: options.backlog ?? DEFAULT_BACKLOG });
  }
  try {
    return Deno.listen({ transport: "unix", path: on.path });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse) || !await removeStaleSocket(on.path)) throw cause;
    return Deno.listen({ transport: "unix", path: on.path });
  }
}

/** Removes the socket file at `path` if nobody listens on it any more; gives true if the path is free now. */
async function removeStaleSocket(path: string): Promise<boolean> {
  try {
    const before = await Deno.lstat(path);
    if (!before.isSocket || !await refused(path)) return false;
    if ((await Deno.lstat(path)).ino !== before.ino) return false; // someone else just took the path
    await Deno.remove(path);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return true; // its owner removed it just now
    throw cause;
  }
}

async function refused(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return false;
  } catch (cause) {
    if (cause instanceof Deno.errors.ConnectionRefused) return true;
    throw cause;
  }
}
