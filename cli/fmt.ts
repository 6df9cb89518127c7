/**
 * `updraft fmt`: writes IDL files in one style.
 *
 * @module
 */
import { format } from "../idl/format/format.ts";
import { SourceText } from "../idl/source.ts";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { findIdlFiles } from "./idl_files.ts";
import { readStdin, report, STDIN } from "./idl_input.ts";
import { lineDiff } from "./line_diff.ts";
import type { ParsedOptions } from "./options.ts";
import { plural, printable } from "./print_diagnostics.ts";

/** The command. */
export const fmt: Command = {
  usage: "fmt FILE|DIR|-... [--check] [--diff]",
  description: `Writes IDL files in one style, keeping what they mean and every comment in its place.
Of a DIR, all .thrift files below it; - reads standard input and writes to standard output.
A file with a syntax error is left as it is, and the error is reported.
Ends with 0 if all is well, 1 if a file could not be formatted, or with --check or --diff would change,
2 if the command line cannot be understood.`,
  options: [
    { name: "check", help: "Writes nothing; lists the files that would change." },
    { name: "diff", help: "Writes nothing; shows what would change." },
  ],
  run,
};

/** What became of one file. */
type Fate = "changed" | "unchanged" | "failed";

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  const { operands } = options;
  if (operands.length === 0) throw new UsageError("name at least one file or folder, or - for standard input");
  const stdin = await readStdin(platform, operands);
  if (stdin !== undefined) {
    const fate = await formatStdin(platform, options, stdin);
    return fate === "failed" || (fate === "changed" && isDry(options)) ? EXIT_ERRORS : EXIT_FINE;
  }
  const counts = { changed: 0, unchanged: 0, failed: 0 };
  for (const path of await findIdlFiles(platform.files, operands)) counts[await formatFile(platform, options, path)]++;
  const verb = isDry(options) ? "would change" : "formatted";
  const parts = [`${plural(counts.changed, "file")} ${verb}`, `${counts.unchanged} unchanged`];
  if (counts.failed > 0) parts.push(`${counts.failed} with errors left as they are`);
  await platform.stderr.write(`${parts.join(", ")}\n`);
  return counts.failed > 0 || (counts.changed > 0 && isDry(options)) ? EXIT_ERRORS : EXIT_FINE;
}

function isDry(options: ParsedOptions): boolean {
  return options.has("check") || options.has("diff");
}

async function formatFile(platform: Platform, options: ParsedOptions, path: string): Promise<Fate> {
  const bytes = await told(platform, platform.files.read(path));
  const text = bytes === undefined ? undefined : await decode(platform, path, bytes);
  const after = text === undefined ? undefined : await formatText(platform, path, text);
  if (text === undefined || after === undefined) return "failed";
  if (after === text) return "unchanged";
  if (isDry(options)) await showChange(platform, options, path, text, after);
  else {
    const written = await told(platform, platform.files.write(path, after).then(() => true));
    if (written === undefined) return "failed";
    await platform.stdout.write(`${printable(path)}\n`);
  }
  return "changed";
}

/** What was done with a file; `undefined` if that failed, which is told: the other files are formatted all the same. */
async function told<T>(platform: Platform, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (reason) {
    if (!(reason instanceof RpcError) || reason.kind !== "invalid") throw reason;
    await platform.stderr.write(`updraft: ${printable(reason.message)}\n`);
    return undefined;
  }
}

async function formatStdin(platform: Platform, options: ParsedOptions, bytes: Uint8Array): Promise<Fate> {
  const text = await decode(platform, STDIN, bytes);
  const after = text === undefined ? undefined : await formatText(platform, STDIN, text);
  if (text === undefined || after === undefined) return "failed";
  if (!isDry(options)) await platform.stdout.write(after);
  else if (after !== text) await showChange(platform, options, STDIN, text, after);
  return after === text ? "unchanged" : "changed";
}

/** The text, unless it is not UTF-8: writing that back would change it. */
async function decode(platform: Platform, path: string, bytes: Uint8Array): Promise<string | undefined> {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (reason) {
    if (!(reason instanceof TypeError)) throw reason;
    await platform.stderr.write(`updraft: ${printable(path)} is not UTF-8\n`);
    return undefined;
  }
}

/** The formatted text; `undefined` if there are errors, which are printed. */
async function formatText(platform: Platform, path: string, text: string): Promise<string | undefined> {
  const { value, diagnostics } = format(path, text);
  if (diagnostics.length === 0) return value;
  const source = new SourceText(path, text);
  await report(platform, { line: (_, line) => source.line(line) }, diagnostics);
  return undefined;
}

async function showChange(
  platform: Platform,
  options: ParsedOptions,
  path: string,
  before: string,
  after: string,
): Promise<void> {
  const name = printable(path);
  await platform.stdout.write(options.has("diff") ? lineDiff(before, after, name, `${name} (formatted)`) : `${name}\n`);
}
