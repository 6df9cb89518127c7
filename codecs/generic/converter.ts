/**
 * What turns the JSON values of one type into those that codecs made from schemas take, and back.
 *
 * On the wire's side lists and sets are arrays, maps `Map`s, i64 bigints, binaries `Uint8Array`s and structs objects by
 * `FieldSchema.key` without the fields that are not there.
 *
 * @module
 */
import type { TypeSchema } from "../../lib/schema/types.ts";

/** Converts the values of one type. */
export interface Converter {
  /** The type as the wire's side holds it. */
  readonly wireType: TypeSchema;
  /** A JSON value, neither null nor undefined, as the wire's; `undefined` if it says null after all. Throws a `Misfit`. */
  toWire(value: unknown, depth: number): unknown;
  /** A value of the wire as JSON. Throws a `Misfit` for what JSON cannot hold. */
  fromWire(value: unknown): unknown;
  /** The wire's value of a default, as generated code and `SchemaSet` hold it. */
  fromTyped(value: unknown): unknown;
  /** The wire's value of a field that is written without having one. */
  zero(): unknown;
}
