/**
 * Types in the words of the IDL, for messages.
 *
 * @module
 */
import { plainType, type Type } from "./model.ts";

/** The type as the IDL would write it. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case "list":
    case "set":
      return `${type.kind}<${describeType(type.element)}>`;
    case "map":
      return `map<${describeType(type.key)}, ${describeType(type.value)}>`;
    case "enum":
    case "struct":
    case "typedef":
      return type.def.name;
    default:
      return type.kind;
  }
}

/** Do both mean the same on the wire and in TypeScript, typedefs seen through? */
export function sameType(left: Type, right: Type): boolean {
  const a = plainType(left);
  const b = plainType(right);
  switch (a.kind) {
    case "list":
    case "set":
      return b.kind === a.kind && sameType(a.element, b.element);
    case "map":
      return b.kind === "map" && sameType(a.key, b.key) && sameType(a.value, b.value);
    case "enum":
    case "struct":
      return b.kind === a.kind && a.def === b.def;
    default:
      return a.kind === b.kind;
  }
}
