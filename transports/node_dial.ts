/**
 * Dialling through `node:net` and `node:tls`.
 *
 * A plain socket reads into a buffer of ours (`onread`) instead of allocating 64 KiB for each read.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import type { DialOptions, Endpoint, RawConn } from "../lib/io/raw.ts";
import { abortError, checkEndpoint, dialError, dialledUnix } from "./address.ts";
import { NodeConn } from "./node_conn.ts";
import { clientTlsOptions, tlsStateOf } from "./node_tls.ts";

/** Opens a connection; rejects as `Transport.dial` says. `readBuffer` gives the buffer that a socket reads into. */
// deno-lint-ignore require-await -- a throw before the first await is to reject
export async function dialNode(to: Endpoint, options: DialOptions, readBuffer: () => Uint8Array): Promise<RawConn> {
  const { signal } = options;
  checkEndpoint(to);
  const tlsOptions = options.tls && clientTlsOptions(to, options.tls);
  if (signal?.aborted) throw abortError(to, signal);
  const address = "path" in to ? { path: to.path } : { host: to.hostname, port: to.port };
  const unix = "path" in to ? dialledUnix(to) : undefined;
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      reject(abortError(to, signal!));
      socket.destroy();
    };
    let conn: NodeConn | undefined;
    let socket: net.Socket;
    if (tlsOptions === undefined) {
      const buffer = readBuffer();
      const callback = (length: number): boolean => {
        conn?.take(buffer.subarray(0, length));
        return true;
      };
      socket = net.connect({ ...address, allowHalfOpen: true, noDelay: true, onread: { buffer, callback } });
      socket.once("connect", () => {
        signal?.removeEventListener("abort", aborted);
        resolve(conn = new NodeConn(socket, unix));
      });
    } else {
      const secure = tls.connect({ ...address, ...tlsOptions });
      secure.setNoDelay(true);
      secure.once("secureConnect", () => {
        signal?.removeEventListener("abort", aborted);
        const opened = new NodeConn(secure, unix, tlsStateOf(secure));
        opened.listenForData();
        resolve(opened);
      });
      socket = secure;
    }
    socket.on("error", (cause) => reject(dialError(to, cause)));
    socket.once("close", () => {
      signal?.removeEventListener("abort", aborted);
      reject(dialError(to, new Error("closed by the peer"))); // no effect once it was open
    });
    socket.pause(); // nothing is delivered before start()
    signal?.addEventListener("abort", aborted, { once: true });
  });
}
