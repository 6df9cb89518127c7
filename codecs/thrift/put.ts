/**
 * Single bytes and runs of bytes, appended.
 *
 * @module
 */
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";

/** Appends one byte. */
export function writeByte(w: WriteBuffer, byte: number): void {
  w.reserve(1);
  w.bytes[w.pos++] = byte;
}

/** Appends bytes as they are. */
export function writeBytes(w: WriteBuffer, bytes: Uint8Array): void {
  w.reserve(bytes.length);
  w.bytes.set(bytes, w.pos);
  w.pos += bytes.length;
}
