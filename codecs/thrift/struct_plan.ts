/**
 * A struct schema prepared for reading and writing without generated code: fields by header, defaults, and how a value
 * is put together from its parts.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { FieldSchema, StructSchema, TypeSchema } from "../../lib/schema/types.ts";
import { INVALID } from "./invalid.ts";
import { fieldValue, setField } from "./own_key.ts";
import { isSet, ttypeName, ttypeOf } from "./ttype.ts";
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

/** A value that may have fields that the IDL does not know. */
interface Keeping {
  readonly $unknown?: unknown;
}

/** A struct prepared. */
export class StructPlan<C> {
  /** The struct. */
  readonly schema: StructSchema;
  /** Its fields in the order of the IDL. */
  readonly fields: readonly FieldPlan<C>[];
  readonly #byHeader = new Map<number, number>();
  /** By id, where another type than declared is an error. */
  readonly #strict: ReadonlyMap<number, FieldPlan<C>> | undefined;

  /** Prepares a struct; `codec` gives the codec of a type. */
  constructor(schema: StructSchema, codec: (type: TypeSchema) => C) {
    this.schema = schema;
    this.fields = schema.fields.map((field) => planField(field, codec, schema.maskable === true));
    this.fields.forEach((field, index) => this.#byHeader.set(field.header, index));
    this.#strict = schema.strict === true ? new Map(this.fields.map((field) => [field.schema.id, field])) : undefined;
  }

  /**
   * The index of the field with that header, or -1; `guess` is tried first. Throws an `RpcError` of kind `"protocol"`
   * for a field of another type than declared, if the schema is strict.
   */
  find(header: number, guess: number): number {
    if (guess < this.fields.length && this.fields[guess]!.header === header) return guess;
    const index = this.#byHeader.get(header);
    if (index !== undefined) return index;
    const declared = this.#strict?.get((header << 16) >> 16);
    if (declared !== undefined) throw wrongType(this.schema.name, declared.schema.name, header >>> 16, declared.ttype);
    return -1;
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

  /** The fields that were kept with a value though the IDL does not know them. Throws `INVALID`. */
  unknownOf(value: unknown): Uint8Array | undefined {
    if (this.schema.keepsUnknown !== true) return undefined;
    const { $unknown } = value as Keeping;
    if ($unknown === undefined || $unknown instanceof Uint8Array) return $unknown;
    throw INVALID;
  }

  /**
   * The value made of parts that were read, by index; `last` is the index of the part read last, or -1, and `unknown` the
   * fields that the IDL does not know.
   */
  build(parts: unknown[], last: number, unknown?: Uint8Array): unknown {
    const { schema, fields } = this;
    const kept = schema.keepsUnknown === true ? { $unknown: unknown } : undefined;
    if (schema.kind === "union") {
      return last < 0
        ? { kind: "", value: undefined, ...kept }
        : { kind: fields[last]!.schema.key, value: parts[last], ...kept };
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
    if (kept !== undefined) value.$unknown = unknown;
    return schema.make === undefined ? value : schema.make(value);
  }

  #memberOf(value: { kind?: unknown; value?: unknown }): unknown[] {
    const parts: unknown[] = new Array(this.fields.length).fill(undefined);
    const index = this.fields.findIndex((field) => field.schema.key === value.kind);
    const mayBeEmpty = (this.schema.maskable === true && value.kind === "") || this.unknownOf(value) !== undefined;
    if (index < 0 && mayBeEmpty) return parts;
    if (index < 0 || value.value === undefined || value.value === null) throw INVALID;
    parts[index] = value.value;
    return parts;
  }
}

function wrongType(struct: string, field: string, found: number, declared: number): RpcError {
  const text = `field ${struct}.${field} came as ${ttypeName(found)}, where ${ttypeName(declared)} is declared`;
  return new RpcError("protocol", text);
}

function planField<C>(schema: FieldSchema, codec: (type: TypeSchema) => C, isMaskable: boolean): FieldPlan<C> {
  const { type, requiredness } = schema;
  const ttype = ttypeOf(type);
  const isZero = requiredness === "default" && type.kind !== "struct";
  return {
    schema,
    ttype,
    header: (ttype << 16) | (schema.id & 0xffff),
    codec: codec(type),
    inherited: schema.key in Object.prototype,
    omittable: requiredness === "optional" || (requiredness === "default" && (isMaskable || type.kind === "struct")),
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
      return isSet(type) ? new Set() : [];
    case "map":
      return type.as === "object" ? Object.create(null) : new Map();
    case "struct":
      return undefined;
    default:
      return 0;
  }
}
