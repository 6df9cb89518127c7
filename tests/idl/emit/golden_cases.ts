/**
 * What `tests/golden` is generated from: each group of files with its options.
 *
 * @module
 */
import { compile } from "../../../idl/compile.ts";
import { emit } from "../../../idl/emit/emit.ts";
import type { EmitOptions, OutputFile } from "../../../idl/emit/options.ts";
import type { Program } from "../../../idl/model.ts";
import { PluginRun } from "../../../idl/plugin/plugin_run.ts";
import { validatorPlugin } from "../../../idl/validator/plugin.ts";
import type { Platform } from "../../../lib/platform.ts";

/** Files that are generated together. */
export interface GoldenCase {
  /** Folder below the root of the project: IDL and expected files. */
  readonly folder: string;
  /** The IDL files. */
  readonly files: readonly string[];
  /** Where the expected files are, below `folder`. Default: in it. */
  readonly out?: string;
  /** How the expected files end. Default: `.ts`. */
  readonly ending?: string;
  /** Options. */
  readonly options: EmitOptions;
  /** True to generate validators too. */
  readonly validate?: true;
}

/** All of them. */
export const GOLDEN_CASES: readonly GoldenCase[] = [
  {
    folder: "tests/golden",
    files: ["base.thrift", "types.thrift", "names.thrift", "constants.thrift", "services.thrift"],
    options: {},
  },
  { folder: "tests/golden", files: ["held.thrift"], options: { i64: "number", maps: "object" } },
  {
    folder: "tests/golden",
    files: ["types.thrift"],
    out: "extras",
    options: { deepCopy: true, equality: true, fieldMask: true, unknownFields: true, services: false },
  },
  { folder: "tests/golden", files: ["rules.thrift"], options: {}, validate: true },
  { folder: "tests/golden/all_rules", files: ["validator-all-rules.thrift"], options: {}, validate: true },
  {
    folder: "tests/golden",
    files: ["rules.thrift"],
    out: "held_rules",
    options: { i64: "string", maps: "object", services: false },
    validate: true,
  },
  { folder: "tests/interop", files: ["echo.thrift"], out: "gen", options: {} },
  { folder: "tests/codecs/thrift", files: ["sample.thrift"], ending: ".gen.ts", options: {} },
  {
    folder: "idl/plugin",
    files: ["protocol.thrift"],
    out: "gen",
    options: { runtime: "../../../codecs/codegen.ts" },
  },
];

/** Generates a case; paths are relative to the root of the project. Rejects if there is an error. */
export async function generateCase(platform: Platform, each: GoldenCase): Promise<OutputFile[]> {
  const reader = {
    read: async (path: string): Promise<string | null> =>
      await platform.files.stat(path) === null ? null : await platform.files.readText(path),
  };
  const { value, diagnostics } = await compile(each.files.map((file) => `${each.folder}/${file}`), reader);
  const errors = diagnostics.filter((d) => d.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((d) => `${d.file}:${d.line}: ${d.message}`).join("\n"));
  const outputs = each.validate === true
    ? await generateValidated(value, each.options)
    : emit(value, each.options).value;
  const folder = each.out === undefined ? each.folder : `${each.folder}/${each.out}`;
  return outputs.map(({ path, text }) => ({ path: `${folder}/${path.replace(/\.ts$/, each.ending ?? ".ts")}`, text }));
}

async function generateValidated(program: Program, options: EmitOptions): Promise<readonly OutputFile[]> {
  const run = new PluginRun([{ plugin: validatorPlugin() }], options);
  const outputs = await run.generate(program);
  const problems = run.diagnostics.filter((d) => d.severity === "error").map((d) =>
    `${d.file}:${d.line}: ${d.message}`
  );
  if (outputs === undefined || problems.length > 0) throw new Error(problems.join("\n"));
  return outputs;
}
