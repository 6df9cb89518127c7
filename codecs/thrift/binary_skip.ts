/**
 * Moves over Binary values of any type without making anything of them.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { readLength } from "./binary_reader.ts";
import { checkSize, take, tooDeep } from "./reader_guards.ts";
import { isTree, TType } from "./ttype.ts";
import { malformed } from "./underrun.ts";

/** Bytes that a value of a type takes at least, by type id; 0 for what is no type. */
const MIN_BYTES: readonly number[] = [0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8, 4, 1, 6, 5, 5, 16];

/** Bytes that every value of a type takes, by type id; 0 if that differs from value to value. */
const FIXED_BYTES: readonly number[] = [0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8, 0, 0, 0, 0, 0, 16];

/** Bytes that a value of a type takes at least. `at` is where the type stands; throws if it is no type. */
export function minBytes(r: ReadBuffer, ttype: number, at: number): number {
  const bytes = MIN_BYTES[ttype] ?? 0;
  if (bytes === 0) throw malformed(r, `unknown type ${ttype}`, at);
  return bytes;
}

/** Bytes that every value of a type takes, or 0 if that differs. */
export function fixedBytes(ttype: number): number {
  return FIXED_BYTES[ttype] ?? 0;
}

/** Moves over a value of type `ttype` that lies in a struct or container at depth `depth`. */
export function skip(r: ReadBuffer, ttype: number, depth: number): void {
  const fixed = fixedBytes(ttype);
  if (fixed > 0) return void take(r, fixed);
  if (ttype === TType.STRING) {
    const length = readLength(r);
    r.pos += length;
    return;
  }
  if (ttype === TType.STRUCT) return skipStruct(r, depth + 1);
  if (ttype === TType.MAP) return skipMap(r, depth + 1);
  if (ttype === TType.LIST || ttype === TType.SET) return skipList(r, depth + 1);
  throw malformed(r, `unknown type ${ttype}`, r.pos);
}

/** Moves over the fields of a struct at depth `depth` and its end. */
export function skipStruct(r: ReadBuffer, depth: number): void {
  if (depth > r.maxDepth) throw tooDeep(r);
  for (;;) {
    const ttype = r.view.getUint8(take(r, 1));
    if (ttype === TType.STOP) return;
    take(r, 2);
    skip(r, ttype, depth);
  }
}

function skipList(r: ReadBuffer, depth: number): void {
  const pos = take(r, 5);
  const element = r.view.getUint8(pos);
  const size = r.view.getInt32(pos + 1);
  if (size === 0) return;
  checkSize(r, size, minBytes(r, element, pos), pos + 1);
  const fixed = fixedBytes(element);
  if (fixed > 0) r.pos += size * fixed;
  else if (depth >= r.maxDepth && isTree(element)) throw tooDeep(r);
  else for (let i = 0; i < size; i++) skip(r, element, depth);
}

function skipMap(r: ReadBuffer, depth: number): void {
  const pos = take(r, 6);
  const key = r.view.getUint8(pos);
  const value = r.view.getUint8(pos + 1);
  const size = r.view.getInt32(pos + 2);
  if (size === 0) return;
  checkSize(r, size, minBytes(r, key, pos) + minBytes(r, value, pos + 1), pos + 2);
  if (depth >= r.maxDepth && (isTree(key) || isTree(value))) throw tooDeep(r);
  for (let i = 0; i < size; i++) {
    skip(r, key, depth);
    skip(r, value, depth);
  }
}
