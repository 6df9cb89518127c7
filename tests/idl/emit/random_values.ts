/**
 * Random values that fit a schema, the same for the same seed.
 *
 * @module
 */
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";

/** A small seeded generator: gives an integer from 0 up to `limit`, exclusive. */
export function randomSource(seed: number): (limit: number) => number {
  let state = seed | 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** A value of the struct; below a few levels, optional parts and containers are left empty. */
export function randomStruct(schema: StructSchema, random: (limit: number) => number, depth = 0): unknown {
  if (schema.kind === "union") {
    const fields = schema.fields.filter((field) => depth < 3 || !isDeep(field.type));
    const field = fields[random(fields.length)];
    return field && { kind: field.key, value: randomValue(field.type, random, depth + 1) };
  }
  const fields: Record<string, unknown> = {};
  for (const { key, type, requiredness, default: preset } of schema.fields) {
    // what has a default comes back as that
    const isOptional = requiredness === "optional" || (requiredness === "default" && type.kind === "struct");
    const canBeAbsent = isOptional && preset === undefined;
    const isAbsent = canBeAbsent && (random(2) === 0 || (depth >= 3 && isDeep(type)));
    fields[key] = isAbsent ? undefined : randomValue(type, random, depth + 1);
  }
  return schema.make === undefined ? fields : schema.make(fields);
}

function isDeep(type: TypeSchema): boolean {
  return type.kind === "struct" || type.kind === "list" || type.kind === "set" || type.kind === "map";
}

function randomValue(type: TypeSchema, random: (limit: number) => number, depth: number): unknown {
  const many = (): undefined[] => new Array(depth > 3 ? 0 : random(4)).fill(undefined);
  const element = (inner: TypeSchema): unknown => randomValue(inner, random, depth + 1);
  switch (type.kind) {
    case "bool":
      return random(2) === 1;
    case "i8":
      return random(256) - 128;
    case "i16":
      return random(65536) - 32768;
    case "i32":
    case "enum":
      return random(2 ** 32) | 0;
    case "i64": {
      const value = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
      if (type.as === "number") return random(2 ** 32) * (random(2) === 0 ? -1000 : 1000) + 0;
      return type.as === "string" ? String(BigInt.asIntN(64, value)) : BigInt.asIntN(64, value);
    }
    case "double":
      return random(2 ** 32) / 7 - 1e8;
    case "string":
      return ["", "text", "ünïcödé 新 🎉", "long ".repeat(random(100))][random(4)];
    case "binary":
      return Uint8Array.from(many(), () => random(256));
    case "uuid":
      return `00112233-4455-6677-8899-${(random(2 ** 32)).toString(16).padStart(12, "0")}`;
    case "list":
      return many().map(() => element(type.element));
    case "set":
      return new Set(many().map(() => element(type.element)));
    case "map": {
      const entries = many().map(() => [element(type.key), element(type.value)] as const);
      if (type.as !== "object") return new Map(entries);
      return Object.assign(Object.create(null), Object.fromEntries(entries));
    }
    case "struct":
      return randomStruct(type.of(), random, depth);
  }
}
