/**
 * What generated code calls to read the Binary protocol; fixed-size values it loads by itself.
 *
 * All read at `r.pos` and move it. They throw `UNDERRUN` when the bytes end early, and an `RpcError` of kind
 * `"protocol"` when they are wrong; a size is held against the bytes there and the limits before anything is made.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { readText } from "../../lib/io/text.ts";
import { chargeNested, checkSize } from "./reader_guards.ts";
import { isTree, ttypeName } from "./ttype.ts";
import { malformed, UNDERRUN } from "./underrun.ts";

/** Reads the length of a string or binary and checks that its bytes are there. */
export function readLength(r: ReadBuffer): number {
  const pos = r.pos;
  if (r.end - pos < 4) throw UNDERRUN;
  const length = r.view.getInt32(pos);
  if (length < 0 || length > r.maxStringBytes) throw badLength(r, length, r.maxStringBytes, pos);
  if (length > r.end - pos - 4) throw UNDERRUN;
  r.pos = pos + 4;
  return length;
}

/** Reads a string. */
export function readString(r: ReadBuffer): string {
  const length = readLength(r);
  const start = r.pos;
  r.pos = start + length;
  return readText(r, start, start + length);
}

/** Reads a binary into memory of its own. */
export function readBinary(r: ReadBuffer): Uint8Array {
  const length = readLength(r);
  const start = r.pos;
  r.pos = start + length;
  const value = new Uint8Array(length);
  value.set(r.bytes.subarray(start, start + length));
  return value;
}

/**
 * Reads the header of a list or set whose elements must be of type `element` and take at least `minBytes` each, and
 * gives their number.
 */
export function readListSize(r: ReadBuffer, element: number, minBytes: number): number {
  const pos = r.pos;
  if (r.end - pos < 5) throw UNDERRUN;
  const size = r.view.getInt32(pos + 1);
  const found = r.view.getInt8(pos);
  if (found !== element && size !== 0) throw wrongElement(r, found, element, pos);
  r.pos = pos + 5;
  checkSize(r, size, minBytes, pos + 1);
  if (isTree(element)) chargeNested(r, size, pos + 1);
  return size;
}

/**
 * Reads the header of a map whose keys and values must be of the types in `types` (`key << 8 | value`) and take at
 * least `minBytes` a pair, and gives the number of pairs.
 */
export function readMapSize(r: ReadBuffer, types: number, minBytes: number): number {
  const pos = r.pos;
  if (r.end - pos < 6) throw UNDERRUN;
  const size = r.view.getInt32(pos + 2);
  const found = r.view.getInt16(pos);
  if (found !== types && size !== 0) throw wrongPair(r, found & 0xffff, types, pos);
  r.pos = pos + 6;
  checkSize(r, size, minBytes, pos + 2);
  if (isTree(types >> 8) || isTree(types & 0xff)) chargeNested(r, size, pos + 2);
  return size;
}

/** Moves over the byte that ends a struct when fewer bytes are left than any field takes. */
export function readLastStop(r: ReadBuffer, pos: number): void {
  if (pos >= r.end || r.view.getInt8(pos) !== 0) throw UNDERRUN;
}

/** The i64 at `pos` as a number. Throws an `RpcError` of kind `"protocol"` if no number is that exact. */
export function getI64Number(view: DataView, pos: number): number {
  const value = view.getInt32(pos) * 0x1_0000_0000 + view.getUint32(pos + 4);
  if (!Number.isSafeInteger(value)) {
    throw new RpcError("protocol", `i64 ${view.getBigInt64(pos)} does not fit a number`);
  }
  return value;
}

/** The UUID at `pos` as text. */
export function getUuid(view: DataView, pos: number): string {
  let digits = "";
  for (let i = 0; i < 4; i++) digits += view.getUint32(pos + i * 4).toString(16).padStart(8, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${
    digits.slice(20)
  }`;
}

function badLength(r: ReadBuffer, length: number, max: number, at: number): RpcError {
  return malformed(r, length < 0 ? `negative string length ${length}` : `string of ${length} bytes exceeds ${max}`, at);
}

function wrongElement(r: ReadBuffer, found: number, expected: number, at: number): RpcError {
  return malformed(r, `elements of type ${ttypeName(found)} where ${ttypeName(expected)} is declared`, at);
}

function wrongPair(r: ReadBuffer, found: number, expected: number, at: number): RpcError {
  const pair = (types: number): string => `${ttypeName(types >> 8)} to ${ttypeName(types & 0xff)}`;
  return malformed(r, `map from ${pair(found)} where ${pair(expected)} is declared`, at);
}
