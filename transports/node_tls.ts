/**
 * TLS through `node:tls`: what the options are called there, and handshakes on sockets that are open already.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import tls, { type TLSSocket } from "node:tls";
import { RpcError } from "../lib/errors.ts";
import type { ClientTls, Endpoint, ServerTls, TlsState } from "../lib/io/raw.ts";
import { checkClientTls, checkServerTls, DEFAULT_HANDSHAKE_TIMEOUT_MS, isIpAddress } from "./tls_options.ts";

/** Options of `tls.connect` beside the address; throws kind `"invalid"` for what cannot be used. */
export function clientTlsOptions(
  to: Endpoint,
  options: ClientTls,
): tls.ConnectionOptions & { allowHalfOpen: true } {
  checkClientTls(options);
  const { ca, cert, key, alpn } = options;
  const name = options.serverName ?? ("path" in to ? "localhost" : to.hostname);
  const context: tls.SecureContextOptions = {
    ...ca === undefined ? undefined : { ca },
    ...cert === undefined || key === undefined ? undefined : { cert, key },
  };
  return {
    ...context,
    allowHalfOpen: true,
    secureContext: orInvalid(() => {
      checkTexts(options);
      return tls.createSecureContext(context);
    }),
    rejectUnauthorized: options.verify ?? true,
    ...isIpAddress(name)
      ? { checkServerIdentity: (_: string, peer: tls.PeerCertificate) => tls.checkServerIdentity(name, peer) }
      : { servername: name },
    ...alpn === undefined || alpn.length === 0 ? undefined : { ALPNProtocols: [...alpn] },
  };
}

/** Makes a function that does the server's side of the handshake on an open socket, and then calls `accept`. */
export function createTlsAcceptor(
  options: ServerTls,
  accept: (socket: TLSSocket, raw: Socket, state: TlsState) => void,
): (socket: Socket) => void {
  checkServerTls(options);
  const { cert, key, ca, alpn, clientCertificate = "none" } = options;
  const server = orInvalid(() => {
    checkTexts(options);
    return tls.createServer({
      cert,
      key,
      ...ca === undefined ? undefined : { ca },
      requestCert: clientCertificate !== "none",
      rejectUnauthorized: clientCertificate === "require",
      ...alpn === undefined || alpn.length === 0 ? undefined : { ALPNProtocols: [...alpn] },
      handshakeTimeout: options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS,
    });
  });
  server.on("secureConnection", (socket) => {
    socket.pause(); // nothing is delivered before start()
    socket.allowHalfOpen = true;
    if (clientCertificate === "require" && !socket.authorized) socket.destroy();
    else accept(socket, (socket as TLSSocket & { _parent: Socket })._parent, tlsStateOf(socket));
  });
  // A handshake that failed or took too long is that connection's end and nobody else's concern.
  server.on("tlsClientError", (_cause, socket) => socket.destroy());
  server.on("error", () => {});
  return (socket) => {
    socket.on("error", () => {}); // the TLS socket over it reports it
    socket.allowHalfOpen = false; // until then, a peer that ends is gone
    server.emit("connection", socket);
  };
}

/** What the handshake agreed on. */
export function tlsStateOf(socket: TLSSocket): TlsState {
  const certificate = socket.authorized ? socket.getPeerCertificate()?.raw : undefined;
  return {
    alpn: socket.alpnProtocol || undefined,
    peerCertificate: certificate === undefined ? undefined : new Uint8Array(certificate),
  };
}

/** Reads what some runtimes would only stumble over at the first handshake, or take for an authority nobody has. */
function checkTexts({ ca, cert, key }: ClientTls): void {
  if (ca !== undefined) new X509Certificate(ca);
  if (cert === undefined || key === undefined) return;
  if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return;
  throw new Error("the key does not belong to the certificate");
}

function orInvalid<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new RpcError("invalid", `tls options cannot be used: ${(cause as Error).message}`, { cause });
  }
}
