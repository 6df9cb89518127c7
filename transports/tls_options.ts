/**
 * What every adapter checks of TLS options before it hands them to its runtime.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { ClientTls, ServerTls } from "../lib/io/raw.ts";

/** The first byte of every TLS connection: the record type "handshake". */
export const TLS_HANDSHAKE_BYTE = 0x16;
/** Default of `ServerTls.handshakeTimeoutMs`. */
export const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

/** Throws an `RpcError` of kind `"invalid"` for options that no runtime could use. */
export function checkClientTls(tls: ClientTls): void {
  checkPem("ca", tls.ca, "CERTIFICATE");
  checkPem("cert", tls.cert, "CERTIFICATE");
  checkPem("key", tls.key, "PRIVATE KEY");
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new RpcError("invalid", "tls.cert and tls.key go together, and one is missing");
  }
  if (tls.serverName === "") throw new RpcError("invalid", "tls.serverName is empty");
  checkAlpn(tls.alpn);
}

/** Throws an `RpcError` of kind `"invalid"` for options that no runtime could use. */
export function checkServerTls(tls: ServerTls): void {
  checkPem("cert", tls.cert ?? "", "CERTIFICATE");
  checkPem("key", tls.key ?? "", "PRIVATE KEY");
  checkPem("ca", tls.ca, "CERTIFICATE");
  checkAlpn(tls.alpn);
  const { clientCertificate = "none", handshakeTimeoutMs = DEFAULT_HANDSHAKE_TIMEOUT_MS } = tls;
  if (!["none", "request", "require"].includes(clientCertificate)) {
    throw new RpcError("invalid", `tls.clientCertificate is ${clientCertificate}, not none, request or require`);
  }
  if (!(handshakeTimeoutMs > 0 && handshakeTimeoutMs <= 0x7fffffff)) {
    throw new RpcError("invalid", `tls.handshakeTimeoutMs is ${handshakeTimeoutMs}, not from 1 to ${0x7fffffff}`);
  }
}

/** ALPN names as they go on the wire: each after a byte with its length. */
export function encodeAlpn(names: readonly string[]): string {
  return names.map((name) => String.fromCharCode(name.length) + name).join("");
}

/** True for an IP address, which is verified but never sent as a server name. */
export function isIpAddress(hostname: string): boolean {
  return hostname.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}

function checkPem(field: string, text: string | undefined, label: string): void {
  if (text === undefined || new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(text)) return;
  throw new RpcError("invalid", `tls.${field} has no PEM section ${label}`);
}

function checkAlpn(names: readonly string[] = []): void {
  for (const name of names) {
    if (/^[\x21-\x7e]{1,255}$/.test(name)) continue;
    throw new RpcError("invalid", `tls.alpn name ${JSON.stringify(name)} is not 1 to 255 printable ASCII characters`);
  }
}
