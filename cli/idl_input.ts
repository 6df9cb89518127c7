/**
 * Compiles the IDL files a command line names, and reports what is wrong with them.
 *
 * @module
 */
import { compile } from "../idl/compile.ts";
import type { Diagnostic } from "../idl/diagnostics.ts";
import type { SourceReader } from "../idl/load.ts";
import type { Program } from "../idl/model.ts";
import type { PluginRun } from "../idl/plugin/plugin_run.ts";
import { SourceText } from "../idl/source.ts";
import type { Files, Platform } from "../lib/platform.ts";
import { hasColors } from "./color.ts";
import { UsageError } from "./command.ts";
import { readIdlFile } from "./idl_files.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";
import { type Explained, printDiagnostics } from "./print_diagnostics.ts";
import type { SeenFiles } from "./watch.ts";

/** The option that names include folders. */
export const INCLUDE_OPTION: OptionSpec = {
  name: "include",
  short: "I",
  value: "DIR",
  repeatable: true,
  help: "Looks for includes there, after the working directory and the including file's.",
};

/** How messages call standard input, and what stands for its path. */
export const STDIN = "<stdin>";

/**
 * The bytes of standard input if the operand is `-`, else `undefined`. Rejects with a `UsageError` if there are other operands
 * beside it.
 */
export async function readStdin(
  platform: Pick<Platform, "stdin">,
  operands: readonly string[],
): Promise<Uint8Array | undefined> {
  if (!operands.includes("-")) return undefined;
  if (operands.length > 1) throw new UsageError("- stands alone: standard input is one file");
  return new Uint8Array(await new Response(platform.stdin).arrayBuffer());
}

/** What came of the files. */
export interface CompiledInput {
  /** The program; whole only if no diagnostic is an error. */
  readonly program: Program;
  /** All diagnostics, sorted. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every path that was looked at, with the time of its last change, or `null` where no file was. */
  readonly seen: SeenFiles;
  /** A line of a file that was read. */
  line(file: string, line: number): string | undefined;
}

/** Reads files for a compiler and remembers what it saw. */
export interface RecordedReader extends SourceReader {
  /** Every path that was looked at, with the time of its last change, or `null` where no file was. */
  readonly seen: SeenFiles;
  /** A line of a file that was read. */
  line(file: string, line: number): string | undefined;
}

/** Options of `recordedReader`. */
export interface ReaderOptions {
  /** What makes of Thrift files what they are to be. */
  readonly plugins?: Pick<PluginRun, "reader">;
  /** Where to note what was looked at. Default: a new map. */
  readonly seen?: Map<string, number | null>;
  /** The text at the path `STDIN`. Default: none, it is a path like others. */
  readonly stdin?: string | undefined;
}

/** A reader of the platform's files; lines are those of what it gave. */
export function recordedReader(platform: Platform, options: ReaderOptions = {}): RecordedReader {
  const { seen = new Map(), plugins, stdin } = options;
  const texts = new Map<string, string | null>();
  const sources = new Map<string, SourceText>();
  const looking: Pick<Files, "stat" | "readText"> = {
    async stat(path) {
      seen.set(path, null); // also if it cannot be looked at
      const found = await platform.files.stat(path);
      seen.set(path, found?.mtimeMs ?? null);
      return found;
    },
    readText: (path) => platform.files.readText(path),
  };
  const files: SourceReader = {
    read: async (path) => stdin !== undefined && path === STDIN ? stdin : await readIdlFile(looking, path),
  };
  const thrift = plugins?.reader(files) ?? files;
  return {
    seen,
    async read(path) {
      const text = await (isProto(path) ? files : thrift).read(path);
      texts.set(path, text);
      return text;
    },
    line(file, line) {
      let source = sources.get(file);
      if (source === undefined) sources.set(file, source = new SourceText(file, texts.get(file) ?? ""));
      return source.line(line);
    },
  };
}

/** Is it a file of Protocol Buffers? */
export function isProto(path: string): boolean {
  return path.endsWith(".proto");
}

/** Compiles the operands of a command line. Rejects with a `UsageError` if there are none. */
export async function compileInput(
  platform: Platform,
  options: ParsedOptions,
  reader: RecordedReader = recordedReader(platform),
  operands: readonly string[] = options.operands,
): Promise<CompiledInput> {
  if (operands.length === 0) throw new UsageError("name at least one IDL file");
  const { value, diagnostics } = await compile(operands, reader, {
    includeDirs: options.values("include"),
    cwd: platform.cwd(),
  });
  return { program: value, diagnostics, seen: reader.seen, line: reader.line };
}

/** Prints diagnostics to standard error. */
export async function report(
  platform: Platform,
  input: Pick<CompiledInput, "line">,
  diagnostics: readonly Explained[],
): Promise<void> {
  if (diagnostics.length === 0) return;
  const color = hasColors(platform, platform.stderr);
  await platform.stderr.write(printDiagnostics(diagnostics, { color, line: input.line }));
}

/** Is one of them an error? */
export function hasErrors(diagnostics: readonly Diagnostic<string>[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
