/**
 * `updraft gen`: generates TypeScript from IDL files.
 *
 * @module
 */
import { emit } from "../idl/emit/emit.ts";
import type { EmitOptions, OutputFile } from "../idl/emit/options.ts";
import type { Platform } from "../lib/platform.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { type CompiledInput, compileInput, hasErrors, INCLUDE_OPTION, report } from "./idl_input.ts";
import type { ParsedOptions } from "./options.ts";
import { countDiagnostics, plural } from "./print_diagnostics.ts";
import { type SeenFiles, watchAndRepeat } from "./watch.ts";
import { compareOutputs, writeOutputs } from "./write_outputs.ts";

/** The command. */
export const gen: Command = {
  usage: "gen FILE... [-o DIR] [-I DIR]... [OPTION]...",
  description: `Generates a TypeScript file for each IDL file and for what it includes: types, codecs, services.
A file goes to DIR under the path it has below the folder of the FILEs, or below an include folder.
Nothing is written if there is an error, and files that would not change are left alone.
Ends with 0 if all is well, 1 if there are errors, 2 if the command line cannot be understood.`,
  options: [
    { name: "out", short: "o", value: "DIR", help: "Writes there. Default: gen." },
    INCLUDE_OPTION,
    {
      name: "i64",
      value: "TYPE",
      choices: ["bigint", "number", "string"],
      help: "Holds i64 as bigint (default), number or string.",
    },
    {
      name: "maps",
      value: "TYPE",
      choices: ["map", "object"],
      help: "Holds maps with string keys as Map (default: map) or as object.",
    },
    {
      name: "split",
      value: "BY",
      choices: ["file", "namespace"],
      help: "One output for each file (default) or each namespace.",
    },
    { name: "deep-copy", help: "Adds copyX for each struct X: a deep copy." },
    { name: "equality", help: "Adds equalX for each struct X: deep equality." },
    { name: "field-mask", help: "Adds maskX for each struct X: the parts that a mask names; others are not sent." },
    { name: "unknown-fields", help: "Keeps fields that the IDL does not know as $unknown, and sends them on." },
    { name: "no-services", help: "Generates types only." },
    {
      name: "trim",
      value: "NAME",
      repeatable: true,
      help: "Keeps only what NAME needs: Service, Service.method, or another definition.",
    },
    { name: "runtime", value: "MODULE", help: "Imports the runtime from there. Default: @updraft/rpc/codegen." },
    { name: "check", help: "Writes nothing; ends with 1 and a list if a file would change." },
    { name: "watch", help: "Generates again whenever an IDL file changes, until interrupted." },
    { name: "quiet", short: "q", help: "Prints errors only." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  if (options.has("check") && options.has("watch")) throw new UsageError("--check and --watch exclude each other");
  if (!options.has("watch")) return (await generate(platform, options)).code;
  const watched = await watchAndRepeat(platform, async () => (await generate(platform, options)).seen);
  return watched ? EXIT_FINE : EXIT_ERRORS;
}

async function generate(
  platform: Platform,
  options: ParsedOptions,
): Promise<{ readonly code: number; readonly seen: SeenFiles }> {
  const input = await compileInput(platform, options);
  const { outputs, code } = await emitInput(platform, options, input);
  if (outputs === undefined) return { code, seen: input.seen };
  const out = options.value("out") ?? "gen";
  const say = (text: string): Promise<void> =>
    options.has("quiet") ? Promise.resolve() : platform.stdout.write(`${text}\n`);
  if (options.has("check")) {
    const differing = await compareOutputs(platform.files, out, outputs);
    for (const { path, how } of differing) await platform.stdout.write(`${path} ${how}\n`);
    if (differing.length === 0) await say(`${plural(outputs.length, "file")} up to date`);
    return { code: differing.length === 0 ? EXIT_FINE : EXIT_ERRORS, seen: input.seen };
  }
  const written = await writeOutputs(platform.files, out, outputs);
  for (const path of written) await say(`wrote ${path}`);
  const unchanged = outputs.length - written.length;
  if (unchanged > 0) await say(`${plural(unchanged, "file")} unchanged`);
  return { code, seen: input.seen };
}

/** The files to write, or `undefined` if there are errors, which are printed with all warnings. */
async function emitInput(
  platform: Platform,
  options: ParsedOptions,
  input: CompiledInput,
): Promise<{ outputs: readonly OutputFile[] | undefined; code: number }> {
  const emitted = hasErrors(input.diagnostics) ? undefined : emit(input.program, emitOptions(options));
  const diagnostics = [...input.diagnostics, ...emitted?.diagnostics ?? []];
  const failed = hasErrors(diagnostics);
  const shown = options.has("quiet") ? diagnostics.filter((d) => d.severity === "error") : diagnostics;
  await report(platform, input, shown);
  if (failed) await platform.stderr.write(`nothing generated: ${countDiagnostics(diagnostics)}\n`);
  return { outputs: failed ? undefined : emitted?.value, code: failed ? EXIT_ERRORS : EXIT_FINE };
}

function emitOptions(options: ParsedOptions): EmitOptions {
  const i64 = options.value("i64") as EmitOptions["i64"];
  const maps = options.value("maps") as EmitOptions["maps"];
  const split = options.value("split") as EmitOptions["split"];
  const runtime = options.value("runtime");
  return {
    roots: options.values("include"),
    trim: options.values("trim"),
    deepCopy: options.has("deep-copy"),
    equality: options.has("equality"),
    fieldMask: options.has("field-mask"),
    unknownFields: options.has("unknown-fields"),
    services: !options.has("no-services"),
    ...(i64 === undefined ? {} : { i64 }),
    ...(maps === undefined ? {} : { maps }),
    ...(split === undefined ? {} : { split }),
    ...(runtime === undefined ? {} : { runtime }),
  };
}
