/**
 * A struct schema prepared for reading and writing without generated code: fields by header, defaults, and how a value
 * is put together from its parts.
 *
 * @module
 */
import type { FieldSchema, StructSchema, TypeSchema } from "../../lib/schema/types.ts";
import { INVALID } from "./invalid.ts";
import { fieldValue, setField } from "./own_key.ts";
import { ttypeOf } from "./ttype.ts";
import { missingField } from "./underrun.ts";

/** A field prepared. `C` is the codec of its values. */
export interface FieldPlan<C> {
  /** The field. */
  readonly schema: FieldSchema;
  /** Its type id. */
  readonly ttype: number;
  /** `ttype << 16 | id & 0xffff`. */
  readonly header: number;
  /** Codec of its values. */
  readonly codec: C;
  /** True if every object has something by its key, its own or not. */
  readonly inherited: boolean;
  /** True if it is left out when the value has none. */
  readonly omittable: boolean;
  /** Makes what it is when it did not come; `undefined` if it is `undefined` then. */
  readonly fallback: (() => unknown) | undefined;
}

/** A struct prepared. */
export class StructPlan<C> {
  /** The struct. */
  readonly schema: StructSchema;
  /** Its fields in the order of the IDL. */
  readonly fields: readonly FieldPlan<C>[];
  readonly #byHeader = new Map<number, number>();

  /** Prepares a struct; `codec` gives the codec of a type. */
  constructor(schema: StructSchema, codec: (type: TypeSchema) => C) {
    this.schema = schema;
    this.fields = schema.fields.map((field) => planField(field, codec));
    this.fields.forEach((field, index) => this.#byHeader.set(field.header, index));
  }

  /** The index of the field with that header, or -1; `guess` is tried first. */
  find(header: number, guess: number): number {
    if (guess < this.fields.length && this.fields[guess]!.header === header) return guess;
    return this.#byHeader.get(header) ?? -1;
  }

  /** The parts of a value to be written, `undefined` for those left out. Throws `INVALID`. */
  partsOf(value: unknown): unknown[] {
    if (typeof value !== "object" || value === null) throw INVALID;
    if (this.schema.kind === "union") return this.#memberOf(value as { kind?: unknown; value?: unknown });
    return this.fields.map((field) => {
      const { key } = field.schema;
      const part = (field.inherited ? fieldValue(value, key) : (value as Record<string, unknown>)[key]) ?? undefined;
      if (part === undefined && !field.omittable) throw INVALID;
      return part;
    });
  }

  /** The value made of parts that were read, by index; `last` is the index of the part read last, or -1. */
  build(parts: unknown[], last: number): unknown {
    const { schema, fields } = this;
    if (schema.kind === "union") {
      return last < 0 ? { kind: "", value: undefined } : { kind: fields[last]!.schema.key, value: parts[last] };
    }
    const value: Record<string, unknown> = {};
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      let part = parts[i];
      if (part === undefined) {
        if (field.schema.requiredness === "required") throw missingField(schema.name, field.schema.name);
        part = field.fallback?.();
      }
      if (field.inherited) setField(value, field.schema.key, part);
      else value[field.schema.key] = part;
    }
    return schema.make === undefined ? value : schema.make(value);
  }

  #memberOf(value: { kind?: unknown; value?: unknown }): unknown[] {
    const parts: unknown[] = new Array(this.fields.length).fill(undefined);
    const index = this.fields.findIndex((field) => field.schema.key === value.kind);
    if (index < 0 || value.value === undefined || value.value === null) throw INVALID;
    parts[index] = value.value;
    return parts;
  }
}

function planField<C>(schema: FieldSchema, codec: (type: TypeSchema) => C): FieldPlan<C> {
  const { type, requiredness } = schema;
  const ttype = ttypeOf(type);
  const isZero = requiredness === "default" && type.kind !== "struct";
  return {
    schema,
    ttype,
    header: (ttype << 16) | (schema.id & 0xffff),
    codec: codec(type),
    inherited: schema.key in Object.prototype,
    omittable: requiredness === "optional" || (requiredness === "default" && type.kind === "struct"),
    fallback: schema.default ?? (isZero ? () => zeroOf(type) : undefined),
  };
}

/** What a field of a type is when it did not come and has no default: a new object each time. */
export function zeroOf(type: TypeSchema): unknown {
  switch (type.kind) {
    case "bool":
      return false;
    case "string":
      return "";
    case "binary":
      return new Uint8Array(0);
    case "uuid":
      return "00000000-0000-0000-0000-000000000000";
    case "i64":
      return type.as === "number" ? 0 : type.as === "string" ? "0" : 0n;
    case "list":
      return [];
    case "set":
      return new Set();
    case "map":
      return type.as === "object" ? Object.create(null) : new Map();
    case "struct":
      return undefined;
    default:
      return 0;
  }
}
