/**
 * Whatever `compareVersions` lets pass, the wire lets pass: random changes of a struct, and values of each version written with
 * its schema and read with that of the other.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { jsonCodec } from "../../../codecs/generic/json_codec.ts";
import { compareVersions } from "../../../idl/breaking/compare.ts";
import type { Program } from "../../../idl/model.ts";
import { SchemaSet } from "../../../idl/schema.ts";
import type { StructSchema } from "../../../lib/schema/types.ts";
import { compileText } from "../checks.ts";
import { randomSource } from "../emit/random_values.ts";
import type { Random } from "../format/samples.ts";

interface Field {
  readonly id: number;
  readonly name: string;
  readonly word: string;
  readonly type: string;
}

/** Types with the same definitions in both versions, and values of each. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  bool: [true, false],
  i8: [1],
  i16: [2],
  i32: [0, 1],
  Int: [1],
  i64: [3],
  double: [1.5],
  string: ["s"],
  binary: ["AQI="],
  Few: [0, 1],
  More: [0, 1, 2],
  Plain: [{ x: 1 }, { x: 1, y: "y" }],
  Alias: [{ x: 2 }],
  Renamed: [{ p: 1, q: "q" }],
  Longer: [{ x: 1, y: "y", z: 2 }],
  Strict: [{ x: 1 }],
  Union: [{ x: 1 }, { y: "y" }],
};
const DEFINITIONS = `enum Few { A = 0, B = 1 } enum More { A = 0, B = 1, C = 2 } typedef i32 Int typedef Plain Alias
struct Plain { 1: i32 x, 2: optional string y } struct Renamed { 1: i32 p, 2: optional string q }
struct Longer { 1: i32 x, 2: optional string y, 3: i32 z } struct Strict { 1: required i32 x } union Union { 1: i32 x, 2: string y }`;
const SCALARS = Object.keys(VALUES);

describe("changes that are let pass", () => {
  it("let peers with either version read what the other wrote", async () => {
    const random = randomSource(2024);
    const counts = { passed: 0, broken: 0 };
    for (let i = 0; i < 700; i++) {
      const old = Array.from({ length: 1 + random(3) }, (_, at) => randomField(random, at + 1));
      const now = changed(random, old);
      if (!isSound(old) || !isSound(now)) continue;
      const [before, after] = await Promise.all([versionOf(old), versionOf(now)]);
      const findings = compareVersions(before.program, after.program)
        .filter(({ severity, categories }) => severity === "error" && categories.includes("WIRE"));
      const problem = lossOf(random, old, before.schema, now, after.schema) ??
        lossOf(random, now, after.schema, old, before.schema);
      if (problem !== undefined) counts.broken++;
      if (findings.length > 0) continue;
      counts.passed++;
      assertEquals(problem, undefined, `${textOf(old)} became ${textOf(now)}`);
    }
    assert(counts.passed > 150 && counts.broken > 150, JSON.stringify(counts));
  });
});

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)]!;
}

function randomType(random: Random, depth = 0): string {
  const kind = random(depth > 1 ? 6 : 10);
  if (kind < 6) return pick(random, SCALARS);
  if (kind === 6) return `set<${pick(random, ["i32", "string", "Few"])}>`;
  if (kind === 7) return `map<${pick(random, ["i32", "string"])}, ${randomType(random, depth + 1)}>`;
  return `list<${randomType(random, depth + 1)}>`;
}

function randomField(random: Random, id: number): Field {
  const word = pick(random, ["", "", "optional ", "required "]);
  return { id, name: pick(random, ["a", "b", "c", "d", "e"]), word, type: randomType(random) };
}

/** The fields after one or two changes: one added or removed, or another type, name, word or id. */
function changed(random: Random, fields: readonly Field[]): Field[] {
  const result = [...fields];
  for (let left = 1 + random(2); left > 0; left--) {
    const at = random(result.length + 1);
    const field = result[at];
    const other = randomField(random, 1 + random(6));
    if (field === undefined) result.push(other);
    else if (random(5) === 0) result.splice(at, 1);
    else {
      const key = pick(random, ["id", "name", "word", "type", "type"] as const);
      result[at] = { ...field, [key]: other[key] };
    }
  }
  return result;
}

function isSound(fields: readonly Field[]): boolean {
  return new Set(fields.map(({ id }) => id)).size === fields.length &&
    new Set(fields.map(({ name }) => name)).size === fields.length;
}

function textOf(fields: readonly Field[]): string {
  return `struct A { ${fields.map(({ id, name, word, type }) => `${id}: ${word}${type} ${name}`).join(", ")} }`;
}

async function versionOf(fields: readonly Field[]): Promise<{ program: Program; schema: StructSchema }> {
  const { value, diagnostics } = await compileText(`${DEFINITIONS} ${textOf(fields)} service S { void f(1: A a) }`);
  assertEquals(diagnostics.filter(({ severity }) => severity === "error"), []);
  const type = new SchemaSet(value).services[0]?.methods[0]?.args.fields[0]?.type;
  assert(type?.kind === "struct");
  return { program: value, schema: type.of() };
}

function valueOf(random: Random, type: string): unknown {
  const [, container, inner = ""] = /^(\w+)<(.*)>$/.exec(type) ?? [];
  if (container === undefined) return pick(random, VALUES[type] ?? []);
  if (container !== "map") return [valueOf(random, inner)];
  return { "1": valueOf(random, inner.slice(inner.indexOf(", ") + 2)) };
}

/** What a reader of the other version does not get of some values; `undefined` if nothing is lost. */
function lossOf(
  random: Random,
  fields: readonly Field[],
  writer: StructSchema,
  others: readonly Field[],
  reader: StructSchema,
): string | undefined {
  const [encoder, decoder] = [jsonCodec(writer), jsonCodec(reader)];
  for (let i = 0; i < 6; i++) {
    const sent = fields.filter(({ word }) => word !== "optional " || random(2) === 0);
    const value = Object.fromEntries(sent.map(({ name, type }) => [name, valueOf(random, type)]));
    const bytes = encoder.encode(value);
    let read: Record<string, unknown>;
    try {
      read = decoder.decode(bytes) as Record<string, unknown>;
    } catch (reason) {
      return String(reason);
    }
    for (const { id, name } of sent) {
      const other = others.find((field) => field.id === id);
      const isLost = other === undefined ? others.some((field) => field.name === name) : read[other.name] === undefined;
      if (isLost) return `${name} of ${JSON.stringify(value)}`;
    }
  }
  return undefined;
}
