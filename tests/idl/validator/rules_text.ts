/**
 * IDL with random rules, and values near what the rules ask for; the same for the same seed.
 *
 * @module
 */
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";

type Random = (limit: number) => number;

const TYPES = [
  "bool",
  "i8",
  "i32",
  "i64",
  "double",
  "string",
  "binary",
  "Level",
  "list<i32>",
  "list<string>",
  "set<Level>",
  "set<i64>",
  "map<string, i32>",
  "map<i64, list<string>>",
  "map<string, Inner>",
  "list<Inner>",
  "Inner",
];
const WORDS = ["", "a", "ab", "ba", "aé", "🎉a", "b"];
const PATTERNS = ["^a", "b$", "^[ab]*$", "(a|é)+", "^.{1,2}$", "^$"];

/** A file with `count` structs `S0`, `S1` ... that have random rules. */
export function randomRules(random: Random, count: number): string {
  const structs = Array.from({ length: count }, (_, i) => {
    const kind = ["struct", "struct", "struct", "union", "exception"][random(5)]!;
    const types = Array.from({ length: 3 + random(7) }, () => pick(random, TYPES));
    const fields = types.map((type, n) => {
      const word = kind === "union" ? "" : pick(random, ["", "optional ", "required "]);
      const annotations = rulesOf(random, type, types).map(([key, value]) => `vt.${key} = "${value}"`);
      return `  ${n + 1}: ${word}${type} f${n}${annotations.length > 0 ? ` (${annotations.join(", ")})` : ""}`;
    });
    const asserts = random(2) === 0 ? [] : assertsOf(random, types);
    return `${kind} S${i} {\n${fields.join("\n")}\n}${
      asserts.length > 0 ? ` (${asserts.map((value) => `vt.assert = "${value}"`).join(", ")})` : ""
    }\n`;
  });
  return `enum Level { LOW = 1, MIDDLE = 2, TOP = 9 }
struct Inner { 1: i32 n (vt.ge = "2") 2: optional Inner next 3: list<Inner> more }
${structs.join("")}`;
}

type Rule = [key: string, value: string];

function rulesOf(random: Random, type: string, types: readonly string[]): Rule[] {
  const rules: Rule[] = [];
  for (let i = random(4); i > 0; i--) rules.push(...ruleOf(random, type, types));
  return rules;
}

function ruleOf(random: Random, type: string, types: readonly string[]): Rule[] {
  const inner = /^(?:list|set)<(.*)>$/.exec(type);
  const map = /^map<(\w+), (.*)>$/.exec(type);
  const isPresence = random(8) === 0;
  if (isPresence) return [["not_nil", pick(random, ["true", "false"])]];
  if (inner !== null || map !== null) {
    const under = (name: string, part: string): Rule[] =>
      rulesOf(random, part, types).map(([key, value]) => [`${name}.${key}`, value]);
    const own: Rule = [pick(random, ["min_size", "max_size"]), numberFor(random, "i32", types)];
    if (inner !== null) return random(2) === 0 ? [own] : under("elem", inner[1]!);
    return [[own], under("key", map![1]!), under("value", map![2]!), [["no_sparse", "true"] as Rule]][random(4)]!;
  }
  switch (type) {
    case "Inner":
      return [["skip", pick(random, ["true", "false"])]];
    case "bool":
      return [["const", pick(random, ["true", "F", ...fieldsOf(types, ["bool"])])]];
    case "Level": {
      const member = (): string => pick(random, ["Level.LOW", "Level.MIDDLE", "Level.TOP"]);
      return [
        [["const", member()], ["in", member()], ["not_in", member()], ["defined_only", "true"]][random(4)] as Rule,
      ];
    }
    case "string":
    case "binary": {
      const key = pick(random, [
        "const",
        "in",
        "not_in",
        "prefix",
        "suffix",
        "contains",
        "not_contains",
        "pattern",
        "size",
      ]);
      if (key === "pattern") return [[key, pick(random, PATTERNS)]];
      if (key !== "size") return [[key, textFor(random, type, types)]];
      const size = pick(random, ["min_size", "max_size", "min_rune_size", "max_rune_size"]);
      return [[size, numberFor(random, "i32", types)]];
    }
    default:
      return [[pick(random, ["const", "lt", "le", "gt", "ge", "in", "not_in"]), numberFor(random, type, types)]];
  }
}

