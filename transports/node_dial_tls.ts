/**
 * Dialling through `node:tls`. TLS begins on a socket that is open already, because Deno's TLS sockets have to be paused there.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { NodeConn } from "./node_conn.ts";
import { addressOf, type SecureOpener, unixEndsOf } from "./node_dial.ts";
import { clientTlsOptions, tlsStateOf } from "./node_tls.ts";

/** Opens TLS connections. */
export const secureOpener: SecureOpener = (to, options, runtime) => {
  const tlsOptions = clientTlsOptions(to, options);
  return ({ opened, failed }) => {
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
        const conn = new NodeConn(secure, unixEndsOf(to), tlsStateOf(secure));
        conn.listenForData(runtime.handleOf(raw));
        opened(conn);
      });
    });
    return raw;
  };
};
