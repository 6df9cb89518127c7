/**
 * Values that tell rules apart: what stands at the edges of types and rules, and random picks of it, the same for the same seed.
 *
 * @module
 */
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";

type Random = (limit: number) => number;

const WHOLE = [0, 1, 2, 3, 4, 5, 9, 10, -1, -2, -3, -4];
const LIMITS: Readonly<Record<string, readonly number[]>> = {
  i8: [127, -128],
  i16: [300, 32_767, -32_768],
  i32: [300, 2 ** 31 - 1, -(2 ** 31)],
};
const LARGE = [300n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n, 2n ** 63n - 2n, 2n ** 63n - 1n, -(2n ** 63n)];
const DOUBLES = [0, -0, 0.5, 0.4999999999999999, 1, 1.5, 2.5, -1, -1.5, 3, 1e21, 1e-7, 123456.789, 5e-324, 1.7e308];
const UNUSUAL_DOUBLES = [Infinity, -Infinity, NaN];
const TEXTS = [
  "",
  "a",
  "b",
  "A",
  "ab",
  "ba",
  "aB",
  "aab",
  "abc",
  "aé",
  "é",
  "🎉a",
  "🎉",
  "\n",
  "a\n",
  "b\na",
  "12",
  "a1",
  " ab ",
  "a-ab",
  "٣",
];
const ENUMS = [1, 2, 9, 5, 0, -1];

/** Every edge of a type. */
export function edges(type: TypeSchema, random: Random): unknown[] {
  switch (type.kind) {
    case "bool":
      return [true, false];
    case "i64":
      return [...WHOLE.map(BigInt), ...LARGE];
    case "double":
      return [...DOUBLES, ...UNUSUAL_DOUBLES];
    case "string":
      return TEXTS;
    case "binary":
      return [
        ...TEXTS.map((text) => new TextEncoder().encode(text)),
        Uint8Array.of(0xff),
        Uint8Array.of(0x61, 0, 0x62),
      ];
    case "enum":
      return ENUMS;
    case "list":
    case "set":
    case "map":
      return [0, 1, 2, 3].flatMap((count) => [0, 1, 2].map(() => container(type, count, random, 1)));
    case "struct":
      return [0, 1, 2, 3].map(() => randomStruct(type.of(), random, 1));
    default:
      return [...WHOLE, ...LIMITS[type.kind] ?? []];
  }
}

/** A struct whose parts are edges. Only what may be absent is absent at times. */
export function randomStruct(schema: StructSchema, random: Random, depth = 0): unknown {
  if (schema.kind === "union") {
    const field = pick(random, schema.fields);
    return { kind: field.key, value: randomValue(field.type, random, depth + 1) };
  }
  const fields: Record<string, unknown> = {};
  for (const { key, type, requiredness } of schema.fields) {
    const isAbsent = requiredness === "optional" && (random(4) === 0 || (type.kind === "struct" && depth > 1));
    if (!isAbsent) fields[key] = randomValue(type, random, depth + 1);
  }
  return schema.make === undefined ? fields : schema.make(fields);
}

function randomValue(type: TypeSchema, random: Random, depth: number): unknown {
  if (type.kind === "struct") return randomStruct(type.of(), random, depth);
  if (type.kind === "list" || type.kind === "set" || type.kind === "map") {
    return container(type, depth > 3 ? 0 : random(4), random, depth);
  }
  const all = edges(type, random);
  // most values are near what rules ask for
  return random(3) === 0 ? pick(random, all) : all[random(Math.min(8, all.length))];
}

function container(
  type: TypeSchema & { kind: "list" | "set" | "map" },
  count: number,
  random: Random,
  depth: number,
): unknown {
  const each = (part: TypeSchema): unknown[] =>
    Array.from({ length: count }, () => randomValue(part, random, depth + 1));
  if (type.kind === "list") return each(type.element);
  if (type.kind === "set") return new Set(each(type.element));
  const values = each(type.value);
  return new Map(each(type.key).map((key, i) => [key, values[i]]));
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)] as T;
}
