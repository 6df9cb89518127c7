/**
 * Types of the IDL as types, zero values and schemas of TypeScript.
 *
 * @module
 */
import { type AnnotationMap, type PlainType, plainType, type Type } from "../model.ts";
import { arrayLiteral, type Literal, objectLiteral, propertyName, quoted } from "./code.ts";
import type { Unit } from "./unit.ts";
import type { WireKind } from "./wire.ts";

/** The kind of a type that is known to be resolved. */
export function wireKind(type: Type): WireKind {
  return known(type).kind;
}

/** A type with its aliases seen through. Only programs without errors are emitted, so all types are known. */
export function known(type: Type): Exclude<PlainType, { kind: "unknown" }> {
  const plain = plainType(type);
  if (plain.kind === "unknown") throw new Error("a type is not resolved");
  return plain;
}

/** The TypeScript type. */
export function tsType(unit: Unit, type: Type): string {
  switch (type.kind) {
    case "typedef":
      return unit.type(type.def);
    case "enum":
    case "struct":
      return unit.type(type.def);
    case "list":
      return `${tsType(unit, type.element)}[]`;
    case "set":
      return `Set<${tsType(unit, type.element)}>`;
    case "map":
      return unit.mapAs(type) === "object"
        ? `Record<string, ${tsType(unit, type.value)}>`
        : `Map<${tsType(unit, type.key)}, ${tsType(unit, type.value)}>`;
    case "i64":
      return unit.int64As(type);
    case "bool":
      return "boolean";
    case "string":
    case "uuid":
      return "string";
    case "binary":
      return "Uint8Array";
    default:
      return "number";
  }
}

/** Is a value of the type immutable, so that one can serve for all? */
export function isScalar(type: Type): boolean {
  const { kind } = known(type);
  return kind !== "binary" && kind !== "struct" && kind !== "list" && kind !== "set" && kind !== "map";
}

/** The zero value as an expression; `undefined` for structs, which have none. */
export function zeroValue(unit: Unit, type: Type): string | undefined {
  const plain = known(type);
  switch (plain.kind) {
    case "struct":
      return undefined;
    case "bool":
      return "false";
    case "i64":
      return { bigint: "0n", number: "0", string: '"0"' }[unit.int64As(plain)];
    case "enum":
      return plain.def.numbers.has(0) ? "0" : `0 as ${unit.type(plain.def)}`;
    case "string":
      return '""';
    case "uuid":
      return '"00000000-0000-0000-0000-000000000000"';
    case "binary":
      return "new Uint8Array(0)";
    case "list":
      return "[]";
    case "set":
      return "new Set()";
    case "map":
      return unit.mapAs(plain) === "object" ? "Object.create(null)" : "new Map()";
    default:
      return "0";
  }
}

/** The `TypeSchema` of a type. */
export function typeSchema(unit: Unit, type: Type): Literal {
  const plain = known(type);
  const kind = quoted(plain.kind);
  switch (plain.kind) {
    case "enum":
    case "struct":
      return objectLiteral({ kind, of: `() => ${unit.schema(plain.def)}` });
    case "list":
    case "set":
      return objectLiteral({ kind, element: typeSchema(unit, plain.element) });
    case "map": {
      const as = unit.mapAs(plain) === "object" ? '"object"' : undefined;
      return objectLiteral({ kind, key: typeSchema(unit, plain.key), value: typeSchema(unit, plain.value), as });
    }
    case "i64": {
      const as = unit.int64As(plain);
      return objectLiteral({ kind, as: as === "bigint" ? undefined : quoted(as) });
    }
    default:
      return objectLiteral({ kind });
  }
}

/** The `Annotations` of something; `undefined` if it has none. */
export function annotationsSchema(annotations: AnnotationMap): Literal | undefined {
  if (annotations.size === 0) return undefined;
  const items = [...annotations].map(([key, values]) => ({
    name: propertyName(key),
    value: arrayLiteral(values.map(quoted)),
  }));
  return { open: "{", close: "}", items };
}
