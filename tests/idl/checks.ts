/**
 * What the compiler says about small IDLs, in one line a diagnostic, for tests.
 *
 * @module
 */
import { compile } from "../../idl/compile.ts";
import type { Diagnostic, Outcome } from "../../idl/diagnostics.ts";
import { memoryReader, UnreadableSource } from "../../idl/load.ts";
import type { Program } from "../../idl/model.ts";

/** The path of a file that is there, and cannot be read. */
export const LOCKED = "locked.thrift";

/** Compiles `main.thrift` of files in memory; one text alone is that file. */
export function compileText(files: string | Readonly<Record<string, string>>): Promise<Outcome<Program>> {
  const { read } = memoryReader(typeof files === "string" ? { "main.thrift": files } : files);
  const locked = new UnreadableSource(new Error(`cannot read ${LOCKED}: permission denied`));
  return compile(["main.thrift"], { read: (path) => path === LOCKED ? Promise.reject(locked) : read(path) });
}

/** `CODE line:column` of each diagnostic, with the file where it is not `main.thrift`. */
export async function codesOf(files: string | Readonly<Record<string, string>>): Promise<string[]> {
  return (await compileText(files)).diagnostics.map(brief);
}

/** The suggestions of all diagnostics. */
export async function suggestionsOf(files: string | Readonly<Record<string, string>>): Promise<(string | undefined)[]> {
  return (await compileText(files)).diagnostics.map((d) => d.suggestion);
}

function brief(d: Diagnostic): string {
  return `${d.code} ${d.file === "main.thrift" ? "" : d.file + ":"}${d.line}:${d.column}`;
}
