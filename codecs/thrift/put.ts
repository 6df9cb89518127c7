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
  writePart(w, bytes, 0, bytes.length);
}

/** Appends `bytes` from `start` to `end`. */
export function writePart(w: WriteBuffer, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  w.reserve(length);
  const { bytes: out, pos } = w;
  if (length > LOOP_BYTES) out.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), pos);
  else for (let i = 0; i < length; i++) out[pos + i] = bytes[start + i]!;
  w.pos = pos + length;
}
