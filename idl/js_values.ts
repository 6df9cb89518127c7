/**
 * Constant values of the IDL as values of JavaScript.
 *
 * @module
 */
import type { Int64As, MapAs, StructDef, Type, Value } from "./model.ts";
import { plainType } from "./model.ts";
import { structShape } from "./shapes.ts";

/** How values are held where no annotation says otherwise. */
export interface ValueOptions {
  /** How i64 is held. Default `"bigint"`. */
  readonly i64?: Int64As;
  /** How maps with string keys are held. Default `"map"`. */
  readonly maps?: MapAs;
}

/** How an i64 of this type is held. */
export function int64Held(type: Type, options: ValueOptions): Int64As {
  const plain = plainType(type);
  return (plain.kind === "i64" ? plain.as : undefined) ?? options.i64 ?? "bigint";
}

/** How a map of this type is held. */
export function mapHeld(type: Type, options: ValueOptions): MapAs {
  const plain = plainType(type);
  if (plain.kind !== "map") return "map";
  return plain.as ?? (plainType(plain.key).kind === "string" ? options.maps : undefined) ?? "map";
}

/** A new value; `makeStruct` completes the fields that a struct value gives. */
export function toJsValue(
  value: Value,
  type: Type,
  options: ValueOptions,
  makeStruct: (def: StructDef, fields: Record<string, unknown>) => unknown,
): unknown {
  const plain = plainType(type);
  const convert = (part: Value, partType: Type): unknown => toJsValue(part, partType, options, makeStruct);
  switch (value.kind) {
    case "int":
      return plain.kind === "i64" ? toInt64(value.value, int64Held(plain, options)) : Number(value.value);
    case "binary":
      return value.value.slice();
    case "list":
    case "set": {
      const element = plain.kind === "list" || plain.kind === "set" ? plain.element : plain;
      const items = value.items.map((item) => convert(item, element));
      return value.kind === "set" ? new Set(items) : items;
    }
    case "map": {
      if (plain.kind !== "map") return undefined;
      const entries = value.entries.map(([key, part]) =>
        [convert(key, plain.key), convert(part, plain.value)] as const
      );
      return mapHeld(plain, options) === "map" ? new Map(entries) : toObject(entries);
    }
    case "struct": {
      const fields: Record<string, unknown> = {};
      for (const { key, def, type: fieldType } of structShape(value.def).fields) {
        const part = def && value.fields.get(def);
        if (part !== undefined) fields[key] = convert(part, fieldType);
      }
      return makeStruct(value.def, fields);
    }
    default:
      return value.value;
  }
}

function toInt64(value: bigint, as: Int64As): unknown {
  return as === "bigint" ? value : as === "number" ? Number(value) : String(value);
}

function toObject(entries: readonly (readonly [unknown, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) object[String(key)] = value;
  return object;
}
