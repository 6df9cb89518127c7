/**
 * TLS of Bun's sockets: what the options are called there, and the time before a connection is one.
 *
 * @module
 */
import type { ClientTls, Endpoint, ServerTls, TlsState } from "../lib/io/raw.ts";
import type { BunEvents, BunSocket, BunTls } from "./bun_api.ts";
import { checkClientTls, checkServerTls, encodeAlpn, isIpAddress } from "./tls_options.ts";

/** Options of `Bun.connect`; throws kind `"invalid"` for what cannot be used. */
export function clientBunTls(to: Endpoint, tls: ClientTls): BunTls {
  checkClientTls(tls);
  const { ca, cert, key, alpn = [] } = tls;
  const name = tls.serverName ?? ("path" in to ? "localhost" : to.hostname);
  return {
    ...ca === undefined ? undefined : { ca },
    ...cert === undefined || key === undefined ? undefined : { cert, key },
    ...alpn.length === 0 ? undefined : { ALPNProtocols: encodeAlpn(alpn) },
    // An IP address is not for SNI; without a name Bun verifies the host dialled.
    serverName: "hostname" in to && name === to.hostname && isIpAddress(name) ? "" : name,
    rejectUnauthorized: tls.verify ?? true,
  };
}

/** Options of `Bun.listen`; throws kind `"invalid"` for what cannot be used. */
export function serverBunTls(tls: ServerTls): BunTls {
  checkServerTls(tls);
  const { ca, cert, key, alpn = [], clientCertificate = "none" } = tls;
  return {
    cert,
    key,
    ...ca === undefined ? undefined : { ca },
    ...alpn.length === 0 ? undefined : { ALPNProtocols: encodeAlpn(alpn) },
    requestCert: clientCertificate !== "none",
    rejectUnauthorized: clientCertificate === "require",
  };
}

/** Takes a socket's events until its handshake is over, and then calls one of the two; `verify` asks for a good one. */
export function awaitHandshake(
  socket: BunSocket,
  verify: boolean,
  done: (state: TlsState) => void,
  failed: (cause: unknown) => void,
): BunEvents {
  return {
    data() {},
    drain() {},
    end() {},
    closed: (cause) => failed(cause ?? new Error("closed by the peer during the TLS handshake")),
    handshake(agreed, cause) {
      if (!agreed && (verify || isBroken(cause))) return failed(cause);
      const certificate = socket.authorized ? socket.getPeerCertificate()?.raw : undefined;
      done({
        alpn: socket.alpnProtocol || undefined,
        peerCertificate: certificate === undefined ? undefined : new Uint8Array(certificate),
      });
    },
  };
}

/** Tells a handshake that went wrong from a peer that is not trusted, which Bun reports in the same way. */
function isBroken(cause: unknown): boolean {
  const { code } = (cause ?? {}) as { code?: unknown };
  return code === "EPROTO" || code === "ECONNRESET";
}
