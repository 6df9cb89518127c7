/**
 * Every two options of generated code together: what they make passes the strictest type check, and its values survive the wire.
 *
 * A few combinations hold all pairs of choices; one TypeScript program checks what is generated for all of them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { binary } from "../../../codecs/thrift/binary.ts";
import { compact } from "../../../codecs/thrift/compact.ts";
import { json } from "../../../codecs/thrift/json.ts";
import type { Payload } from "../../../codecs/thrift/payload.ts";
import { compile } from "../../../idl/compile.ts";
import { PluginRun } from "../../../idl/plugin/plugin_run.ts";
import { validatorPlugin } from "../../../idl/validator/plugin.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { StructSchema } from "../../../lib/schema/types.ts";
import { ROOT } from "../../run_program.ts";
import { pairwise } from "./covering.ts";
import { randomSource, randomStruct } from "./random_values.ts";

const CHOICES = {
  i64: ["bigint", "number", "string"],
  maps: ["map", "object"],
  split: ["file", "namespace"],
  deepCopy: [false, true],
  equality: [true, false],
  fieldMask: [false, true],
  unknownFields: [false, true],
  services: [true, false],
  trim: [[], ["Second.add", "Tree", "Requireds", "Rules", "Odd"], ["Containers", "Streams", "Choice"]],
  validator: [false, true],
} as const;
const MAINS = ["types", "names", "constants", "services", "rules", "alone"].map((name) =>
  `tests/golden/${name}.thrift`
);
/** Small things that need less than others: what is not used must be neither imported nor named. */
const ALONE = `namespace go golden.alone
service Alone { void f() }
const map<string, i32> TWICE = {"a": 1, "__proto__": 2, "a": 3, 'a': 4}
struct Whole { 1: required i32 a 2: required string b }
struct None {}
union Neither {}
exception Silent {}
`;
/** Structs that no value can be made of. */
const UNSENDABLE = ["Nothing", "Neither"];

const COMBINATIONS = pairwise(CHOICES);

interface Generated {
  readonly name: string;
  readonly options: (typeof COMBINATIONS)[number];
  readonly files: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "updraft-options-"));

async function generate(options: (typeof COMBINATIONS)[number], number: number): Promise<Generated> {
  const read = (path: string): Promise<string | null> => {
    if (path === MAINS.at(-1)) return Promise.resolve(ALONE);
    if (!existsSync(join(ROOT, path))) return Promise.resolve(null);
    const text = readFileSync(join(ROOT, path), "utf8");
    // constants that are more than a number holds are an error there
    return Promise.resolve(
      options.i64 === "number" ? text.replaceAll(/922337203685477580\d|0x7f{15}/g, "123456789012345") : text,
    );
  };
  const { value, diagnostics } = await compile(MAINS, { read });
  assertEquals(diagnostics.filter(({ severity }) => severity === "error"), []);
  const { validator, ...emitOptions } = options;
  const runtime = join(ROOT, "codecs/codegen.ts");
  const plugins = validator ? [{ plugin: validatorPlugin() }] : [];
  const run = new PluginRun(plugins, { ...emitOptions, runtime });
  const outputs = await run.generate(value) ?? [];
  assertEquals(run.diagnostics.filter(({ severity }) => severity === "error"), []);
  const files = outputs.map(({ path, text }) => {
    const target = join(folder, String(number), path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  });
  return { name: `${number}: ${JSON.stringify(options)}`, options, files };
}

writeFileSync(join(folder, "package.json"), '{ "type": "module" }');

describe("generated code with every two options together", () => {
  const all: Generated[] = [];
  beforeAll(async () => {
    for (const [i, options] of COMBINATIONS.entries()) all.push(await generate(options, i));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("passes the strictest type check", () => {
    const config = JSON.parse(readFileSync(join(ROOT, "tests/golden/tsconfig.json"), "utf8"));
    const { options, errors } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, types: [] }, folder);
    assertEquals(errors, []);
    const files = all.flatMap((each) => each.files);
    const program = ts.createProgram(files, options);
    const found = files.flatMap((file) => {
      const source = program.getSourceFile(file);
      return [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
        ...program.getDeclarationDiagnostics(source),
      ];
    });
    assertEquals(ts.formatDiagnostics(found.slice(0, 20), ts.createCompilerHost(options)), "");
    assert(files.length > 40, `${files.length} files`);
  });

  it("sends values and gets them back, in every protocol", async () => {
    const random = randomSource(31_337);
    let structs = 0;
    for (const { name, options, files } of all) {
      for (const file of files) {
        const module = await import(pathToFileURL(file).href) as Record<string, unknown>;
        const { TWICE = new Map() } = module;
        if (TWICE instanceof Map) assertEquals(TWICE.get("a") ?? 4, 4);
        else assertEquals(Object.entries(TWICE as object).sort(), [["__proto__", 2], ["a", 4]]);
        for (const struct of Object.values(module).filter(isStruct)) {
          if (UNSENDABLE.includes(struct.name)) continue;
          structs++;
          for (const payload of [binary(), compact(), json()]) {
            const value = randomStruct(struct, random);
            const bytes = encode(payload, struct, value);
            const again = decode(payload, struct, bytes);
            assertEquals(encode(payload, struct, again), bytes, `${struct.name} of ${name}`);
          }
          checkFunctions(module, struct, options, random);
        }
      }
    }
    assert(structs > 200, `${structs} structs`);
  });
});

/** The functions that the options add. */
function checkFunctions(
  module: Record<string, unknown>,
  struct: StructSchema,
  options: Generated["options"],
  random: (limit: number) => number,
): void {
  const value = randomStruct(struct, random);
  const call = (stem: string, ...args: unknown[]): unknown => {
    const made = module[`${stem}${struct.name}`];
    return typeof made === "function" ? made(...args) : undefined;
  };
  const copied = call("copy", value);
  const isKnown = copied !== undefined || !options.deepCopy;
  // typedefs of a struct of another file have its schema, and no functions
  if (isKnown && options.deepCopy) assertEquals(encode(binary(), struct, copied), encode(binary(), struct, value));
  const equal = call("equal", value, decode(binary(), struct, encode(binary(), struct, value)));
  if (equal !== undefined) assertEquals(equal, true, struct.name);
  const masked = call("mask", value, Object.fromEntries(struct.fields.map(({ key }) => [key, true])));
  if (masked !== undefined) {
    assertEquals(encode(binary(), struct, masked), encode(binary(), struct, value), struct.name);
  }
  const violations = call("validate", value);
  if (violations !== undefined) assert(Array.isArray(violations));
}

function isStruct(value: unknown): value is StructSchema {
  return typeof value === "object" && value !== null && "fields" in value && "write" in value;
}

function encode(payload: Payload, schema: StructSchema, value: unknown): Uint8Array {
  const w = new WriteBuffer(16);
  payload.codec(schema).encode(w, value);
  return w.written().slice();
}

function decode(payload: Payload, schema: StructSchema, bytes: Uint8Array): unknown {
  return payload.codec(schema).decode(new ReadBuffer().reset(bytes));
}
