/**
 * Dialling through `node:net` and `node:tls`.
 *
 * A plain socket reads into a buffer of ours (`onread`) instead of allocating 64 KiB for each read. TLS begins on a socket
 * that is open already, because Deno's TLS sockets have to be paused there.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import type { DialOptions, Endpoint, RawConn } from "../lib/io/raw.ts";
import { abortError, checkEndpoint, dialError, dialledUnix } from "./address.ts";
import { NodeConn } from "./node_conn.ts";
import type { NodeNet } from "./node_net.ts";
import { clientTlsOptions, tlsStateOf } from "./node_tls.ts";

/** Opens a connection; rejects as `Transport.dial` says. */
// deno-lint-ignore require-await -- a throw before the first await is to reject
export async function dialNode(to: Endpoint, options: DialOptions, runtime: NodeNet): Promise<RawConn> {
  const { signal } = options;
  checkEndpoint(to);
  const tlsOptions = options.tls && clientTlsOptions(to, options.tls);
  if (signal?.aborted) throw abortError(to, signal);
  return new Promise((resolve, reject) => {
    const unix = "path" in to ? dialledUnix(to) : undefined;
    const failed = (cause: unknown): void => reject(dialError(to, cause));
    const aborted = (): void => {
      reject(abortError(to, signal!));
      socket.destroy();
    };
    const opened = (conn: NodeConn): void => {
      signal?.removeEventListener("abort", aborted);
      resolve(conn);
    };
    const socket = tlsOptions === undefined ? openPlain() : openRaw();
    socket.on("error", failed);
    socket.once("close", () => {
      signal?.removeEventListener("abort", aborted);
      failed(new Error("closed by the peer")); // no effect once it was open
    });
    signal?.addEventListener("abort", aborted, { once: true });

    function openPlain(): net.Socket {
      let conn: NodeConn | undefined;
      const buffer = runtime.readBuffer();
      const callback = (length: number): boolean => {
        conn?.take(buffer.subarray(0, length));
        return true;
      };
      const plain = net.connect({ ...addressOf(to), allowHalfOpen: true, noDelay: true, onread: { buffer, callback } });
      plain.pause(); // nothing is delivered before start()
      plain.once("connect", () => opened(conn = new NodeConn(plain, unix)));
      return plain;
    }

    function openRaw(): net.Socket {
      const raw = net.connect({ ...addressOf(to), allowHalfOpen: true, noDelay: true });
      raw.once("connect", () => {
        if (raw.destroyed) return;
        const secure = tls.connect({ ...tlsOptions, socket: raw });
        secure.on("error", (cause) => {
          failed(cause);
          raw.destroy();
        });
        secure.once("secureConnect", () => {
          secure.pause();
          const conn = new NodeConn(secure, unix, tlsStateOf(secure));
          conn.listenForData(runtime.handleOf(raw));
          opened(conn);
        });
      });
      return raw;
    }
  });
}

function addressOf(to: Endpoint): net.NetConnectOpts {
  return "path" in to ? { path: to.path } : { host: to.hostname, port: to.port };
}
