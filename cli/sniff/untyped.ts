/**
 * Thrift structs without their IDL: fields by id and type.
 *
 * @module
 */
import { readCompactField } from "../../codecs/thrift/compact_fields.ts";
import { fromCompact } from "../../codecs/thrift/compact_types.ts";
import { compactWire } from "../../codecs/thrift/compact_wire.ts";
import { binaryWire } from "../../codecs/thrift/binary_wire.ts";
import { checkSize, take, tooDeep } from "../../codecs/thrift/reader_guards.ts";
import type { ScalarSchema, ValueCodec } from "../../codecs/thrift/schema_compiler.ts";
import { isType, TType, ttypeName } from "../../codecs/thrift/ttype.ts";
import { malformed } from "../../codecs/thrift/underrun.ts";
import { readVarint32 } from "../../codecs/thrift/varint.ts";
import type { Wire } from "../../codecs/thrift/wire.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { printable } from "../print_diagnostics.ts";

/** A payload that says the types of what it holds. */
export type UntypedPayload = "binary" | "compact";

/** Most bytes of a binary that are shown. */
const MAX_SHOWN_BYTES = 256;

/** Reads a struct at `r.pos`: its fields under `"id type"`. Throws as decoders do. */
export function readUntyped(r: ReadBuffer, payload: UntypedPayload): Record<string, unknown> {
  return new UntypedReader(payload === "binary" ? binaryWire : compactWire, payload === "compact").struct(r, 0);
}

/** Bytes as text where they are some, else as hexadecimal digits. */
export function showBytes(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (printable(text) === text) return text;
  } catch {
    // no UTF-8: digits then
  }
  const digits = Array.from(bytes.subarray(0, MAX_SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length > MAX_SHOWN_BYTES ? `0x${digits}... (${bytes.length} bytes)` : `0x${digits}`;
}

const SCALARS: ReadonlyMap<number, ScalarSchema["kind"]> = new Map([
  [TType.BOOL, "bool"],
  [TType.I8, "i8"],
  [TType.I16, "i16"],
  [TType.I32, "i32"],
  [TType.I64, "i64"],
  [TType.DOUBLE, "double"],
  [TType.STRING, "binary"],
  [TType.UUID, "uuid"],
]);

class UntypedReader {
  readonly #wire: Wire;
  readonly #compact: boolean;
  readonly #scalars = new Map<number, ValueCodec>();

  constructor(wire: Wire, compact: boolean) {
    this.#wire = wire;
    this.#compact = compact;
    for (const [ttype, kind] of SCALARS) this.#scalars.set(ttype, wire.scalar({ kind } as ScalarSchema));
  }

  struct(r: ReadBuffer, depth: number): Record<string, unknown> {
    if (depth > r.maxDepth) throw tooDeep(r);
    const fields: Record<string, unknown> = {};
    let lastId = 0;
    for (;;) {
      const header = this.#compact ? readCompactField(r, lastId) : this.#wire.readField(r, lastId);
      if (header === 0) return fields;
      lastId = (header << 16) >> 16;
      const ttype = (header >>> 16) & 0xff;
      if (!isType(ttype)) throw malformed(r, `unknown type ${ttype}`, r.pos);
      fields[`${lastId} ${ttypeName(ttype)}`] = ttype === TType.BOOL
        ? this.#wire.readBoolField(r, header)
        : this.#value(r, ttype, depth + 1);
    }
  }

  #value(r: ReadBuffer, ttype: number, depth: number): unknown {
    const scalar = this.#scalars.get(ttype);
    if (scalar !== undefined) {
      const value = scalar.read(r, depth);
      return value instanceof Uint8Array ? showBytes(value) : value;
    }
    if (depth > r.maxDepth) throw tooDeep(r);
    if (ttype === TType.STRUCT) return this.struct(r, depth);
    if (ttype === TType.MAP) return this.#map(r, depth);
    if (ttype === TType.LIST || ttype === TType.SET) return this.#list(r, depth);
    throw malformed(r, `unknown type ${ttype}`, r.pos);
  }

  #list(r: ReadBuffer, depth: number): unknown[] {
    const at = r.pos;
    let element = r.view.getUint8(take(r, 1));
    let size: number;
    if (this.#compact) {
      size = element >> 4 === 15 ? readVarint32(r) : element >> 4;
      element = size === 0 ? 0 : fromCompact(r, element & 15, at);
    } else size = r.view.getInt32(take(r, 4));
    checkSize(r, size, 1, at);
    return Array.from({ length: size }, () => this.#value(r, element, depth + 1));
  }

  #map(r: ReadBuffer, depth: number): Map<unknown, unknown> {
    const at = r.pos;
    let [key, value, size] = [0, 0, 0];
    if (this.#compact) {
      size = readVarint32(r);
      const types = size === 0 ? 0 : r.view.getUint8(take(r, 1));
      if (size > 0) [key, value] = [fromCompact(r, types >> 4, at), fromCompact(r, types & 15, at)];
    } else {
      take(r, 6);
      [key, value, size] = [r.view.getUint8(at), r.view.getUint8(at + 1), r.view.getInt32(at + 2)];
    }
    checkSize(r, size, 2, at);
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < size; i++) map.set(this.#value(r, key, depth + 1), this.#value(r, value, depth + 1));
    return map;
  }
}
