/**
 * Facts of the Thrift Binary protocol that generated code has built in.
 *
 * @module
 */
import type { PlainType } from "../model.ts";

/** Kinds of types that have a value. */
export type WireKind = Exclude<PlainType["kind"], "unknown">;

/** Type codes. */
export const TYPE_CODE: Readonly<Record<WireKind, number>> = {
  bool: 2,
  i8: 3,
  double: 4,
  i16: 6,
  i32: 8,
  enum: 8,
  i64: 10,
  string: 11,
  binary: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
  uuid: 16,
};

/** Bytes of the types that always have the same number. */
export const FIXED_BYTES: Readonly<Partial<Record<WireKind, number>>> = {
  bool: 1,
  i8: 1,
  i16: 2,
  i32: 4,
  enum: 4,
  i64: 8,
  double: 8,
  uuid: 16,
};

/** The least bytes a value takes. */
export const MIN_BYTES: Readonly<Record<WireKind, number>> = {
  bool: 1,
  i8: 1,
  i16: 2,
  i32: 4,
  enum: 4,
  i64: 8,
  double: 8,
  uuid: 16,
  string: 4,
  binary: 4,
  struct: 1,
  list: 5,
  set: 5,
  map: 6,
};

/** Type code and field id as the three bytes of a field header. */
export function fieldHead(kind: WireKind, id: number): number {
  return (TYPE_CODE[kind] << 16) | (id & 0xffff);
}

/** A hexadecimal literal. */
export function hex(value: number, digits: number): string {
  return "0x" + value.toString(16).padStart(digits, "0");
}
