/**
 * Integers of the Compact protocol: seven bits a byte, low ones first; signed ones folded so that small ones stay short.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { malformed, UNDERRUN } from "./underrun.ts";

/** Bytes that a 32-bit varint takes at most. */
export const MAX_VARINT32_BYTES = 5;
/** Bytes that a 64-bit varint takes at most. */
export const MAX_VARINT64_BYTES = 10;

/** 2^28: four bytes of a varint. */
const FOUR_BYTES = 0x1000_0000;

/** Folds an i32 to an unsigned one: 0, -1, 1, -2 ... become 0, 1, 2, 3 ... */
export function foldI32(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** Undoes `foldI32`. */
export function unfoldI32(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

/** Writes the 32 bits of `value`. */
export function writeVarint32(w: WriteBuffer, value: number): void {
  w.reserve(MAX_VARINT32_BYTES);
  const bytes = w.bytes;
  let pos = w.pos;
  let rest = value >>> 0;
  while (rest > 127) {
    bytes[pos++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[pos++] = rest;
  w.pos = pos;
}

/** Writes an i64, folded. */
export function writeFoldedI64(w: WriteBuffer, value: bigint): void {
  w.reserve(MAX_VARINT64_BYTES);
  const number = Number(value);
  if (number > -0x8_0000_0000_0000 && number < 0x8_0000_0000_0000) { // folded, it is still exact as a number
    writeLow(w, number < 0 ? number * -2 - 1 : number * 2);
    return;
  }
  const folded = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes = w.bytes;
  let pos = w.pos;
  let low = Number(folded & 0xfff_ffffn);
  for (let i = 0; i < 4; i++, low >>>= 7) bytes[pos++] = (low & 127) | 128;
  w.pos = pos;
  writeLow(w, Number(folded >> 28n));
}

/** Writes an unsigned number below 2^53; room is there. */
function writeLow(w: WriteBuffer, value: number): void {
  const bytes = w.bytes;
  let pos = w.pos;
  let rest = value;
  while (rest >= FOUR_BYTES) {
    bytes[pos++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    bytes[pos++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[pos++] = rest;
  w.pos = pos;
}

/** Reads 32 bits, unsigned. */
export function readVarint32(r: ReadBuffer): number {
  const { view, end } = r;
  let pos = r.pos;
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (pos >= end) throw UNDERRUN;
    const byte = view.getUint8(pos++);
    if (shift === 28 && byte > 15) break;
    value |= (byte & 127) << shift;
    if (byte < 128) {
      r.pos = pos;
      return value >>> 0;
    }
  }
  throw malformed(r, "varint of more than 32 bits", r.pos);
}

/** Reads an i64 that was folded. */
export function readFoldedI64(r: ReadBuffer): bigint {
  const { view, end } = r;
  let pos = r.pos;
  let low = 0; // the first 28 bits
  let high = 0; // the other 36
  let scale = 1;
  for (let i = 0; i < MAX_VARINT64_BYTES; i++) {
    if (pos >= end) throw UNDERRUN;
    const byte = view.getUint8(pos++);
    if (i === MAX_VARINT64_BYTES - 1 && byte > 1) break;
    if (i === 4) scale = 1;
    if (i < 4) low += (byte & 127) * scale;
    else high += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) {
      r.pos = pos;
      return unfoldI64(low, high);
    }
  }
  throw malformed(r, "varint of more than 64 bits", r.pos);
}

function unfoldI64(low: number, high: number): bigint {
  if (high < 0x100_0000) { // 52 bits in all
    const folded = high * FOUR_BYTES + low;
    return BigInt(low % 2 === 0 ? folded / 2 : -(folded + 1) / 2);
  }
  const folded = (BigInt(high) << 28n) | BigInt(low);
  return BigInt.asIntN(64, (folded >> 1n) ^ -(folded & 1n));
}
