/**
 * The numbers of Thrift: types of values and types of messages, as the Binary protocol writes them.
 *
 * @module
 */
import type { TypeSchema } from "../../lib/schema/types.ts";

/** Type ids of the Binary protocol. */
export const TType: {
  readonly STOP: 0;
  readonly BOOL: 2;
  readonly I8: 3;
  readonly DOUBLE: 4;
  readonly I16: 6;
  readonly I32: 8;
  readonly I64: 10;
  readonly STRING: 11;
  readonly STRUCT: 12;
  readonly MAP: 13;
  readonly SET: 14;
  readonly LIST: 15;
  readonly UUID: 16;
} = {
  STOP: 0,
  BOOL: 2,
  I8: 3,
  DOUBLE: 4,
  I16: 6,
  I32: 8,
  I64: 10,
  STRING: 11,
  STRUCT: 12,
  MAP: 13,
  SET: 14,
  LIST: 15,
  UUID: 16,
};

const BY_KIND: Record<TypeSchema["kind"], number> = {
  bool: TType.BOOL,
  i8: TType.I8,
  double: TType.DOUBLE,
  i16: TType.I16,
  i32: TType.I32,
  enum: TType.I32,
  i64: TType.I64,
  string: TType.STRING,
  binary: TType.STRING,
  struct: TType.STRUCT,
  map: TType.MAP,
  set: TType.SET,
  list: TType.LIST,
  uuid: TType.UUID,
};

/** The type id a type is written with. */
export function ttypeOf(type: TypeSchema): number {
  return BY_KIND[type.kind];
}

/** True for sets that are held as a `Set`. */
export function isSet(type: TypeSchema): boolean {
  return type.kind === "set" && type.as !== "array";
}

/** True for the type ids of structs and containers. */
export function isTree(ttype: number): boolean {
  return ttype >= TType.STRUCT && ttype <= TType.LIST;
}

/** True for the type ids that values can have. */
export function isType(ttype: number): boolean {
  return ttype >= TType.BOOL && NAMES[ttype] !== undefined;
}

const NAMES: readonly (string | undefined)[] = [
  "stop",
  undefined,
  "bool",
  "i8",
  "double",
  undefined,
  "i16",
  undefined,
  "i32",
  undefined,
  "i64",
  "string",
  "struct",
  "map",
  "set",
  "list",
  "uuid",
];

/** What a type id is called in messages. */
export function ttypeName(ttype: number): string {
  return NAMES[ttype] ?? `type ${ttype}`;
}
