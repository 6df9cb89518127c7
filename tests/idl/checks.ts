/**
 * What the compiler says about small IDLs, in one line a diagnostic, for tests.
 *
 * @module
 */
import { compile } from "../../idl/compile.ts";
import type { Diagnostic, Outcome } from "../../idl/diagnostics.ts";
import { memoryReader } from "../../idl/load.ts";
import type { Program } from "../../idl/model.ts";

/** Compiles `main.thrift` of files in memory; one text alone is that file. */
export function compileText(files: string | Readonly<Record<string, string>>): Promise<Outcome<Program>> {
  return compile(["main.thrift"], memoryReader(typeof files === "string" ? { "main.thrift": files } : files));
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
