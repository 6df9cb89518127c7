/**
 * Exceptions of an IDL without generated code.
 *
 * @module
 */
import type { StructSchema } from "../../lib/schema/types.ts";
import { ThriftException } from "../thrift/thrift_exception.ts";

/** An exception that a method declares: what a generic client rejects with, and a generic server's handler throws. */
export class GenericException extends ThriftException {
  /** What the IDL says about it. */
  override readonly schema: StructSchema;
  /** Its fields, as JSON values by their names in JSON. */
  readonly fields: Readonly<Record<string, unknown>>;

  /** Takes a schema of the generic service (`exceptionOf` finds it) and the fields. */
  constructor(schema: StructSchema, fields: Readonly<Record<string, unknown>>) {
    super(typeof fields.message === "string" ? fields.message : schema.name);
    this.name = schema.name;
    this.schema = schema;
    this.fields = fields;
  }
}
