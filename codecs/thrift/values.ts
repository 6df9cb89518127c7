/**
 * Values of one type in the Binary protocol, as parts: what `argument` and `outcome` are put together from.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { EnumSchema, TypeSchema } from "../../lib/schema/types.ts";
import { getI64Number, getUuid, readBinary, readString } from "./binary_reader.ts";
import { room, setI64Number, setI64Text, setUuid, writeBinary, writeString } from "./binary_writer.ts";
import { INVALID } from "./invalid.ts";
import { take } from "./reader_guards.ts";
import type { ThriftStruct } from "./thrift_struct.ts";

/** How values of one type are written and read. */
export interface ThriftValue<T> {
  /** The type. */
  readonly type: TypeSchema;
  /** What stands for a value that did not come; a new one each time, `undefined` for a struct. */
  zero(): T | undefined;
  /** Writes at `pos`, and gives the position after it. Throws anything for a value that does not fit. */
  write(w: WriteBuffer, pos: number, value: T, depth: number): number;
  /** Reads at `r.pos`. Throws `UNDERRUN`, or an `RpcError` of kind `"protocol"`. */
  read(r: ReadBuffer, depth: number): T;
}

/** A bool. */
export const boolValue: ThriftValue<boolean> = /* @__PURE__ */ fixed(
  { kind: "bool" },
  1,
  false,
  (value) => typeof value === "boolean",
  (v, p, value) => v.setInt8(p, value ? 1 : 0),
  (v, p) => v.getInt8(p) === 1,
);

/** An i8. */
export const i8Value: ThriftValue<number> = /* @__PURE__ */ fixed(
  { kind: "i8" },
  1,
  0,
  (value) => value === value << 24 >> 24,
  (v, p, value) => v.setInt8(p, value),
  (v, p) => v.getInt8(p),
);

/** An i16. */
export const i16Value: ThriftValue<number> = /* @__PURE__ */ fixed(
  { kind: "i16" },
  2,
  0,
  (value) => value === value << 16 >> 16,
  (v, p, value) => v.setInt16(p, value),
  (v, p) => v.getInt16(p),
);

/** An i32. */
export const i32Value: ThriftValue<number> = /* @__PURE__ */ int32({ kind: "i32" });

/** An enum, as its number. */
export function enumValue(of: () => EnumSchema): ThriftValue<number> {
  return int32({ kind: "enum", of });
}

/** An i64 held as a bigint. */
export const i64Value: ThriftValue<bigint> = /* @__PURE__ */ fixed(
  { kind: "i64" },
  8,
  0n,
  (value) => typeof value === "bigint" && BigInt.asIntN(64, value) === value,
  (v, p, value) => v.setBigInt64(p, value),
  (v, p) => v.getBigInt64(p),
);

/** An i64 held as a number. */
export const i64NumberValue: ThriftValue<number> = /* @__PURE__ */ fixed(
  { kind: "i64", as: "number" },
  8,
  0,
  isAny,
  setI64Number,
  getI64Number,
);

/** An i64 held as text. */
export const i64TextValue: ThriftValue<string> = /* @__PURE__ */ fixed(
  { kind: "i64", as: "string" },
  8,
  "0",
  isAny,
  setI64Text,
  (v, p) => v.getBigInt64(p).toString(),
);

/** A double. */
export const doubleValue: ThriftValue<number> = /* @__PURE__ */ fixed(
  { kind: "double" },
  8,
  0,
  (value) => typeof value === "number",
  (v, p, value) => v.setFloat64(p, value),
  (v, p) => v.getFloat64(p),
);

/** A UUID as text. */
export const uuidValue: ThriftValue<string> = /* @__PURE__ */ fixed(
  { kind: "uuid" },
  16,
  "00000000-0000-0000-0000-000000000000",
  isAny,
  setUuid,
  getUuid,
);

/** A string. */
export const stringValue: ThriftValue<string> = {
  type: { kind: "string" },
  zero: () => "",
  write: (w, pos, value) => writeString(w, pos, value, 0),
  read: readString,
};

/** A binary. */
export const binaryValue: ThriftValue<Uint8Array> = {
  type: { kind: "binary" },
  zero: () => new Uint8Array(0),
  write: (w, pos, value) => writeBinary(w, pos, value, 0),
  read: readBinary,
};

/** A struct, union or exception. `of` is not called before a value is written or read. */
export function structValue<T>(of: () => ThriftStruct<T>): ThriftValue<T> {
  return {
    type: { kind: "struct", of },
    zero: () => undefined,
    write: (w, pos, value, depth) => of().write(w, pos, value, depth),
    read: (r, depth) => of().read(r, depth),
  };
}

function int32(type: TypeSchema): ThriftValue<number> {
  return fixed(
    type,
    4,
    0,
    (value) => value === (value | 0),
    (v, p, value) => v.setInt32(p, value),
    (v, p) => v.getInt32(p),
  );
}

/** Values that always take `bytes` bytes. `set` may throw `INVALID` itself. */
function fixed<T>(
  type: TypeSchema,
  bytes: number,
  zero: T,
  fits: (value: T) => boolean,
  set: (view: DataView, pos: number, value: T) => void,
  get: (view: DataView, pos: number) => T,
): ThriftValue<T> {
  return {
    type,
    zero: () => zero,
    write(w, pos, value) {
      if (!fits(value)) throw INVALID;
      room(w, pos, bytes);
      set(w.view, pos, value);
      return pos + bytes;
    },
    read: (r) => get(r.view, take(r, bytes)),
  };
}

/** For types whose setter checks by itself. */
function isAny(): boolean {
  return true;
}
