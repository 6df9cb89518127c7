/**
 * The Bun adapter: `Bun.listen` and `Bun.connect`.
 *
 * TLS detected on a shared port goes through Bun's `node:tls`, since Bun's own sockets cannot begin a server's
 * handshake later. Bun cannot stop a connect under way: what comes of one that was given up is dropped when it opens.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { DialOptions, Endpoint, ListenOptions, RawConn, RawListener, Transport } from "../lib/io/raw.ts";
import { abortError, acceptedUnix, checkEndpoint, dialError, dialledUnix, listenError } from "./address.ts";
import { bunEvents, type BunNet, type BunServer, type BunSocket } from "./bun_api.ts";
import { BunConn } from "./bun_conn.ts";
import { awaitHandshake, clientBunTls, serverBunTls } from "./bun_tls.ts";
import { removeStaleSocket } from "./node_unix.ts";
import { DEFAULT_HANDSHAKE_TIMEOUT_MS } from "./tls_options.ts";

declare const Bun: BunNet;

/** Sockets of Bun. */
export function bun(): Transport {
  let other: Promise<Transport> | undefined;
  const nodeNet = (): Promise<Transport> =>
    other ??= import("./node_net.ts").then((m) => m.createNodeTransport({ name: "bun", sharedBuffer: false }));
  return {
    name: "bun",
    dial: (to, options = {}) => dial(to, options),
    listen: async (on, accept, options = {}) =>
      options.tls?.detect ? (await nodeNet()).listen(on, accept, options) : await listen(on, accept, options),
    resolve: async (hostname) => await (await nodeNet()).resolve!(hostname),
  };
}

// deno-lint-ignore require-await -- a throw before the first await is to reject
async function dial(to: Endpoint, options: DialOptions): Promise<RawConn> {
  const { signal } = options;
  checkEndpoint(to);
  const tls = options.tls && clientBunTls(to, options.tls);
  if (signal?.aborted) throw abortError(to, signal);
  const unix = "path" in to ? dialledUnix(to) : undefined;
  const address = "path" in to ? { unix: to.path } : { hostname: to.hostname, port: to.port };
  return new Promise((resolve, reject) => {
    let socket: BunSocket | undefined;
    const settle = (then: () => void): void => {
      signal?.removeEventListener("abort", aborted);
      then();
    };
    const failed = (cause: unknown): void => settle(() => reject(dialError(to, cause)));
    const aborted = (): void => {
      reject(abortError(to, signal!));
      socket?.terminate();
    };
    signal?.addEventListener("abort", aborted, { once: true });
    const events = bunEvents((opened) => {
      socket = opened;
      // Too late: nobody waits for it any more. Not here, where Bun still has to report it open.
      if (signal?.aborted) queueMicrotask(() => opened.terminate());
      if (tls !== undefined) {
        return awaitHandshake(opened, tls.rejectUnauthorized ?? true, (state) => {
          const conn = opened.data = new BunConn(opened, unix, state);
          settle(() => resolve(conn));
        }, failed);
      }
      const conn = new BunConn(opened, unix);
      settle(() => resolve(conn));
      return conn;
    });
    const options = { ...address, allowHalfOpen: true, socket: events, ...tls === undefined ? undefined : { tls } };
    attempt(() => Bun.connect(options)).catch(failed);
  });
}

async function listen(
  on: Endpoint,
  accept: (conn: RawConn) => void,
  options: ListenOptions,
): Promise<RawListener> {
  checkEndpoint(on);
  const unix = "path" in on ? acceptedUnix(on) : undefined;
  if (unix !== undefined && options.reusePort) {
    throw new RpcError("invalid", "reusePort is for TCP ports, not for unix sockets");
  }
  const tls = options.tls && serverBunTls(options.tls);
  let closed = false;
  const shaking = new Set<BunSocket>();
  const handOver = (conn: BunConn): BunConn => {
    try {
      if (closed) conn.abort();
      else accept(conn);
    } catch (cause) {
      conn.abort(cause);
    }
    return conn;
  };
  const socket = bunEvents((opened) => {
    if (tls === undefined) return handOver(new BunConn(opened, unix));
    const timeoutMs = options.tls?.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
    const timer = setTimeout(() => opened.terminate(), timeoutMs);
    const over = (): void => {
      clearTimeout(timer);
      shaking.delete(opened);
    };
    shaking.add(opened);
    return awaitHandshake(opened, true, (state) => {
      over();
      if (tls.rejectUnauthorized && state.peerCertificate === undefined) opened.terminate();
      else handOver(opened.data = new BunConn(opened, unix, state));
    }, over);
  });
  const reusePort = options.reusePort ?? false;
  const address = "path" in on ? { unix: on.path } : { hostname: on.hostname, port: on.port, reusePort };
  const bind = (): BunServer => Bun.listen({ ...address, allowHalfOpen: true, socket, ...tls && { tls } });
  const server = await attempt(bind).catch(async (cause) => {
    const taken = "path" in on && (cause as { code?: unknown }).code === "EADDRINUSE";
    if (!taken || !await removeStaleSocket(on.path)) throw cause;
    return bind();
  }).catch((cause) => {
    throw listenError(on, cause);
  });
  return {
    local: unix?.local ?? { hostname: server.hostname, port: server.port },
    close() {
      closed = true;
      server.stop();
      for (const opened of shaking) opened.terminate();
      return Promise.resolve();
    },
  };
}

/** Calls what may throw or reject; a certificate or key that cannot be read becomes kind `"invalid"`. */
async function attempt<T>(start: () => T | Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code !== "string" || !/^ERR_(BORINGSSL|OSSL)/.test(code)) throw cause;
    throw new RpcError("invalid", `tls options cannot be used: ${(cause as Error).message}`, { cause });
  }
}
