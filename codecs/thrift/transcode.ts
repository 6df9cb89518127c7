/**
 * Copies values of any type from one wire to another without a schema: how fields that an IDL does not know go from
 * Compact to Compact, and between Compact and Binary.
 *
 * What is kept of a value is the bytes of the Binary protocol, whichever it came in.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { binaryWire } from "./binary_wire.ts";
import { MAX_WRITE_DEPTH } from "./invalid.ts";
import { writePart } from "./put.ts";
import { take, tooDeep } from "./reader_guards.ts";
import type { ScalarSchema } from "./schema_compiler.ts";
import { isType, TType } from "./ttype.ts";
import { malformed } from "./underrun.ts";
import type { Wire } from "./wire.ts";

/** Appends the field of a struct at depth `depth` whose header was just read to `kept`. */
export function keepField(wire: Wire, r: ReadBuffer, header: number, kept: WriteBuffer, depth: number): void {
  copyField(wire, r, header, binaryWire, kept, 0, depth);
}

/**
 * Writes the fields that `kept` holds behind the field `lastId` of a struct at depth `depth`. Throws an `RpcError` of
 * kind `"invalid"` unless it holds fields.
 */
export function writeKept(wire: Wire, w: WriteBuffer, kept: Uint8Array, lastId: number, depth: number): void {
  const r = new ReadBuffer().reset(kept);
  r.maxDepth = MAX_WRITE_DEPTH;
  try {
    while (r.pos < r.end) {
      const header = binaryWire.readField(r, 0);
      if (header === 0) throw malformed(r, "an end", r.pos - 1);
      copyField(binaryWire, r, header, wire, w, lastId, depth);
      lastId = (header << 16) >> 16;
    }
  } catch (cause) {
    const reason = RpcError.from(cause, "protocol").message;
    throw new RpcError("invalid", `$unknown is not fields in the Binary protocol: ${reason}`, { cause });
  }
}

function copyField(
  from: Wire,
  r: ReadBuffer,
  header: number,
  to: Wire,
  w: WriteBuffer,
  lastId: number,
  depth: number,
): void {
  const ttype = (header >>> 16) & 0xff;
  const id = (header << 16) >> 16;
  if (ttype === TType.BOOL) return to.writeBoolField(w, from.readBoolField(r, header), id, lastId);
  if (!isType(ttype)) throw malformed(r, `unknown type ${ttype}`, r.pos);
  to.writeField(w, ttype, id, lastId);
  copyValue(from, r, ttype, to, w, depth);
}

/** Copies a value that lies in a container or a struct at depth `depth`. */
function copyValue(from: Wire, r: ReadBuffer, ttype: number, to: Wire, w: WriteBuffer, depth: number): void {
  copierOf(from, ttype, to)(r, w, depth);
}

/** Copies one value that lies at the depth. */
type Copier = (r: ReadBuffer, w: WriteBuffer, depth: number) => void;

/** What copies values of a type: made once for all elements of a container, of which a message may have millions. */
function copierOf(from: Wire, ttype: number, to: Wire): Copier {
  switch (ttype) {
    case TType.STRUCT:
      return (r, w, depth) => copyStruct(from, r, to, w, depth + 1);
    case TType.LIST:
    case TType.SET:
      return (r, w, depth) => copyList(from, r, to, w, depth + 1);
    case TType.MAP:
      return (r, w, depth) => copyMap(from, r, to, w, depth + 1);
    case TType.STRING:
      return (r, w) => copyText(from, r, to, w);
    default: {
      const { read } = from.scalar(SCALARS[ttype]!);
      const { write } = to.scalar(SCALARS[ttype]!);
      return (r, w, depth) => write(w, read(r, depth), depth);
    }
  }
}

/** Copies a string or binary, which may be no UTF-8, byte by byte. */
function copyText(from: Wire, r: ReadBuffer, to: Wire, w: WriteBuffer): void {
  const length = from.readLength(r);
  const start = take(r, length);
  to.writeLength(w, length);
  writePart(w, r.bytes, start, r.pos);
}

function copyStruct(from: Wire, r: ReadBuffer, to: Wire, w: WriteBuffer, depth: number): void {
  if (depth > r.maxDepth) throw tooDeep(r);
  let lastId = 0;
  for (let header = from.readField(r, 0); header !== 0; header = from.readField(r, lastId)) {
    copyField(from, r, header, to, w, lastId, depth);
    lastId = (header << 16) >> 16;
  }
  to.writeStop(w);
}

function copyList(from: Wire, r: ReadBuffer, to: Wire, w: WriteBuffer, depth: number): void {
  if (depth > r.maxDepth) throw tooDeep(r);
  const opened = from.openList(r);
  const element = opened & 0xff;
  const size = Math.floor(opened / 0x100);
  to.writeList(w, element, size);
  if (size === 0) return; // its elements may be of no type then
  const copy = copierOf(from, element, to);
  for (let i = 0; i < size; i++) copy(r, w, depth);
}

function copyMap(from: Wire, r: ReadBuffer, to: Wire, w: WriteBuffer, depth: number): void {
  if (depth > r.maxDepth) throw tooDeep(r);
  const opened = from.openMap(r);
  const [key, value] = [(opened >>> 8) & 0xff, opened & 0xff];
  const size = Math.floor(opened / 0x1_0000);
  to.writeMap(w, key, value, size);
  if (size === 0) return;
  const [copyKey, copyPart] = [copierOf(from, key, to), copierOf(from, value, to)];
  for (let i = 0; i < size; i++) {
    copyKey(r, w, depth);
    copyPart(r, w, depth);
  }
}

/** The schemas of values of few bytes and no elements, by type. */
const SCALARS: Readonly<Record<number, ScalarSchema>> = {
  [TType.BOOL]: { kind: "bool" },
  [TType.I8]: { kind: "i8" },
  [TType.I16]: { kind: "i16" },
  [TType.I32]: { kind: "i32" },
  [TType.I64]: { kind: "i64" },
  [TType.DOUBLE]: { kind: "double" },
  [TType.UUID]: { kind: "uuid" },
};