function textFor(random: Random, type: string, types: readonly string[]): string {
  const fields = fieldsOf(types, [type]);
  if (type === "string" && fields.length > 0 && random(4) === 0) {
    const [a, b] = [pick(random, fields), pick(random, fields)];
    return random(2) === 0 ? `@add(${a}, ${b})` : `@sprintf('%s-%5v', ${a}, ${b})`;
  }
  return random(3) === 0 ? pick(random, [...fields, ...WORDS]) : pick(random, WORDS);
}

function numberFor(random: Random, type: string, types: readonly string[]): string {
  const whole = fieldsOf(types, ["i8", "i32", "i64"]);
  const sized = fieldsOf(types, ["string", "binary", "list<i32>", "set<i64>", "map<string, i32>"]);
  const choices = [String(random(8) - 2), String(random(8)), ...whole];
  choices.push(type === "double" ? "1.5" : "0x3");
  if (type === "double") choices.push(...fieldsOf(types, ["double"]));
  if (sized.length > 0) choices.push(`@len(${pick(random, sized)})`);
  if (whole.length > 0) {
    choices.push(`@mod(${pick(random, whole)}, ${1 + random(3)})`, `@add(${pick(random, whole)} 2)`);
  }
  return pick(random, choices);
}

function assertsOf(random: Random, types: readonly string[]): string[] {
  const whole = fieldsOf(types, ["i8", "i32", "i64"]);
  const strings = fieldsOf(types, ["string"]);
  const choices = fieldsOf(types, ["bool"]);
  if (whole.length > 0) choices.push(`@equal(@mod(${pick(random, whole)}, 2), ${pick(random, whole)})`);
  if (strings.length > 0) choices.push(`@equal(${pick(random, strings)}, ${pick(random, strings)})`);
  return choices.length === 0 ? [] : [pick(random, choices)];
}

function fieldsOf(types: readonly string[], wanted: readonly string[]): string[] {
  return types.flatMap((type, i) => wanted.includes(type) ? [`$f${i}`] : []);
}

/** A value of a struct whose parts are small, so that rules often hold and often do not. */
export function smallStruct(schema: StructSchema, random: Random, depth = 0): unknown {
  if (schema.kind === "union") {
    const field = pick(random, schema.fields);
    return { kind: field.key, value: smallValue(field.type, random, depth + 1) };
  }
  const value: Record<string, unknown> = {};
  for (const { key, type } of schema.fields) {
    // also what must not be absent: validators may meet it before a codec does
    const isAbsent = random(6) === 0 || (type.kind === "struct" && depth > 1);
    value[key] = isAbsent ? pick(random, [undefined, null]) : smallValue(type, random, depth + 1);
  }
  return value;
}

function smallValue(type: TypeSchema, random: Random, depth: number): unknown {
  const many = (): number[] => Array.from({ length: depth > 2 ? 0 : random(4) }, (_, i) => i);
  switch (type.kind) {
    case "bool":
      return random(2) === 1;
    case "i64": {
      const value = random(9) - 3;
      return type.as === "string"
        ? pick(random, [String(value), "none"])
        : type.as === "number"
        ? value
        : BigInt(value);
    }
    case "double":
      return pick(random, [random(9) - 3, 1.5, NaN, -0]);
    case "string":
      return pick(random, WORDS);
    case "binary":
      return pick(random, [new TextEncoder().encode(pick(random, WORDS)), Uint8Array.of(0xff, 0x61)]);
    case "enum":
      return pick(random, [1, 2, 9, 5]);
    case "list":
      return many().map(() => smallValue(type.element, random, depth + 1));
    case "set":
      return new Set(many().map(() => smallValue(type.element, random, depth + 1)));
    case "map": {
      const value = (): unknown => random(6) === 0 ? undefined : smallValue(type.value, random, depth + 1);
      const entries = many().map(() => [smallValue(type.key, random, depth + 1), value()] as const);
      return type.as === "object" ? Object.fromEntries(entries as [string, unknown][]) : new Map(entries);
    }
    case "struct":
      return smallStruct(type.of(), random, depth);
    default:
      return random(9) - 3;
  }
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)] as T;
}
