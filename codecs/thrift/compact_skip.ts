/**
 * Moves over Compact values of any type without making anything of them.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { readCompactField } from "./compact_fields.ts";
import { readLength } from "./compact_scalars.ts";
import { compactFixedBytes, compactMinBytes, fromCompact } from "./compact_types.ts";
import { checkSize, take, tooDeep } from "./reader_guards.ts";
import { isTree, TType } from "./ttype.ts";
import { readFoldedI64, readVarint32 } from "./varint.ts";

/** Moves over the fields of a struct at depth `depth` and its end. */
export function skipCompactStruct(r: ReadBuffer, depth: number): void {
  if (depth > r.maxDepth) throw tooDeep(r);
  let lastId = 0;
  for (let header = readCompactField(r, 0); header !== 0; header = readCompactField(r, lastId)) {
    lastId = (header << 16) >> 16;
    skipCompactField(r, header, depth);
  }
}

/** Moves over the value of a field of a struct at depth `depth` whose header was just read. */
export function skipCompactField(r: ReadBuffer, header: number, depth: number): void {
  const ttype = (header >>> 16) & 0xff;
  if (ttype !== TType.BOOL) skipCompact(r, ttype, depth);
}

/** Moves over a value that lies in a container or (bools apart) in a struct at depth `depth`. */
function skipCompact(r: ReadBuffer, ttype: number, depth: number): void {
  const fixed = compactFixedBytes(ttype);
  if (fixed > 0) return void take(r, fixed);
  switch (ttype) {
    case TType.STRING:
      return void take(r, readLength(r));
    case TType.STRUCT:
      return skipCompactStruct(r, depth + 1);
    case TType.LIST:
    case TType.SET:
      return skipList(r, depth + 1);
    case TType.MAP:
      return skipMap(r, depth + 1);
    case TType.I64:
      return void readFoldedI64(r);
    default:
      return void readVarint32(r);
  }
}

function skipList(r: ReadBuffer, depth: number): void {
  const pos = r.pos;
  const byte = r.view.getUint8(take(r, 1));
  const size = byte >> 4 === 15 ? readVarint32(r) : byte >> 4;
  if (size === 0) return;
  const element = fromCompact(r, byte & 15, pos);
  checkSize(r, size, compactMinBytes(element), pos);
  const fixed = compactFixedBytes(element);
  if (fixed > 0) r.pos += size * fixed;
  else if (depth >= r.maxDepth && isTree(element)) throw tooDeep(r);
  else for (let i = 0; i < size; i++) skipCompact(r, element, depth);
}

function skipMap(r: ReadBuffer, depth: number): void {
  const pos = r.pos;
  const size = readVarint32(r);
  if (size === 0) return;
  const types = r.view.getUint8(take(r, 1));
  const key = fromCompact(r, types >> 4, pos);
  const value = fromCompact(r, types & 15, pos);
  checkSize(r, size, compactMinBytes(key) + compactMinBytes(value), pos);
  if (depth >= r.maxDepth && (isTree(key) || isTree(value))) throw tooDeep(r);
  for (let i = 0; i < size; i++) {
    skipCompact(r, key, depth);
    skipCompact(r, value, depth);
  }
}
