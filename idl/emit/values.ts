/**
 * Constant values as expressions of TypeScript.
 *
 * @module
 */
import type { StructDef, Type, Value } from "../model.ts";
import { structShape } from "../shapes.ts";
import { arrayLiteral, flatten, type Literal, objectLiteral, propertyName, quoted } from "./code.ts";
import { known, tsType } from "./types.ts";
import type { Unit } from "./unit.ts";

/** The value as an expression of the type's TypeScript type; a new object each time it is evaluated. */
export function valueExpression(unit: Unit, value: Value, type: Type): string {
  return flatten(valueLiteral(unit, value, type));
}

/** The same, to be printed over several lines where it is long. */
export function valueLiteral(unit: Unit, value: Value, type: Type): Literal {
  const plain = known(type);
  switch (value.kind) {
    case "bool":
      return String(value.value);
    case "int":
      return plain.kind === "i64" ? int64(value.value, unit.int64As(plain)) : String(value.value);
    case "double":
      return Object.is(value.value, -0) ? "-0" : String(value.value);
    case "string":
      return quoted(value.value);
    case "binary":
      return value.value.length === 0 ? "new Uint8Array(0)" : wrap("new Uint8Array(", numbers(value.value), ")");
    case "enum": {
      const isMember = value.def.numbers.has(value.value);
      return isMember || value.def.members.length === 0
        ? String(value.value)
        : `${value.value} as ${unit.type(value.def)}`;
    }
    case "list":
    case "set": {
      if (plain.kind !== "list" && plain.kind !== "set") throw new Error("a list for another type");
      const items = arrayLiteral(value.items.map((item) => valueLiteral(unit, item, plain.element)));
      if (plain.kind === "list") return items;
      const before = `new Set<${tsType(unit, plain.element)}>(`;
      return value.items.length === 0 ? before + ")" : wrap(before, items, ")");
    }
    case "map":
      return mapLiteral(unit, value.entries, type);
    case "struct":
      return structLiteral(unit, value, value.def);
  }
}

function int64(value: bigint, as: "bigint" | "number" | "string"): string {
  return as === "bigint" ? `${value}n` : as === "number" ? String(value) : quoted(String(value));
}

function numbers(bytes: Uint8Array): Literal {
  return arrayLiteral(Array.from(bytes, String));
}

function mapLiteral(unit: Unit, entries: readonly (readonly [Value, Value])[], type: Type): Literal {
  const plain = known(type);
  if (plain.kind !== "map") throw new Error("a map for another type");
  if (unit.mapAs(plain) === "object") {
    // without a prototype, as decoded ones are
    if (entries.length === 0) return "Object.create(null)";
    // of keys that are given twice the last one counts, and a literal must not have both
    const last = new Map(entries.map(([key, value]) => [key.kind === "string" ? key.value : "", value]));
    const items = [...last].map(([key, value]) => ({
      name: propertyName(key),
      value: valueLiteral(unit, value, plain.value),
    }));
    return wrap("Object.assign(Object.create(null), ", { open: "{", close: "}", items }, ")");
  }
  const before = `new Map<${tsType(unit, plain.key)}, ${tsType(unit, plain.value)}>(`;
  if (entries.length === 0) return before + ")";
  const pairs = entries.map(([key, value]) =>
    arrayLiteral([valueLiteral(unit, key, plain.key), valueLiteral(unit, value, plain.value)])
  );
  return wrap(before, arrayLiteral(pairs), ")");
}

function structLiteral(unit: Unit, value: Value & { kind: "struct" }, def: StructDef): Literal {
  const properties: [string, Literal][] = [];
  for (const field of structShape(def).fields) {
    const part = field.def && value.fields.get(field.def);
    if (part !== undefined) properties.push([field.key, valueLiteral(unit, part, field.type)]);
  }
  if (def.kind === "union") {
    const [kind, part] = properties[0] ?? ["", "undefined"];
    return objectLiteral({ kind: quoted(kind), value: part });
  }
  const items = properties.map(([key, part]) => ({ name: propertyName(key), value: part }));
  const before = def.kind === "exception" ? `new ${unit.value(def)}(` : `${unit.schema(def)}.create(`;
  return wrap(before, { open: "{", close: "}", items }, ")");
}

/** A literal with text around it that stays on the lines of its brackets. */
function wrap(before: string, literal: Literal, behind: string): Literal {
  if (typeof literal === "string") return before + literal + behind;
  return { ...literal, open: before + literal.open, close: literal.close + behind };
}
