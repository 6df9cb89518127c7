/**
 * The Bun adapter: `Bun.listen` and `Bun.connect`.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { DialOptions, Endpoint, ListenOptions, RawConn, RawListener, Transport } from "../lib/io/raw.ts";
import { abortError, acceptedUnix, checkEndpoint, dialError, dialledUnix, listenError } from "./address.ts";
import type { BunNet, BunServer } from "./bun_api.ts";
import { BunConn, bunEvents } from "./bun_conn.ts";
import { removeStaleSocket } from "./node_unix.ts";

declare const Bun: BunNet;

/** Sockets of Bun. */
export function bun(): Transport {
  return {
    name: "bun",
    dial: (to, options = {}) => dial(to, options),
    listen: (on, accept, options = {}) => listen(on, accept, options),
  };
}

async function dial(to: Endpoint, options: DialOptions): Promise<RawConn> {
  const { signal } = options;
  checkEndpoint(to);
  if (options.tls) throw new RpcError("invalid", "TLS is not served by this adapter");
  if (signal?.aborted) throw abortError(to, signal);
  const unix = "path" in to ? dialledUnix(to) : undefined;
  const socket = bunEvents((opened) => opened.data = new BunConn(opened, unix));
  const address = "path" in to ? { unix: to.path } : { hostname: to.hostname, port: to.port };
  return await new Promise((resolve, reject) => {
    const aborted = (): void => reject(abortError(to, signal!));
    signal?.addEventListener("abort", aborted, { once: true });
    Bun.connect({ ...address, allowHalfOpen: true, socket }).then((opened) => {
      signal?.removeEventListener("abort", aborted);
      if (signal?.aborted) opened.terminate(); // too late: nobody waits for it
      else resolve(opened.data!);
    }, (cause) => {
      signal?.removeEventListener("abort", aborted);
      reject(dialError(to, cause));
    });
  });
}

async function listen(
  on: Endpoint,
  accept: (conn: RawConn) => void,
  options: ListenOptions,
): Promise<RawListener> {
  checkEndpoint(on);
  if (options.tls) throw new RpcError("invalid", "TLS is not served by this adapter");
  const unix = "path" in on ? acceptedUnix(on) : undefined;
  const socket = bunEvents((opened) => {
    const conn = opened.data = new BunConn(opened, unix);
    try {
      accept(conn);
    } catch (cause) {
      conn.abort(cause);
    }
  });
  const reusePort = options.reusePort ?? false;
  const address = "path" in on ? { unix: on.path } : { hostname: on.hostname, port: on.port, reusePort };
  const bind = (): BunServer => Bun.listen({ ...address, allowHalfOpen: true, socket });
  let server: BunServer;
  try {
    server = bind();
  } catch (cause) {
    if (!("path" in on) || !await removeStaleSocket(on.path)) throw listenError(on, cause);
    server = bind();
  }
  return {
    local: unix?.local ?? { hostname: server.hostname, port: server.port },
    close() {
      server.stop();
      return Promise.resolve();
    },
  };
}
