/**
 * How far apart two types of the two versions are: on the wire, in JSON, or in generated code only.
 *
 * @module
 */
import { type EnumDef, type FieldDef, plainType, type StructDef, type Type, type Value } from "../model.ts";
import type { Matches } from "./matches.ts";

/** How far apart: not at all, in generated code, in JSON too, on the wire too. */
export const Distance = { None: 0, Source: 1, Json: 2, Wire: 3 } as const;

/** One of `Distance`. */
export type Distance = (typeof Distance)[keyof typeof Distance];

/** Compares types of the old version with those of the new one; one serves a whole comparison. */
export class TypeComparer {
  readonly #matches: Matches;
  readonly #known = new Map<StructDef, Map<StructDef, Distance>>();

  /** Takes definitions that match for the same: they are compared on their own. */
  constructor(matches: Matches) {
    this.#matches = matches;
  }

  /** How far apart the types are, typedefs seen through. */
  distance(old: Type, now: Type): Distance {
    const pairs: StructPair[] = [];
    const own = this.#own(old, now, pairs);
    return pairs.reduce<Distance>((found, pair) => farther(found, this.#structs(pair)), own);
  }

  /** The same but for structs in place of others, which go to `pairs`. */
  #own(old: Type, now: Type, pairs: StructPair[]): Distance {
    const a = plainType(old);
    const b = plainType(now);
    if (a.kind === "unknown" || b.kind === "unknown") return Distance.None;
    if ((a.kind === "list" || a.kind === "set") && a.kind === b.kind) return this.#own(a.element, b.element, pairs);
    if (a.kind === "map" && b.kind === "map") {
      const held = a.as === b.as ? Distance.None : Distance.Source;
      return farther(held, farther(this.#own(a.key, b.key, pairs), this.#own(a.value, b.value, pairs)));
    }
    if (a.kind === "i64" && b.kind === "i64") return a.as === b.as ? Distance.None : Distance.Source;
    if (a.kind === "enum" && b.kind === "enum") return this.#enums(a.def, b.def);
    if (a.kind === "struct" && b.kind === "struct") {
      if (this.#matches.definition(a.def) === b.def) return Distance.None;
      pairs.push([a.def, b.def]);
      return Distance.Source;
    }
    if (a.kind === b.kind) return Distance.None;
    const kinds = `${a.kind} ${b.kind}`;
    if (kinds === "enum i32" || kinds === "i32 enum") return Distance.Source;
    return kinds === "string binary" || kinds === "binary string" ? Distance.Json : Distance.Wire;
  }

  #enums(a: EnumDef, b: EnumDef): Distance {
    if (this.#matches.definition(a) === b) return Distance.None;
    return [...a.numbers].every((number) => b.numbers.has(number)) ? Distance.Source : Distance.Wire;
  }

  /** A struct in place of another: as far apart as what is farthest apart in them and in all that they hold. */
  #structs(pair: StructPair): Distance {
    let found: Distance = Distance.Source;
    const seen = new Map<StructDef, Set<StructDef>>();
    const pairs = [pair];
    for (let next = pairs.pop(); next !== undefined && found !== Distance.Wire; next = pairs.pop()) {
      const [a, b] = next;
      const others = seen.get(a) ?? new Set();
      if (others.has(b)) continue;
      seen.set(a, others.add(b));
      found = farther(found, this.#known.get(a)?.get(b) ?? this.#fields(a, b, pairs));
    }
    const [a, b] = pair;
    this.#known.set(a, (this.#known.get(a) ?? new Map<StructDef, Distance>()).set(b, found));
    return found;
  }

  #fields(a: StructDef, b: StructDef, pairs: StructPair[]): Distance {
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
      found = farther(found, this.#own(field.type, other.type, pairs));
      if (field.name !== other.name) found = farther(found, Distance.Json);
    }
    return [...byId.values()].some((field) => field.requiredness === "required") ? Distance.Wire : found;
  }
}

/** A struct of the old version, and the one of the new version in its place. */
type StructPair = readonly [StructDef, StructDef];

function farther(a: Distance, b: Distance): Distance {
  return a > b ? a : b;
}

/** Text that is equal for fields that read the same where nothing was sent: a default that is the zero value is none. */
export function defaultKey({ default: value, requiredness, type }: FieldDef): string {
  if (value !== undefined || requiredness === "optional") return valueKey(value);
  const plain = plainType(type);
  switch (plain.kind) {
    case "bool":
      return valueKey({ kind: "bool", value: false });
    case "double":
      return valueKey({ kind: "double", value: 0 });
    case "string":
      return valueKey({ kind: "string", value: "" });
    case "binary":
      return valueKey({ kind: "binary", value: new Uint8Array(0) });
    case "enum":
      return valueKey({ kind: "enum", def: plain.def, value: 0 });
    case "list":
    case "set":
      return valueKey({ kind: plain.kind, items: [] });
    case "map":
      return valueKey({ kind: "map", entries: [] });
    case "i8":
    case "i16":
    case "i32":
    case "i64":
      return valueKey({ kind: "int", value: 0n });
    default:
      return "";
  }
}

/** Text that is equal for equal values, sets and maps in any order; `undefined` has one too. */
export function valueKey(value: Value | undefined): string {
  if (value === undefined) return "";
  switch (value.kind) {
    case "list":
      return `list[${value.items.map(valueKey).join()}]`;
    case "set":
      return `set[${value.items.map(valueKey).sort().join()}]`;
    case "map":
      return `{${value.entries.map(([key, item]) => `${valueKey(key)}:${valueKey(item)}`).sort().join()}}`;
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
