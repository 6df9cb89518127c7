/**
 * What generated code calls to write the Binary protocol; fixed-size values it stores by itself.
 *
 * All take a position and give the one after what they wrote, so that it stays in a register. `extra` is how many
 * bytes the caller will store behind it without asking again. After each call `w.bytes` and `w.view` may be new.
 *
 * @module
 */
import { writeText } from "../../lib/io/text.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { INVALID, isUuid, parseI64 } from "./invalid.ts";

/** Makes room for `count` bytes at `pos`. */
export function room(w: WriteBuffer, pos: number, count: number): void {
  if (w.bytes.length - pos < count) {
    w.pos = pos;
    w.reserve(count);
  }
}

/** Writes a string: its length in bytes, then UTF-8. Throws `INVALID` if it is none. */
export function writeString(w: WriteBuffer, pos: number, value: string, extra: number): number {
  if (typeof value !== "string") throw INVALID;
  const start = pos + 4;
  const end = writeText(w, start, value, extra);
  w.view.setInt32(pos, end - start);
  return end;
}

/** Writes a binary: its length, then its bytes. Throws `INVALID` if it is no `Uint8Array`. */
export function writeBinary(w: WriteBuffer, pos: number, value: Uint8Array, extra: number): number {
  if (!(value instanceof Uint8Array)) throw INVALID;
  const length = value.length;
  room(w, pos, 4 + length + extra);
  w.view.setInt32(pos, length);
  w.bytes.set(value, pos + 4);
  return pos + 4 + length;
}

/** Stores an i64 held as a number in the 8 bytes at `pos`. Throws `INVALID` unless it is a safe integer. */
export function setI64Number(view: DataView, pos: number, value: number): void {
  if (!Number.isSafeInteger(value)) throw INVALID;
  view.setInt32(pos, Math.floor(value / 0x1_0000_0000));
  view.setInt32(pos + 4, value | 0);
}

/** Stores an i64 held as decimal text in the 8 bytes at `pos`. Throws `INVALID` unless it is one. */
export function setI64Text(view: DataView, pos: number, value: string): void {
  view.setBigInt64(pos, parseI64(value));
}

/** Stores a UUID, given as text with hyphens, in the 16 bytes at `pos`. Throws `INVALID` unless it is one. */
export function setUuid(view: DataView, pos: number, value: string): void {
  if (!isUuid(value)) throw INVALID;
  const digits = value.replaceAll("-", "");
  for (let i = 0; i < 4; i++) view.setUint32(pos + i * 4, parseInt(digits.slice(i * 8, i * 8 + 8), 16));
}
