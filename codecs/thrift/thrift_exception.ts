/**
 * The base of exceptions declared in an IDL.
 *
 * @module
 */
import type { StructSchema } from "../../lib/schema/types.ts";

/** An exception declared in an IDL: an `Error` with the exception's fields. Generated code extends it. */
export abstract class ThriftException extends Error {
  /** What the IDL says about it. */
  abstract readonly schema: StructSchema;
}
