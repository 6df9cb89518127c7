/**
 * The Binary protocol for codecs made from schemas.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { getI64Number, getUuid, readBinary, readListSize, readMapSize, readString } from "./binary_reader.ts";
import { minBytes, skip } from "./binary_skip.ts";
import { setI64Number, setI64Text, setUuid, writeBinary, writeString } from "./binary_writer.ts";
import { INVALID } from "./invalid.ts";
import { take } from "./reader_guards.ts";
import type { ScalarSchema, ValueCodec } from "./schema_compiler.ts";
import { UNDERRUN } from "./underrun.ts";
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
  skipField: (r: ReadBuffer, header: number, depth: number): void => skip(r, header >>> 16, depth),
};

function binaryScalar(type: ScalarSchema): ValueCodec {
  switch (type.kind) {
    case "bool":
      return fixed(1, isBoolean, (v, p, x: boolean) => v.setInt8(p, x ? 1 : 0), (v, p) => v.getInt8(p) === 1);
    case "i8":
      return fixed(1, (x: number) => x === x << 24 >> 24, (v, p, x: number) => v.setInt8(p, x), (v, p) => v.getInt8(p));
    case "i16":
      return fixed(
        2,
        (x: number) => x === x << 16 >> 16,
        (v, p, x: number) => v.setInt16(p, x),
        (v, p) => v.getInt16(p),
      );
    case "i32":
    case "enum":
      return fixed(4, (x: number) => x === (x | 0), (v, p, x: number) => v.setInt32(p, x), (v, p) => v.getInt32(p));
    case "double":
      return fixed(8, isNumber, (v, p, x: number) => v.setFloat64(p, x), (v, p) => v.getFloat64(p));
    case "uuid":
      return fixed(16, isAny, setUuid, getUuid);
    case "i64":
      if (type.as === "number") return fixed(8, isAny, setI64Number, getI64Number);
      if (type.as === "string") return fixed(8, isAny, setI64Text, (v, p) => v.getBigInt64(p).toString());
      return fixed(8, isI64, (v, p, x: bigint) => v.setBigInt64(p, x), (v, p) => v.getBigInt64(p));
    case "string":
      return {
        write: (w, value) => void (w.pos = writeString(w, w.pos, value as string, 0)),
        read: readString,
      };
    case "binary":
      return {
        write: (w, value) => void (w.pos = writeBinary(w, w.pos, value as Uint8Array, 0)),
        read: readBinary,
      };
  }
}

/** A codec of values that always take `bytes` bytes. `set` may throw `INVALID` itself. */
function fixed<T>(
  bytes: number,
  fits: (value: T) => boolean,
  set: (view: DataView, pos: number, value: T) => void,
  get: (view: DataView, pos: number) => T,
): ValueCodec {
  return {
    write(w: WriteBuffer, value: unknown): void {
      if (!fits(value as T)) throw INVALID;
      w.reserve(bytes);
      set(w.view, w.pos, value as T);
      w.pos += bytes;
    },
    read: (r: ReadBuffer): T => get(r.view, take(r, bytes)),
  };
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}

function isI64(value: bigint): boolean {
  return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
}

/** For types whose setter checks by itself. */
function isAny(): boolean {
  return true;
}
