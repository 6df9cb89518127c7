/**
 * Compiles the IDL files a command line names, and reports what is wrong with them.
 *
 * @module
 */
import { compile } from "../idl/compile.ts";
import type { Diagnostic } from "../idl/diagnostics.ts";
import type { Program } from "../idl/model.ts";
import { SourceText } from "../idl/source.ts";
import type { Platform } from "../lib/platform.ts";
import { UsageError } from "./command.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";
import { printDiagnostics } from "./print_diagnostics.ts";
import type { SeenFiles } from "./watch.ts";

/** The option that names include folders. */
export const INCLUDE_OPTION: OptionSpec = {
  name: "include",
  short: "I",
  value: "DIR",
  repeatable: true,
  help: "Looks for includes there, after the working directory and the including file's.",
};

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

/** Compiles the operands of a command line. Rejects with a `UsageError` if there are none. */
export async function compileInput(platform: Platform, options: ParsedOptions): Promise<CompiledInput> {
  if (options.operands.length === 0) throw new UsageError("name at least one IDL file");
  const texts = new Map<string, string | null>();
  const seen = new Map<string, number | null>();
  const reader = {
    read: async (path: string): Promise<string | null> => {
      const found = await platform.files.stat(path);
      const text = found?.kind === "file" ? await platform.files.readText(path) : null;
      seen.set(path, found?.mtimeMs ?? null);
      texts.set(path, text);
      return text;
    },
  };
  const { value, diagnostics } = await compile(options.operands, reader, {
    includeDirs: options.values("include"),
    cwd: platform.cwd(),
  });
  const sources = new Map<string, SourceText>();
  const line = (file: string, line: number): string | undefined => {
    let source = sources.get(file);
    if (source === undefined) sources.set(file, source = new SourceText(file, texts.get(file) ?? ""));
    return source.line(line);
  };
  return { program: value, diagnostics, seen, line };
}

/** Prints diagnostics to standard error. */
export async function report(
  platform: Platform,
  input: CompiledInput,
  diagnostics: readonly Diagnostic[] = input.diagnostics,
): Promise<void> {
  if (diagnostics.length === 0) return;
  const color = platform.stderr.isTerminal && (platform.env("NO_COLOR") ?? "") === "";
  await platform.stderr.write(printDiagnostics(diagnostics, { color, line: input.line }));
}

/** Is one of them an error? */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
