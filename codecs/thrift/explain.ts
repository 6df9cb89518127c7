/**
 * Finds out why a value could not be written: the path to the first part that does not fit its type.
 *
 * Writers only notice that something is wrong; this walks the schema afterwards, with the same rules and in the same order.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { FieldSchema, StructSchema, TypeSchema } from "../../lib/schema/types.ts";
import { isUuid, MAX_WRITE_DEPTH, parseI64 } from "./invalid.ts";
import { fieldValue } from "./own_key.ts";
import { isSet } from "./ttype.ts";

/**
 * The error for a value that a writer of `schema` refused with `reason`: of kind `"invalid"`, and it names the path. If
 * the value fits after all, `reason` comes from the value itself (a getter, say) and is wrapped.
 */
export function explainInvalid(schema: StructSchema, value: unknown, reason: unknown): RpcError {
  try {
    checkStruct(schema, value, schema.name, 0);
  } catch (found) {
    return RpcError.from(found, "invalid");
  }
  return RpcError.from(reason, "invalid");
}

// These throw at what does not fit.

function checkStruct(schema: StructSchema, value: unknown, path: string, depth: number): void {
  if (depth > MAX_WRITE_DEPTH) throw new RpcError("invalid", `${path}: nested deeper than ${MAX_WRITE_DEPTH}`);
  if (typeof value !== "object" || value === null) throw misfit(path, schema.name, value);
  const isUnion = schema.kind === "union";
  if (schema.keepsUnknown === true) {
    const { $unknown } = value as { readonly $unknown?: unknown };
    if ($unknown !== undefined && !($unknown instanceof Uint8Array)) {
      throw misfit(`${path}.$unknown`, "a Uint8Array", $unknown);
    }
    if (isUnion && $unknown !== undefined && isNoMember(schema, value)) return;
  }
  if (isUnion) return checkUnion(schema, value as { kind?: unknown; value?: unknown }, path, depth);
  for (const field of schema.fields) {
    const part = fieldValue(value, field.key);
    if (schema.maskable === true && field.requiredness !== "required" && (part ?? undefined) === undefined) continue;
    checkField(field, part, `${path}.${field.key}`, depth);
  }
}

/** A union may hold nothing but what the IDL does not know. */
function isNoMember(schema: StructSchema, value: object): boolean {
  return !schema.fields.some((field) => field.key === (value as { readonly kind?: unknown }).kind);
}

function checkUnion(
  schema: StructSchema,
  value: { kind?: unknown; value?: unknown },
  path: string,
  depth: number,
): void {
  if (schema.maskable === true && value.kind === "") return;
  const field = schema.fields.find((field) => field.key === value.kind);
  if (field !== undefined) return check(field.type, value.value, `${path}.${field.key}`, depth);
  const kinds = schema.fields.map((field) => JSON.stringify(field.key)).join(", ");
  throw misfit(`${path}.kind`, `one of ${kinds}`, value.kind);
}

function checkField(field: FieldSchema, value: unknown, path: string, depth: number): void {
  if (value !== undefined && value !== null) return check(field.type, value, path, depth);
  if (field.requiredness === "optional") return;
  if (field.requiredness === "default" && field.type.kind === "struct") return;
  throw new RpcError("invalid", `${path}: missing`);
}

function check(type: TypeSchema, value: unknown, path: string, depth: number): void {
  switch (type.kind) {
    case "struct":
      return checkStruct(type.of(), value, path, depth + 1);
    case "list":
    case "set":
      if (isSet(type) ? !(value instanceof Set) : !Array.isArray(value)) {
        throw misfit(path, isSet(type) ? "a Set" : "an array", value);
      }
      return checkEach(value as Iterable<unknown>, type.element, path, depth + 1);
    case "map":
      return checkMap(type, value, path, depth + 1);
    default:
      if (!fits(type, value)) throw misfit(path, nameOf(type), value);
  }
}

function checkEach(values: Iterable<unknown>, type: TypeSchema, path: string, depth: number): void {
  let index = 0;
  for (const value of values) check(type, value, `${path}[${index++}]`, depth);
}

function checkMap(type: Extract<TypeSchema, { kind: "map" }>, value: unknown, path: string, depth: number): void {
  let entries: Iterable<[unknown, unknown]>;
  if (type.as === "object") {
    if (typeof value !== "object" || value === null || value instanceof Map) throw misfit(path, "an object", value);
    entries = Object.entries(value);
  } else {
    if (!(value instanceof Map)) throw misfit(path, "a Map", value);
    entries = value;
  }
  for (const [key, part] of entries) {
    check(type.key, key, `${path} key ${show(key)}`, depth);
    check(type.value, part, `${path}[${show(key)}]`, depth);
  }
}

function fits(type: TypeSchema, value: unknown): boolean {
  switch (type.kind) {
    case "bool":
      return typeof value === "boolean";
    case "i8":
      return isInt(value, 0x80);
    case "i16":
      return isInt(value, 0x8000);
    case "i32":
    case "enum":
      return isInt(value, 0x8000_0000);
    case "i64":
      return fitsI64(type.as ?? "bigint", value);
    case "double":
      return typeof value === "number";
    case "string":
      return typeof value === "string";
    case "binary":
      return value instanceof Uint8Array;
    case "uuid":
      return isUuid(value);
    default:
      return false;
  }
}

function fitsI64(as: "bigint" | "number" | "string", value: unknown): boolean {
  if (as === "number") return Number.isSafeInteger(value);
  if (as === "bigint") return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
  try {
    parseI64(value as string);
    return true;
  } catch {
    return false; // its only throw says that the text is no i64
  }
}

function isInt(value: unknown, bound: number): boolean {
  return Number.isInteger(value) && (value as number) >= -bound && (value as number) < bound;
}

function nameOf(type: TypeSchema): string {
  if (type.kind === "enum") return `${type.of().name} (an i32)`;
  if (type.kind === "i64") return `i64 as ${type.as ?? "bigint"}`;
  return type.kind;
}

function misfit(path: string, what: string, value: unknown): RpcError {
  return new RpcError("invalid", `${path}: expected ${what}, got ${show(value)}`);
}

function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "object":
      return value === null ? "null" : describe(value);
    case "function":
      return "a function";
    default:
      return String(value);
  }
}

function describe(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "Object" ? `a ${name}` : "an object";
}
