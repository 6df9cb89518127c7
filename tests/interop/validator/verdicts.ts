/**
 * Judges the same values by our validators and by those of the real thrift-gen-validator: `verdicts.ts PROGRAM`, the path of
 * `validator-verdicts`. Both are generated from `rules.thrift`.
 *
 * Both must agree whether a value is valid, and on the first rule that it breaks, but for the documented differences, each of
 * which must be met. Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a struct and ends with exit code 1 if any
 * failed.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { binary } from "../../../codecs/thrift/mod.ts";
import { compile } from "../../../idl/compile.ts";
import { PluginRun } from "../../../idl/plugin/plugin_run.ts";
import { SchemaSet } from "../../../idl/schema.ts";
import { validatorPlugin } from "../../../idl/validator/plugin.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { StructSchema } from "../../../lib/schema/types.ts";
import type { Validator, Violation } from "../../../lib/schema/violation.ts";
import { sprintf } from "../../../lib/validation/sprintf.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { randomSource } from "../../idl/emit/random_values.ts";
import { edges, randomStruct } from "./values.ts";

type Fields = Record<string, unknown>;

/** Random values of each struct, beside every edge of every field. */
const RANDOM = 120;
const here = new URL(".", import.meta.url);
const platform = await autoPlatform();
const { files } = platform;

/** Where both may differ: the struct, the entry of the list in docs/validator.md, and the values for which they do. */
const DIFFERENCES: Readonly<Record<string, readonly [entry: string, differs: (value: Fields) => boolean]>> = {
  IntNarrower: ["Numbers of different types are compared exactly", ({ b }) => BigInt.asIntN(8, b as bigint) !== b],
  IntFraction: [
    "Numbers of different types are compared exactly",
    ({ b }) => !Number.isInteger(b) || Math.abs(b as number) > 2 ** 31,
  ],
  IntAgainstAbsent: ["A comparison with an absent field holds", ({ b }) => b === undefined],
  BinaryAbsent: ["Absent containers and binaries have no size", ({ a }) => a === undefined],
  ListAbsent: ["Absent containers and binaries have no size", ({ a, b }) => a === undefined || b === undefined],
  NestedSilently: ["Containers of structs are always looked into", () => true],
  Sum: ["Sums do not overflow", ({ b }) => (b as bigint) > 2n ** 63n - 3n || (b as bigint) < 3n - 2n ** 63n],
  RemainderByZero: ["`@mod` by zero breaks what asks for it", ({ b }) => b === 0n],
  ...Object.fromEntries(["Lt", "Le", "Gt", "Ge"].map((rule) => [`Double${rule}`, nan("a")])),
  DoubleReference: nan("a", "b"),
  ListOfDoubles: ["NaN breaks every comparison", ({ a }) => (a as number[]).some(Number.isNaN)],
};

function nan(...keys: string[]): readonly [string, (value: Fields) => boolean] {
  return ["NaN breaks every comparison", (value) => keys.some((key) => Number.isNaN(value[key]))];
}

/** What makes a value right that would hardly ever be so by chance. */
const COMPLETED: Readonly<Record<string, (value: Fields) => void>> = {
  Joined: (value) => void (value.a = `${value.b}${value.c}`),
  SprintfWhole: (value) => void (value.a = repeated("%d|%x|%X|%o|%b|%5d|%-5d|%05d|%+d|% d|%v|%08x", value.b)),
  SprintfDouble: (value) =>
    void (value.a = repeated("%f|%.2f|%8.3f|%-8.1f|%e|%g|%v|%+.1e|%08.2f|%.0f|%.0e|%.3g|%.10g|%G", value.b)),
  SprintfText: (value) => {
    const { b, c } = value;
    value.a = sprintf("%s|%v|%5s|%-5s|%.1s|%x|%X|%t|%v|%%|%3v")(b, b, b, b, b, b, b, c, c, b);
  },
  Length: (value) => {
    const [b, d, f, h] = [
      value.b as string,
      value.d as unknown[],
      value.f as Map<unknown, unknown>,
      value.h as Uint8Array,
    ];
    const size = (text: string): number => new TextEncoder().encode(text).length;
    Object.assign(value, { a: size(b), c: BigInt(d.length), e: f.size, g: h.length });
  },
};

