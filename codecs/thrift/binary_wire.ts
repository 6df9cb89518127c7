/**
 * The Binary protocol for codecs made from schemas.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { readLength, readListSize, readMapSize } from "./binary_reader.ts";
import { minBytes, skip } from "./binary_skip.ts";
import { checkSize, take } from "./reader_guards.ts";
import type { ScalarSchema, ValueCodec } from "./schema_compiler.ts";
import { isType, TType } from "./ttype.ts";
import { UNDERRUN } from "./underrun.ts";
import {
  binaryValue,
  boolValue,
  doubleValue,
  i16Value,
  i32Value,
  i64NumberValue,
  i64TextValue,
  i64Value,
  i8Value,
  stringValue,
  type ThriftValue,
  uuidValue,
} from "./values.ts";
import type { Wire } from "./wire.ts";

/** Writes and reads as the Binary protocol does. */
export const binaryWire: Wire = {
  scalar: binaryScalar,
  writeField(w: WriteBuffer, ttype: number, id: number): void {
    w.reserve(3);
    w.view.setInt8(w.pos, ttype);
    w.view.setInt16(w.pos + 1, id);
    w.pos += 3;
  },
  writeBoolField(w: WriteBuffer, value: boolean, id: number): void {
    w.reserve(4);
    w.view.setInt32(w.pos, (2 << 24) | ((id & 0xffff) << 8) | (value ? 1 : 0));
    w.pos += 4;
  },
  writeStop(w: WriteBuffer): void {
    w.reserve(1);
    w.view.setInt8(w.pos++, 0);
  },
  writeList(w: WriteBuffer, element: number, size: number): void {
    w.reserve(5);
    w.view.setInt8(w.pos, element);
    w.view.setInt32(w.pos + 1, size);
    w.pos += 5;
  },
  writeMap(w: WriteBuffer, key: number, value: number, size: number): void {
    w.reserve(6);
    w.view.setInt16(w.pos, (key << 8) | value);
    w.view.setInt32(w.pos + 2, size);
    w.pos += 6;
  },
  readField(r: ReadBuffer): number {
    const pos = r.pos;
    if (r.end - pos < 1) throw UNDERRUN;
    const ttype = r.view.getUint8(pos);
    if (ttype === 0) {
      r.pos = pos + 1;
      return 0;
    }
    if (r.end - pos < 3) throw UNDERRUN;
    r.pos = pos + 3;
    return (ttype << 16) | r.view.getUint16(pos + 1);
  },
  readBoolField: (r: ReadBuffer): boolean => r.view.getInt8(take(r, 1)) === 1,
  readList: (r: ReadBuffer, element: number): number => readListSize(r, element, minBytes(r, element, r.pos)),
  readMap(r: ReadBuffer, key: number, value: number): number {
    return readMapSize(r, (key << 8) | value, minBytes(r, key, r.pos) + minBytes(r, value, r.pos));
  },
  openList(r: ReadBuffer): number {
    const pos = take(r, 5);
    const [element, size] = [r.view.getUint8(pos), r.view.getInt32(pos + 1)];
    if (size === 0) return isType(element) ? element : TType.I8;
    checkSize(r, size, minBytes(r, element, pos), pos + 1);
    return size * 0x100 + element;
  },
  openMap(r: ReadBuffer): number {
    const pos = take(r, 6);
    const [types, size] = [r.view.getUint16(pos), r.view.getInt32(pos + 2)];
    if (size === 0) return isType(types >> 8) && isType(types & 0xff) ? types : TType.I8 * 0x101;
    checkSize(r, size, minBytes(r, types >> 8, pos) + minBytes(r, types & 0xff, pos + 1), pos + 2);
    return size * 0x1_0000 + types;
  },
  writeLength(w: WriteBuffer, length: number): void {
    w.reserve(4);
    w.view.setInt32(w.pos, length);
    w.pos += 4;
  },
  readLength,
  skipField: (r: ReadBuffer, header: number, depth: number): void => skip(r, header >>> 16, depth),
};

const I64_VALUES: Readonly<Record<"bigint" | "number" | "string", ThriftValue<unknown>>> = {
  bigint: i64Value,
  number: i64NumberValue,
  string: i64TextValue,
};

const VALUES: Readonly<Record<Exclude<ScalarSchema["kind"], "i64">, ThriftValue<unknown>>> = {
  bool: boolValue,
  i8: i8Value,
  i16: i16Value,
  i32: i32Value,
  enum: i32Value,
  double: doubleValue,
  uuid: uuidValue,
  string: stringValue,
  binary: binaryValue,
};

function binaryScalar(type: ScalarSchema): ValueCodec {
  const { write, read } = type.kind === "i64" ? I64_VALUES[type.as ?? "bigint"] : VALUES[type.kind];
  return { write: (w, value) => void (w.pos = write(w, w.pos, value, 0)), read };
}
