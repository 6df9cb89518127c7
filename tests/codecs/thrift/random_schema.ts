/**
 * Random schemas, and random values of any schema, from a seed.
 *
 * @module
 */
import type { FieldSchema, StructSchema, TypeSchema } from "../../../lib/schema/types.ts";

/** Gives integers in `[0, below)`. */
export type Random = (below: number) => number;

const SCALARS = ["bool", "i8", "i16", "i32", "double", "string", "binary", "uuid"] as const;
const AS = ["bigint", "number", "string"] as const;
const REQUIREDNESS = ["required", "optional", "default"] as const;
const STRINGS = [
  "",
  "a",
  "0123456789abcdef",
  "0123456789abcdefg",
  "né",
  "日本語",
  "😀 pair",
  '\0\n\t"\\/\u2028',
  "x".repeat(60),
];
const DOUBLES = [0, -0, 1, -1, 0.1, 1e21, 1e-7, Number.MAX_VALUE, Number.MIN_VALUE, NaN, Infinity, -Infinity, 1 / 3];
const I64S = [
  0n,
  -1n,
  1n,
  63n,
  64n,
  2n ** 27n,
  2n ** 28n,
  2n ** 51n,
  -(2n ** 51n),
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

/** A struct or union with up to 7 fields; fields nest at most `levels` deep. */
export function randomStruct(random: Random, levels = 3): StructSchema<Record<string, unknown>> {
  const kind = random(5) === 0 ? "union" : "struct";
  const count = kind === "union" ? 1 + random(4) : random(8);
  const ids = new Set<number>();
  while (ids.size < count) ids.add(random(4) === 0 ? random(0x10000) - 0x8000 : 1 + random(20));
  const fields = [...ids].map((id, index): FieldSchema => {
    const type = randomType(random, levels);
    const requiredness = kind === "union" ? "optional" : REQUIREDNESS[random(3)]!;
    const field: FieldSchema = { id, name: `f${index}`, key: `f${index}`, type, requiredness };
    const withDefault = kind === "struct" && type.kind !== "struct" && random(6) === 0;
    const value = withDefault ? randomValue(random, type) : undefined;
    return withDefault ? { ...field, default: () => value } : field;
  });
  return { kind, name: `S${random(1000)}`, fields };
}

/** A type; containers and structs nest at most `levels` deep. */
export function randomType(random: Random, levels: number): TypeSchema {
  const choice = random(levels > 0 ? 16 : 10);
  if (choice < 8) return { kind: SCALARS[choice]! };
  if (choice === 8) return { kind: "i64", as: AS[random(3)]! };
  if (choice === 9) return { kind: "enum", of: () => ({ name: "E", values: { A: 1, B: 2 } }) };
  if (choice === 10 || choice === 11) {
    const schema = randomStruct(random, levels - 1);
    return { kind: "struct", of: () => schema };
  }
  if (choice === 12) return { kind: "set", element: randomType(random, levels - 1) };
  if (choice === 13) return { kind: "list", element: randomType(random, levels - 1) };
  const value = randomType(random, levels - 1);
  if (random(3) === 0) return { kind: "map", key: { kind: "string" }, value, as: "object" };
  return { kind: "map", key: randomType(random, levels - 1), value };
}

/** A value that fits a type, as it is read back. */
export function randomValue(random: Random, type: TypeSchema): unknown {
  switch (type.kind) {
    case "bool":
      return random(2) === 0;
    case "i8":
      return random(0x100) - 0x80;
    case "i16":
      return random(0x10000) - 0x8000;
    case "i32":
    case "enum":
      return random(3) === 0 ? random(300) - 150 : random(0xffffffff) - 0x8000_0000;
    case "i64":
      return randomI64(random, type.as ?? "bigint");
    case "double":
      return random(2) === 0 ? DOUBLES[random(DOUBLES.length)]! : random(1e9) / 1000;
    case "string":
      return STRINGS[random(STRINGS.length)]!;
    case "binary":
      return Uint8Array.from({ length: random(12) }, () => random(256));
    case "uuid":
      return "00112233-4455-6677-8899-aabbccddeeff".replaceAll("2", String(random(10)));
    case "list":
      return randomList(random, type.element);
    case "set":
      return new Set(randomList(random, type.element));
    case "map": {
      const entries = randomList(random, type.key).map((key) => [key, randomValue(random, type.value)] as const);
      return type.as === "object" ? Object.assign(Object.create(null), Object.fromEntries(entries)) : new Map(entries);
    }
    case "struct":
      return randomOf(random, type.of());
  }
}

/** A value that fits a struct or union, as it is read back. */
export function randomOf<T>(random: Random, schema: StructSchema<T>): T {
  if (schema.kind === "union") {
    const field = schema.fields[random(schema.fields.length)]!;
    return { kind: field.key, value: randomValue(random, field.type) } as T;
  }
  const value: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const absent = random(3) === 0 &&
      (field.requiredness === "optional" || (field.requiredness === "default" && field.type.kind === "struct"));
    value[field.key] = absent ? field.default?.() : randomValue(random, field.type);
  }
  return (schema.make === undefined ? value : schema.make(value)) as T;
}

function randomList(random: Random, type: TypeSchema): unknown[] {
  const size = random(8) === 0 ? 15 + random(4) : random(4);
  return Array.from({ length: size }, () => randomValue(random, type));
}

function randomI64(random: Random, as: "bigint" | "number" | "string"): unknown {
  if (as === "number") {
    return random(2) === 0 ? random(1000) - 500 : (random(2 ** 21) - 2 ** 20) * 2 ** 32 + random(2 ** 31);
  }
  const value = random(2) === 0 ? I64S[random(I64S.length)]! : BigInt(random(1e9)) * BigInt(random(1e9));
  return as === "string" ? String(value) : value;
}
