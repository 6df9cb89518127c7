/**
 * `updraft gen`: generates TypeScript from IDL files.
 *
 * @module
 */
import { type Outcome, sortDiagnostics } from "../idl/diagnostics.ts";
import type { OutputFile } from "../idl/emit/options.ts";
import { uninterrupted } from "../idl/interrupted.ts";
import { PluginRun } from "../idl/plugin/plugin_run.ts";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { expandFolders } from "./idl_files.ts";
import {
  compileInput,
  hasErrors,
  INCLUDE_OPTION,
  isProto,
  type RecordedReader,
  recordedReader,
  report,
} from "./idl_input.ts";
import { EMIT_OPTIONS, emitOptions } from "./emit_options.ts";
import type { ParsedOptions } from "./options.ts";
import { PLUGIN_OPTIONS } from "./plugin_options.ts";
import { countDiagnostics, plural, printable } from "./print_diagnostics.ts";
import { watchAndRepeat } from "./watch.ts";
import { compareOutputs, writeOutputs } from "./write_outputs.ts";

/** The command. */
export const gen: Command = {
  usage: "gen FILE|DIR... [-o DIR] [-I DIR]... [OPTION]...",
  description: `Generates a TypeScript file for each IDL file and for what it includes: types, codecs, services.
Of a DIR, for all .thrift files below it.
For a .proto file that is messages (x_pb.ts) and services (x_rpc.ts); it takes the packages @bufbuild/buf and
@bufbuild/protoc-gen-es.
A file goes to DIR under the path it has below the folder of the FILEs, or below an include folder.
Nothing is written if there is an error, and files that would not change are left alone.
Ends with 0 if all is well, 1 if there are errors, 2 if the command line cannot be understood.`,
  options: [
    { name: "out", short: "o", value: "DIR", help: "Writes there. Default: gen." },
    INCLUDE_OPTION,
    ...EMIT_OPTIONS,
    ...PLUGIN_OPTIONS,
    { name: "check", help: "Writes nothing; ends with 1 and a list if a file would change." },
    { name: "watch", help: "Generates again whenever an IDL file changes, until interrupted." },
    { name: "quiet", short: "q", help: "Prints errors only." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  if (options.has("check") && options.has("watch")) throw new UsageError("--check and --watch exclude each other");
  if (options.value("out") === "") throw new UsageError("--out needs the name of a folder");
  if (options.value("runtime") === "") throw new UsageError("--runtime needs the name of a module");
  if (options.values("trim").includes("")) throw new UsageError("--trim needs the name of a definition");
  if (!options.has("watch")) return await generate(platform, options, new Map());
  const watched = await watchAndRepeat(platform, async () => {
    const seen = new Map<string, number | null>();
    try {
      await generate(platform, options, seen);
    } catch (reason) {
      // the next change may mend it
      if (!(reason instanceof RpcError) || reason.kind !== "invalid") throw reason;
      await platform.stderr.write(`updraft: ${printable(reason.message)}\n`);
    }
    return seen;
  });
  return watched ? EXIT_FINE : EXIT_ERRORS;
}

/** Does all of it once and gives the exit code; what it looked at goes to `seen`. */
async function generate(platform: Platform, options: ParsedOptions, seen: Map<string, number | null>): Promise<number> {
  const operands = await expandFolders(platform.files, options.operands, seen);
  // what plugins stand on is loaded only if there are any
  const plugins = options.has("plugin")
    ? await (await import("./plugins.ts")).loadPlugins(platform, options, seen)
    : [];
  const pluginRun = new PluginRun(plugins, emitOptions(options));
  const reader = recordedReader(platform, { plugins: pluginRun, seen });
  const outputs = await emitFiles(platform, options, operands, reader, pluginRun).finally(async () => {
    // what plugins said may explain why one of them failed
    const notes = options.has("quiet") ? [] : pluginRun.notes;
    await platform.stderr.write(notes.map((note) => `${printable(note)}\n`).join(""));
  });
  if (outputs === undefined) return EXIT_ERRORS;
  const out = options.value("out") ?? "gen";
  const say = (text: string): Promise<void> =>
    options.has("quiet") ? Promise.resolve() : platform.stdout.write(`${text}\n`);
  if (options.has("check")) {
    const differing = await compareOutputs(platform.files, out, outputs);
    for (const { path, how } of differing) await platform.stdout.write(`${path} ${how}\n`);
    if (differing.length === 0) await say(`${plural(outputs.length, "file")} up to date`);
    return differing.length === 0 ? EXIT_FINE : EXIT_ERRORS;
  }
  const written = await uninterrupted(platform, () => writeOutputs(platform.files, out, outputs));
  for (const path of written) await say(`wrote ${path}`);
  const unchanged = outputs.length - written.length;
  if (unchanged > 0) await say(`${plural(unchanged, "file")} unchanged`);
  return EXIT_FINE;
}

/** The files to write, or `undefined` if there are errors, which are printed with all warnings. */
async function emitFiles(
  platform: Platform,
  options: ParsedOptions,
  operands: readonly string[],
  reader: RecordedReader,
  pluginRun: PluginRun,
): Promise<readonly OutputFile[] | undefined> {
  const proto = operands.filter(isProto);
  const thrift = operands.filter((path) => !isProto(path));
  const outcomes: Outcome<readonly OutputFile[]>[] = [];
  if (thrift.length > 0 || proto.length === 0) {
    outcomes.push(await emitThrift(platform, options, reader, thrift, pluginRun));
  }
  if (proto.length > 0) outcomes.push(await emitProto(platform, options, reader, proto, thrift.length === 0));
  const diagnostics = outcomes.flatMap((outcome) => outcome.diagnostics);
  const failed = hasErrors(diagnostics);
  const shown = options.has("quiet") ? diagnostics.filter((d) => d.severity === "error") : diagnostics;
  await report(platform, reader, shown);
  if (failed) await platform.stderr.write(`nothing generated: ${countDiagnostics(diagnostics)}\n`);
  return failed ? undefined : outcomes.flatMap((outcome) => outcome.value);
}

async function emitThrift(
  platform: Platform,
  options: ParsedOptions,
  reader: RecordedReader,
  files: readonly string[],
  pluginRun: PluginRun,
): Promise<Outcome<readonly OutputFile[]>> {
  const input = await compileInput(platform, options, reader, files);
  const outputs = hasErrors(input.diagnostics) ? undefined : await pluginRun.generate(input.program);
  return { value: outputs ?? [], diagnostics: sortDiagnostics([...input.diagnostics, ...pluginRun.diagnostics]) };
}

/** Options that say something about `.proto` files; `--runtime` only where it cannot mean that of Thrift. */
const PROTO_OPTIONS: readonly string[] = ["out", "include", "no-services", "runtime", "check", "watch", "quiet"];

async function emitProto(
  platform: Platform,
  options: ParsedOptions,
  reader: RecordedReader,
  files: readonly string[],
  alone: boolean,
): Promise<Outcome<readonly OutputFile[]>> {
  const misplaced = gen.options.find(({ name }) => options.has(name) && !PROTO_OPTIONS.includes(name));
  if (alone && misplaced !== undefined) throw new UsageError(`--${misplaced.name} is for Thrift files only`);
  const { generateProto } = await import("../idl/proto/generate.ts");
  return await generateProto(platform, files, reader, {
    includeDirs: options.values("include"),
    services: !options.has("no-services"),
    runtime: alone ? options.value("runtime") : undefined,
  });
}
