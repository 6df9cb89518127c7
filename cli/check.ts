/**
 * `updraft check`: says what is wrong with IDL files.
 *
 * @module
 */
import type { Diagnostic } from "../idl/diagnostics.ts";
import { emit } from "../idl/emit/emit.ts";
import type { Platform } from "../lib/platform.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE } from "./command.ts";
import { expandFolders } from "./idl_files.ts";
import {
  compileInput,
  hasErrors,
  INCLUDE_OPTION,
  isProto,
  readStdin,
  type RecordedReader,
  recordedReader,
  report,
  STDIN,
} from "./idl_input.ts";
import type { ParsedOptions } from "./options.ts";
import { countDiagnostics, plural } from "./print_diagnostics.ts";

/** The command. */
export const check: Command = {
  usage: "check FILE|DIR|-... [-I DIR]... [--json]",
  description: `Checks IDL files and what they include, and reports everything that is wrong with them.
Of a DIR, all .thrift files below it; - reads Thrift from standard input.
Files that end with .proto are checked by @bufbuild/buf, which must be installed.
Ends with 0 if there are no errors, 1 if there are, 2 if the command line cannot be understood.`,
  options: [
    INCLUDE_OPTION,
    { name: "json", help: "Prints the diagnostics to standard output as JSON, for other programs." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  const stdin = await readStdin(platform, options.operands);
  const reader = recordedReader(platform, { stdin: stdin && new TextDecoder().decode(stdin) });
  const operands = stdin === undefined ? await expandFolders(platform.files, options.operands) : [STDIN];
  const proto = operands.filter(isProto);
  const thrift = operands.filter((path) => !isProto(path));
  const outcomes: Checked[] = [];
  if (thrift.length > 0 || proto.length === 0) outcomes.push(await checkThrift(platform, options, reader, thrift));
  if (proto.length > 0) outcomes.push(await checkProto(platform, options, reader, proto));
  const diagnostics = outcomes.flatMap((outcome) => outcome.diagnostics);
  const code = hasErrors(diagnostics) ? EXIT_ERRORS : EXIT_FINE;
  if (options.has("json")) {
    await platform.stdout.write(JSON.stringify({ diagnostics }, undefined, 2) + "\n");
    return code;
  }
  await report(platform, reader, diagnostics);
  const counts = countDiagnostics(diagnostics);
  const files = outcomes.reduce((sum, outcome) => sum + outcome.files, 0);
  await platform.stderr.write(`${plural(files, "file")} checked: ${counts || "no problems"}\n`);
  return code;
}

interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  /** How many files were looked at. */
  readonly files: number;
}

async function checkThrift(
  platform: Platform,
  options: ParsedOptions,
  reader: RecordedReader,
  paths: readonly string[],
): Promise<Checked> {
  const { program, diagnostics } = await compileInput(platform, options, reader, paths);
  const files = program.modules.length;
  return { diagnostics: hasErrors(diagnostics) ? diagnostics : [...diagnostics, ...emit(program).diagnostics], files };
}

/** What buf says of `.proto` files; it is loaded only for them. */
async function checkProto(
  platform: Platform,
  options: ParsedOptions,
  reader: RecordedReader,
  paths: readonly string[],
): Promise<Checked> {
  const { compileProto } = await import("../idl/proto/compile.ts");
  const { value, diagnostics } = await compileProto(platform, paths, reader, {
    includeDirs: options.values("include"),
  });
  return { diagnostics, files: value?.set.file.length ?? paths.length };
}
