/**
 * Type ids of the Compact protocol, and what they are in Binary.
 *
 * @module
 */
import { TType } from "./ttype.ts";
import { malformed, type Origin } from "./underrun.ts";

/** A field's type id that also says its value. */
export const COMPACT_TRUE = 1;
/** See `COMPACT_TRUE`. */
export const COMPACT_FALSE = 2;

const { BOOL, I8, I16, I32, I64, DOUBLE, STRING, LIST, SET, MAP, STRUCT, UUID } = TType;

/** Binary's type ids by Compact's; the two bools are one. */
const FROM_COMPACT: readonly number[] = [
  0,
  BOOL,
  BOOL,
  I8,
  I16,
  I32,
  I64,
  DOUBLE,
  STRING,
  LIST,
  SET,
  MAP,
  STRUCT,
  UUID,
];

/** Compact's type ids by Binary's; bool is written as true, as Go and Java do for elements. */
const TO_COMPACT: readonly number[] = Array.from({ length: 17 }, (_, ttype) => FROM_COMPACT.indexOf(ttype));

/** Binary's id of a Compact type, 1 to 13. It stands at index `at`; throws if there is no such type. */
export function fromCompact(from: Origin, type: number, at: number): number {
  const ttype = FROM_COMPACT[type] ?? 0;
  if (ttype === 0) throw malformed(from, `unknown type ${type}`, at);
  return ttype;
}

/** Compact's id of a Binary type. */
export function toCompact(ttype: number): number {
  return TO_COMPACT[ttype]!;
}

/** Bytes that a value takes at least in a container. */
export function compactMinBytes(ttype: number): number {
  return ttype === DOUBLE ? 8 : ttype === UUID ? 16 : 1;
}

/** Bytes that every value takes in a container, or 0 if that differs. */
export function compactFixedBytes(ttype: number): number {
  return ttype === BOOL || ttype === I8 ? 1 : ttype === DOUBLE ? 8 : ttype === UUID ? 16 : 0;
}