function repeated(format: string, value: unknown): string | undefined {
  return sprintf(format)(...format.split("|").map(() => value));
}

interface Judged {
  readonly struct: string;
  readonly value: Fields;
  /** As thrift-gen-validator gets it: a `Case` with the value, and its length before it. */
  readonly bytes: Uint8Array;
  readonly found: readonly Violation[];
}

/** What Go's validator said: nothing, a panic, or the rule that is broken and the Go name of the field or part. */
type Said = "valid" | "panic" | { readonly field: string; readonly rule: string };

/** Generates and imports both our codecs and our validators. */
async function generated(folder: string): Promise<{ schemas: SchemaSet; module: Record<string, unknown> }> {
  const text = await files.readText(pathOf("rules.thrift"));
  const { value: program, diagnostics } = await compile(["rules.thrift"], { read: () => Promise.resolve(text) });
  assertEquals(diagnostics.map((d) => d.message), []);
  const runtime = new URL("../../../codecs/codegen.ts", import.meta.url).href;
  const run = new PluginRun([{ plugin: validatorPlugin() }], { runtime });
  const [output] = await run.generate(program) ?? [];
  assertEquals(run.diagnostics.map((d) => `${d.line}: ${d.message}`), []);
  assert(output !== undefined);
  await files.write(`${folder}/rules.ts`, output.text);
  return {
    schemas: new SchemaSet(program),
    module: await import(new URL(`file://${folder}/rules.ts`).href) as Record<string, unknown>,
  };
}

/** Makes and judges the values of one member of `Case`. */
function judgedValues(
  cases: StructSchema,
  key: string,
  validate: Validator<unknown>,
  random: (limit: number) => number,
): Judged[] {
  const type = cases.fields.find((field) => field.key === key)?.type;
  assert(type?.kind === "struct");
  const schema = type.of();
  const complete = COMPLETED[schema.name];
  const values = Array.from({ length: RANDOM }, (_, i) => {
    const value = randomStruct(schema, random) as Fields;
    if (i % 2 === 0) complete?.(value);
    return value;
  });
  for (const field of schema.fields) {
    for (const edge of edges(field.type, random)) {
      if (schema.kind === "union") values.push({ kind: field.key, value: edge });
      else values.push({ ...randomStruct(schema, random) as Fields, [field.key]: edge });
    }
  }
  const codec = binary().codec(cases);
  return values.map((value) => {
    const w = new WriteBuffer(64);
    codec.encode(w, { [key]: value });
    const payload = w.written().slice();
    const bytes = new Uint8Array(4 + payload.length);
    new DataView(bytes.buffer).setUint32(0, payload.length);
    bytes.set(payload, 4);
    // what a receiver gets has defaults filled in
    const received = (codec.decode(new ReadBuffer().reset(payload)) as Fields)[key] as Fields;
    return { struct: schema.name, value: received, bytes, found: validate(received) };
  });
}

/** Runs Go's side over all values: a line for each. */
async function theirs(program: string, all: readonly Judged[]): Promise<string[]> {
  const child = await platform.spawn(program, [], {});
  const write = async (): Promise<void> => {
    const writer = child.stdin.getWriter();
    for (const { bytes } of all) await writer.write(bytes);
    await writer.close();
  };
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr), write()]);
  assertEquals([(await child.exited).code, err], [0, ""]);
  return out.trimEnd().split("\n").map((line) => JSON.parse(line) as string);
}

/** Reads Go's error, without the member of `Case` that it begins with. */
function read(text: string): Said {
  if (text === "") return "valid";
  if (text.startsWith("panic: ")) return "panic";
  const parts = /^field \w+ not valid, (?:field (\w+) not valid, )?((?:field \w+ not valid, )*)(.*)$/s.exec(text);
  assert(parts !== null, text);
  const [, outer, , last = ""] = parts;
  if (last === "struct assertion failed") return { field: outer ?? "", rule: "assert" };
  const broken = /^field (\w+) (?:not match (const) value|(\w+) rule failed)/.exec(last);
  assert(broken !== null, text);
  const [, inner = "", constant, rule = ""] = broken;
  const sizes: Readonly<Record<string, string>> = {
    min_len: "min_size",
    max_len: "max_size",
    MinLen: "min_size",
    MaxLen: "max_size",
  };
  return { field: outer ?? inner, rule: constant ?? sizes[rule] ?? rule };
}

