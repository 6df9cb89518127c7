/**
 * The Compact protocol for codecs made from schemas.
 *
 * A bool field's value is in its header; `readField` hands it on in the bit above the type.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { IS_TRUE, readCompactField } from "./compact_fields.ts";
import { compactScalar, readLength } from "./compact_scalars.ts";
import { skipCompactField } from "./compact_skip.ts";
import { COMPACT_FALSE, COMPACT_TRUE, compactMinBytes, fromCompact, toCompact } from "./compact_types.ts";
import { writeByte } from "./put.ts";
import { chargeNested, checkSize, take } from "./reader_guards.ts";
import { isTree, TType, ttypeName } from "./ttype.ts";
import { malformed } from "./underrun.ts";
import { foldI32, readVarint32, writeVarint32 } from "./varint.ts";
import type { Wire } from "./wire.ts";

/** Writes and reads as the Compact protocol does. */
export const compactWire: Wire = {
  scalar: compactScalar,
  writeField: (w, ttype, id, lastId) => writeHeader(w, toCompact(ttype), id, lastId),
  writeBoolField: (w, value, id, lastId) => writeHeader(w, value ? COMPACT_TRUE : COMPACT_FALSE, id, lastId),
  writeStop: (w) => writeByte(w, 0),
  writeList(w, element, size) {
    const type = toCompact(element);
    if (size < 15) writeByte(w, (size << 4) | type);
    else {
      writeByte(w, 0xf0 | type);
      writeVarint32(w, size);
    }
  },
  writeMap(w, key, value, size) {
    writeVarint32(w, size);
    if (size > 0) writeByte(w, (toCompact(key) << 4) | toCompact(value));
  },
  readField: readCompactField,
  readBoolField: (_, header) => (header & IS_TRUE) !== 0,
  readList(r, element) {
    const pos = r.pos;
    const byte = r.view.getUint8(take(r, 1));
    const size = byte >> 4 === 15 ? readVarint32(r) : byte >> 4;
    if (size > 0) checkElement(r, byte & 15, element, pos);
    checkSize(r, size, compactMinBytes(element), pos);
    if (isTree(element)) chargeNested(r, size, pos);
    return size;
  },
  readMap(r, key, value) {
    const pos = r.pos;
    const size = readVarint32(r);
    if (size === 0) return 0;
    const types = r.view.getUint8(take(r, 1));
    checkElement(r, types >> 4, key, pos);
    checkElement(r, types & 15, value, pos);
    checkSize(r, size, compactMinBytes(key) + compactMinBytes(value), pos);
    if (isTree(key) || isTree(value)) chargeNested(r, size, pos);
    return size;
  },
  openList(r) {
    const pos = r.pos;
    const byte = r.view.getUint8(take(r, 1));
    const size = byte >> 4 === 15 ? readVarint32(r) : byte >> 4;
    if (byte === 0) return TType.I8; // some write no type where nothing follows
    const element = fromCompact(r, byte & 15, pos);
    checkSize(r, size, compactMinBytes(element), pos);
    return size * 0x100 + element;
  },
  openMap(r) {
    const pos = r.pos;
    const size = readVarint32(r);
    if (size === 0) return TType.I8 * 0x101;
    const types = r.view.getUint8(take(r, 1));
    const [key, value] = [fromCompact(r, types >> 4, pos), fromCompact(r, types & 15, pos)];
    checkSize(r, size, compactMinBytes(key) + compactMinBytes(value), pos);
    return size * 0x1_0000 + key * 0x100 + value;
  },
  writeLength: writeVarint32,
  readLength,
  skipField: skipCompactField,
};

function checkElement(r: ReadBuffer, type: number, expected: number, at: number): void {
  const found = fromCompact(r, type, at);
  if (found === expected) return;
  throw malformed(r, `elements of type ${ttypeName(found)} where ${ttypeName(expected)} is declared`, at);
}

function writeHeader(w: WriteBuffer, type: number, id: number, lastId: number): void {
  const delta = id - lastId;
  if (delta > 0 && delta < 16) return writeByte(w, (delta << 4) | type);
  writeByte(w, type);
  writeVarint32(w, foldI32(id));
}
