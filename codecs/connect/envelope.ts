/**
 * Messages in a stream's content, as Connect and gRPC-Web have them: a byte of flags, four of length, the message.
 *
 * @module
 */

/** The message is compressed. */
export const COMPRESSED = 0x01;
/** Connect: the last one, which tells how the call ended. */
export const END_STREAM = 0x02;
/** gRPC-Web: the last one, which holds the trailers. */
export const TRAILERS = 0x80;

/** A message in its envelope. */
export function envelope(flags: number, message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + message.length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}