/** What differs, as a sentence; `undefined` if both say the same. */
function difference({ found }: Judged, said: Said): string | undefined {
  const [first] = found;
  const ours = found.map(({ path, rule }) => `${path} ${rule}`).join(", ");
  if (said === "panic") return `theirs panics, ours: ${ours || "valid"}`;
  if (said === "valid" || first === undefined) {
    return said === "valid" && first === undefined
      ? undefined
      : `theirs: ${JSON.stringify(said)}, ours: ${ours || "valid"}`;
  }
  // maps have another order there, and parts of containers are called `_elem`, `k` and `v`
  const isPart = /^(?:_elem\d*|k\d*|v\d*)$/.test(said.field);
  const candidates = isPart && /[[ ]/.test(first.path) ? found : [first];
  const same = candidates.some(({ path, rule }) =>
    rule === said.rule &&
    (isPart ? /[[ ]/.test(path) : path.split(/[.[]/)[0]?.toLowerCase() === said.field.toLowerCase())
  );
  return same ? undefined : `theirs: ${JSON.stringify(said)}, ours: ${ours}`;
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

function pathOf(name: string): string {
  return decodeURIComponent(new URL(name, here).pathname);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "bigint" || (typeof part === "number" && !Number.isFinite(part))) return String(part);
    if (part instanceof Map || part instanceof Set) return [...part];
    return part instanceof Uint8Array ? [...part] : part;
  });
}

/** Throws where a struct is judged otherwise; gives how many values were, and which rules were seen broken. */
function compareStruct(name: string, all: readonly (readonly [Judged, Said])[]): string {
  const [entry, differs] = DIFFERENCES[name] ?? [];
  let allowed = 0;
  let valid = 0;
  for (const [judged, said] of all) {
    const text = difference(judged, said);
    if (text === undefined) {
      if (said === "valid") valid++;
    } else if (differs?.(judged.value) === true) allowed++;
    else throw new Error(`${show(judged.value)}: ${text}`);
  }
  assert(entry === undefined || allowed > 0, `no value shows: ${entry}`);
  const broken = all.filter(([{ found }]) => found.length > 0).length;
  assert(valid > 0 && broken > 0, `${valid} are valid and ${broken} are not: rules that tell nothing apart`);
  return `${all.length} values, ${valid} valid${allowed > 0 ? `, ${allowed} judged otherwise` : ""}`;
}

let passed = 0;
let failed = 0;
async function check(name: string, run: () => string | void | Promise<void>): Promise<void> {
  try {
    const text = await run();
    passed++;
    await platform.stdout.write(`PASS ${name}${text === undefined ? "" : `: ${text}`}\n`);
  } catch (error) {
    failed++;
    const text = error instanceof Error ? error.message : String(error);
    await platform.stdout.write(`FAIL ${name}: ${text.replaceAll("\n", " ").slice(0, 1000)}\n`);
  }
}

const folder = await files.makeTempDir("updraft-verdicts-");
try {
  const { schemas, module } = await generated(folder);
  const cases = schemas.struct("Case");
  assert(cases !== undefined);
  const random = randomSource(20_240_607);
  const all = cases.fields.map(({ key, name }) => {
    const struct = name[0]!.toUpperCase() + name.slice(1);
    return [struct, judgedValues(cases, key, module[`validate${struct}`] as Validator<unknown>, random)] as const;
  });
  const judged = all.flatMap(([, values]) => values);
  const said = await theirs(platform.args[0] ?? "", judged);
  assertEquals(said.length, judged.length);
  let at = 0;
  for (const [struct, values] of all) {
    const pairs = values.map((value) => [value, read(said[at++]!)] as const);
    await check(`judges ${struct} as Go does`, () => compareStruct(struct, pairs));
  }
  await check("differs only where the documentation says so", async () => {
    const text = (await files.readText(pathOf("../../../docs/validator.md"))).replaceAll(/\s+/g, " ");
    const missing = Object.values(DIFFERENCES).map(([entry]) => entry).filter((entry) => !text.includes(entry));
    assertEquals(missing, []);
  });
} finally {
  await files.remove(folder);
}
await platform.stdout.write(`${passed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
