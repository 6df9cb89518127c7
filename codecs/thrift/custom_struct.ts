/**
 * Structs whose values are not what their schema says: generic calls take and give JSON, proxies take and give bytes.
 *
 * @module
 */
import type { StructSchema } from "../../lib/schema/types.ts";
import type { Payload, StructCodec } from "./payload.ts";

/** A struct that brings its codec for every payload; its fields say what it is on the wire. */
export interface CustomStruct<T = unknown> extends StructSchema<T> {
  /** The codec of its values in a payload. */
  codecFor(payload: Payload): StructCodec<T>;
}

/** True for a schema that brings its own codecs. */
export function isCustomStruct<T>(schema: StructSchema<T>): schema is CustomStruct<T> {
  return "codecFor" in schema;
}
