/**
 * How far apart two types of the two versions are: on the wire, in JSON, or in generated code only.
 *
 * @module
 */
import { type EnumDef, plainType, type StructDef, type Type, type Value } from "../model.ts";
import type { Matches } from "./matches.ts";

/** How far apart: not at all, in generated code, in JSON too, on the wire too. */
export const Distance = { None: 0, Source: 1, Json: 2, Wire: 3 } as const;

/** One of `Distance`. */
export type Distance = (typeof Distance)[keyof typeof Distance];

/** How deep structs are compared in place of each other; differences below that are not looked for. */
const MAX_DEPTH = 200;

/** Compares types of the old version with those of the new one; one serves a whole comparison. */
export class TypeComparer {
  readonly #matches: Matches;
  readonly #known = new Map<StructDef, Map<StructDef, Distance>>();
  #depth = 0;

  /** Takes definitions that match for the same: they are compared on their own. */
  constructor(matches: Matches) {
    this.#matches = matches;
  }

  /** How far apart the types are, typedefs seen through. */
  distance(old: Type, now: Type): Distance {
    const a = plainType(old);
    const b = plainType(now);
    if (a.kind === "unknown" || b.kind === "unknown") return Distance.None;
    if ((a.kind === "list" || a.kind === "set") && a.kind === b.kind) return this.distance(a.element, b.element);
    if (a.kind === "map" && b.kind === "map") {
      const held = a.as === b.as ? Distance.None : Distance.Source;
      return farther(held, farther(this.distance(a.key, b.key), this.distance(a.value, b.value)));
    }
    if (a.kind === "i64" && b.kind === "i64") return a.as === b.as ? Distance.None : Distance.Source;
    if (a.kind === "enum" && b.kind === "enum") return this.#enums(a.def, b.def);
    if (a.kind === "struct" && b.kind === "struct") return this.#structs(a.def, b.def);
    if (a.kind === b.kind) return Distance.None;
    const kinds = `${a.kind} ${b.kind}`;
    if (kinds === "enum i32" || kinds === "i32 enum") return Distance.Source;
    return kinds === "string binary" || kinds === "binary string" ? Distance.Json : Distance.Wire;
  }

  #enums(a: EnumDef, b: EnumDef): Distance {
    if (this.#matches.definition(a) === b) return Distance.None;
    return [...a.numbers].every((number) => b.numbers.has(number)) ? Distance.Source : Distance.Wire;
  }

  /** A struct in place of another: the same on the wire if its fields are. */
  #structs(a: StructDef, b: StructDef): Distance {
    if (this.#matches.definition(a) === b) return Distance.None;
    let known = this.#known.get(a);
    if (known === undefined) this.#known.set(a, known = new Map());
    const before = known.get(b);
    if (before !== undefined) return before;
    if (this.#depth === MAX_DEPTH) return Distance.Source;
    known.set(b, Distance.Source); // what a struct holds of itself adds nothing
    this.#depth++;
    const found = this.#fields(a, b);
    this.#depth--;
    known.set(b, found);
    return found;
  }

  #fields(a: StructDef, b: StructDef): Distance {
    if ((a.kind === "union") !== (b.kind === "union")) return Distance.Wire;
    let found: Distance = Distance.Source;
    const byId = new Map(b.fields.map((field) => [field.id, field]));
    for (const field of a.fields) {
      const other = byId.get(field.id);
      byId.delete(field.id);
      const required = field.requiredness === "required";
      if (other === undefined) {
        if (required || a.kind === "union") return Distance.Wire;
        continue;
      }
      if (required !== (other.requiredness === "required")) return Distance.Wire;
      found = farther(found, this.distance(field.type, other.type));
      if (field.name !== other.name) found = farther(found, Distance.Json);
    }
    return [...byId.values()].some((field) => field.requiredness === "required") ? Distance.Wire : found;
  }
}

function farther(a: Distance, b: Distance): Distance {
  return a > b ? a : b;
}

/** Text that is equal for equal values; `undefined` has one too. */
export function valueKey(value: Value | undefined): string {
  if (value === undefined) return "";
  switch (value.kind) {
    case "list":
    case "set":
      return `${value.kind}[${value.items.map(valueKey).join()}]`;
    case "map":
      return `{${value.entries.map(([key, item]) => `${valueKey(key)}:${valueKey(item)}`).join()}}`;
    case "struct":
      return `(${[...value.fields].map(([field, item]) => `${field.name}:${valueKey(item)}`).join()})`;
    case "enum":
      return `int ${value.value}`;
    case "binary":
      return `binary ${[...value.value].join()}`;
    case "double":
      return `double ${Object.is(value.value, -0) ? "-0" : value.value}`;
    default:
      return `${value.kind} ${JSON.stringify(String(value.value))}`;
  }
}
