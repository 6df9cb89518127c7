/**
 * Tells what a server speaks that a client took for one of Thrift's or Kitex's protocols, and what to do about it.
 *
 * @module
 */

/** So many first bytes tell. */
export const TELLING_BYTES = 9;

/** Types of TLS records, which a version of 3.0 to 3.4 follows. */
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;

/**
 * What the first bytes that a server sent are, or `undefined` if they are nothing known: `the server speaks HTTP/2: ...`. For
 * the text of an error.
 */
export function foreignServer(bytes: Uint8Array): string | undefined {
  if (isSettings(bytes)) {
    return "the server speaks HTTP/2: gRPC needs `protocol: grpc()` of @updraft/rpc/grpc";
  }
  if (String.fromCharCode(...bytes.subarray(0, TELLING_BYTES)).startsWith("HTTP/1.")) {
    return "the server speaks HTTP/1: Connect and gRPC-Web need createWebClient() of @updraft/rpc/connect-web";
  }
  const isTls = (bytes[0] === TLS_ALERT || bytes[0] === TLS_HANDSHAKE) && bytes[1] === 3 && bytes[2]! <= 4;
  return isTls ? "the server speaks TLS: the client needs `tls`" : undefined;
}

/** Is it the frame that every HTTP/2 server sends first? SETTINGS, on stream 0, of whole settings and not many. */
export function isSettings(bytes: Uint8Array): boolean {
  if (bytes.length < TELLING_BYTES) return false;
  const length = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
  return bytes[3] === 4 && bytes[4] === 0 && length < 1024 && length % 6 === 0 &&
    bytes.subarray(5, TELLING_BYTES).every((byte) => byte === 0);
}
