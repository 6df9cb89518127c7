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

/** Up to this many bytes a loop beats the call of `set`. */
const LOOP_BYTES = 24;

/** Appends bytes as they are. */
export function writeBytes(w: WriteBuffer, bytes: Uint8Array): void {
  const length = bytes.length;
  w.reserve(length);
  const { bytes: out, pos } = w;
  if (length > LOOP_BYTES) out.set(bytes, pos);
  else for (let i = 0; i < length; i++) out[pos + i] = bytes[i]!;
  w.pos = pos + length;
}
