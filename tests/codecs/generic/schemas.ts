/**
 * Schemas for tests of generic calls.
 *
 * @module
 */
import { memoryReader } from "../../../idl/load.ts";
import { loadSchemas } from "../../../idl/load_schemas.ts";
import type { SchemaSet } from "../../../idl/schema.ts";
import type { StructSchema } from "../../../lib/schema/types.ts";

/** The schemas of an IDL text. */
export function schemasOf(idl: string): Promise<SchemaSet> {
  return loadSchemas(["test.thrift"], memoryReader({ "test.thrift": idl }));
}

/** The struct `S` of an IDL that defines it. */
export async function structOf(idl: string): Promise<StructSchema> {
  const struct = (await schemasOf(idl)).struct("S");
  if (struct === undefined) throw new Error("the IDL defines no S");
  return struct;
}

/** Bytes as hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of hexadecimal digits. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
