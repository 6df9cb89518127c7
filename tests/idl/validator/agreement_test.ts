/**
 * Generated validators find what the interpreter of the same rules finds: for random rules, and random values of them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "../../../idl/compile.ts";
import type { EmitOptions } from "../../../idl/emit/options.ts";
import { memoryReader } from "../../../idl/load.ts";
import { PluginRun } from "../../../idl/plugin/plugin_run.ts";
import { SchemaSet } from "../../../idl/schema.ts";
import { RuleInterpreter } from "../../../idl/validator/interpret.ts";
import { validatorPlugin } from "../../../idl/validator/plugin.ts";
import { readRules } from "../../../idl/validator/read_rules.ts";
import type { Validator } from "../../../lib/schema/violation.ts";
import { ROOT } from "../../run_program.ts";
import { randomSource } from "../emit/random_values.ts";
import { randomRules, smallStruct } from "./rules_text.ts";

const STRUCTS = 40;
const VALUES = 60;
const folder = mkdtempSync(join(tmpdir(), "updraft-rules-"));

const HELD: readonly EmitOptions[] = [{}, { i64: "number", maps: "object" }, { i64: "string" }];

describe("generated validators", () => {
  afterAll(() => rmSync(folder, { recursive: true }));

  for (const [i, options] of HELD.entries()) {
    it(`call functions of the user as the interpreter does, held as ${JSON.stringify(options)}`, async () => {
      const text = `struct S { 1: i64 id 2: i32 n 3: string s
  4: i64 x (vt.gt = "@mine($id, 1, 0x7fffffffffffffff, 1.5, 'a', @len($s), @add($id, 2), @mod($n, 2), @sprintf('%d', @mod($n, 2)))")
}`;
      const { value: program } = await compile(["s.thrift"], memoryReader({ "s.thrift": text }));
      writeFileSync(
        join(folder, "mine.ts"),
        "export const calls: unknown[][] = [];\nexport const mine = (...args: unknown[]): void => void calls.push(args);\n",
      );
      const runtime = pathToFileURL(join(ROOT, "codecs/codegen.ts")).href;
      const use = { plugin: validatorPlugin(), options: new Map([["func", ["mine=../mine.ts#mine"]]]) };
      const [output] = await new PluginRun([use], { ...options, runtime }).generate(program) ?? [];
      mkdirSync(join(folder, `own${i}`));
      writeFileSync(join(folder, `own${i}/s.ts`), output?.text ?? "");
      const { calls, mine } = await import(pathToFileURL(join(folder, "mine.ts")).href) as {
        calls: unknown[][];
        mine: (...args: unknown[]) => void;
      };
      const { validateS } = await import(pathToFileURL(join(folder, `own${i}/s.ts`)).href) as {
        validateS: Validator<unknown>;
      };
      const ignore = (): void => {};
      const rules = readRules(program, { error: ignore, warning: ignore }, ["mine"]);
      const [def] = program.mains[0]?.definitions ?? [];
      assert(def?.kind === "struct");
      const id = options.i64 === "number" ? 5 : options.i64 === "string" ? "5" : 5n;
      const value = { id, n: -4, s: "abc", x: id };
      calls.length = 0;
      validateS(value);
      new RuleInterpreter(rules, { ...options, functions: { mine } }).validate(def, value);
      assertEquals(calls.length, 2);
      assertEquals(calls[1], calls[0]);
      assertEquals(calls[0]?.at(-1), "0");
    });
  }
  it("and the interpreter end for values that hold themselves in several places", async () => {
    const text = 'struct S { 1: list<S> more 2: i32 n (vt.gt = "0") }';
    const { value: program } = await compile(["s.thrift"], memoryReader({ "s.thrift": text }));
    const runtime = pathToFileURL(join(ROOT, "codecs/codegen.ts")).href;
    const [output] = await new PluginRun([{ plugin: validatorPlugin() }], { runtime }).generate(program) ?? [];
    writeFileSync(join(folder, "itself.ts"), output?.text ?? "");
    const { validateS } = await import(pathToFileURL(join(folder, "itself.ts")).href) as {
      validateS: Validator<unknown>;
    };
    const ignore = (): void => {};
    const [def] = program.mains[0]?.definitions ?? [];
    assert(def?.kind === "struct");
    const value: { more: unknown[]; n: number } = { more: [], n: 1 };
    value.more.push(value, value, value);
    const found = validateS(value);
    assertEquals(found.length, 1_000);
    const interpreter = new RuleInterpreter(readRules(program, { error: ignore, warning: ignore }));
    assertEquals(interpreter.validate(def, value), found);
  });

  for (const [seed, options] of [...HELD, ...HELD].entries()) {
    it(`agree with the interpreter on random rules ${seed + 1}, held as ${JSON.stringify(options)}`, async () => {
      const random = randomSource(7_919 * (seed + 1));
      const text = randomRules(random, STRUCTS);
      const { value: program, diagnostics } = await compile(["rules.thrift"], memoryReader({ "rules.thrift": text }));
      assertEquals(diagnostics.filter((d) => d.severity === "error").map((d) => d.message), []);
      const runtime = pathToFileURL(join(ROOT, "codecs/codegen.ts")).href;
      const run = new PluginRun([{ plugin: validatorPlugin() }], { ...options, runtime });
      const [output] = await run.generate(program) ?? [];
      assertEquals(run.diagnostics.filter((d) => d.severity === "error").map((d) => `${d.line}: ${d.message}`), []);
      assert(output !== undefined);
      const file = join(folder, `rules${seed}.ts`);
      writeFileSync(file, output.text);
      const generated = await import(pathToFileURL(file).href) as Record<string, Validator<unknown>>;
      const ignore = (): void => {};
      const interpreter = new RuleInterpreter(readRules(program, { error: ignore, warning: ignore }), options);
      const schemas = new SchemaSet(program, options);
      const seen = { valid: 0, rules: new Set<string>() };
      for (const def of program.modules[0]?.definitions ?? []) {
        const schema = schemas.struct(def.name);
        if (schema === undefined || def.kind === "typedef" || def.kind === "const") continue;
        if (def.kind === "enum" || def.kind === "service") continue;
        for (let i = 0; i < VALUES; i++) {
          const value = smallStruct(schema, random);
          const expected = interpreter.validate(def, value);
          assertEquals(generated[`validate${def.name}`]?.(value), expected, def.name);
          if (expected.length === 0) seen.valid++;
          for (const { rule } of expected) seen.rules.add(rule);
        }
      }
      // the values must tell rules apart: some break none, together they break nearly all
      assert(seen.valid > 50, `${seen.valid} values are valid`);
      assert(seen.rules.size >= 17, [...seen.rules].join(" "));
    });
  }
});
