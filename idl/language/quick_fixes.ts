/**
 * What an editor can do at once about a diagnostic: edits of its file.
 *
 * @module
 */
import type { Diagnostic } from "../diagnostics.ts";
import type { Edit, Finding } from "../lint/rule.ts";
import { argumentsOf, fieldsOf } from "../lint/visit.ts";
import type { Module } from "../model.ts";
import { parse } from "../parser.ts";

/** A way to mend something. */
export interface QuickFix {
  /** What it does, for a menu. */
  readonly title: string;
  /** The edits, in order. */
  readonly edits: readonly Edit[];
  /** True if it is what most people want. */
  readonly preferred: boolean;
}

/** The ways to mend a diagnostic of a file; none that would make a mistake of the grammar. */
export function quickFixes(module: Module, diagnostic: Diagnostic<string> | Finding): QuickFix[] {
  const { text } = module.document.source;
  const fixes: QuickFix[] = [];
  const known = "rule" in diagnostic ? findingFix(diagnostic) : suggestedFix(module, diagnostic);
  if (known !== undefined) fixes.push({ ...known, preferred: true });
  if ("rule" in diagnostic) fixes.push(ignoreFix(text, diagnostic));
  const before = parse("", text).diagnostics.length;
  return fixes.filter(({ edits }) => parse("", applyEdits(text, edits)).diagnostics.length <= before);
}

/** The text after edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text: piece } of edits) {
    result += text.slice(at, start) + piece;
    at = end;
  }
  return result + text.slice(at);
}

/** The edit that removes the lines of an include. */
export function removeLines(text: string, { start, end }: { readonly start: number; readonly end: number }): Edit {
  const first = text.lastIndexOf("\n", start - 1) + 1;
  const last = text.indexOf("\n", end);
  const alone = text.slice(first, start).trim() === "" && text.slice(end, last < 0 ? undefined : last).trim() === "";
  return alone ? { start: first, end: last < 0 ? text.length : last + 1, text: "" } : { start, end, text: "" };
}

type Mend = Omit<QuickFix, "preferred">;

function findingFix({ fix, rule }: Finding): Mend | undefined {
  return fix === undefined || fix.length === 0 ? undefined : { title: `Mend ${rule}`, edits: fix };
}

function suggestedFix(module: Module, diagnostic: Diagnostic<string>): Mend | undefined {
  const { code, start, end, suggestion = "" } = diagnostic;
  const { text } = module.document.source;
  if (code === "UT2004") return { title: "Remove the include", edits: [removeLines(text, diagnostic)] };
  const id = /^write (-?\d+): before it$/.exec(suggestion)?.[1];
  if (id !== undefined) {
    const field = [...fieldsOf(module), ...argumentsOf(module)].find(({ node }) => node.name.start === start)?.node;
    return field &&
      { title: `Write its id, ${id}`, edits: [{ start: field.start, end: field.start, text: `${id}: ` }] };
  }
  const found = text.slice(start, end);
  if (/^put the value of .* in quotes$/.test(suggestion)) return change(diagnostic, `"${found}"`);
  const path = /: include ("[^"]+")/.exec(suggestion)?.[1];
  if (path !== undefined) return { title: `Include ${path}`, edits: [newInclude(module, path)] };
  const written = /^write (\S+)(?: in lower case| without quotes)?$/.exec(suggestion)?.[1];
  if (written !== undefined) return change(diagnostic, written);
  const meant = /^did you mean (.+)\?$/.exec(suggestion)?.[1];
  if (meant === undefined) return undefined;
  const quote = /^(["']).*\1$/s.exec(found)?.[1] ?? "";
  return change(diagnostic, quote + meant + quote);
}

function change({ start, end }: Diagnostic<string>, text: string): Mend {
  return { title: `Change to ${text}`, edits: [{ start, end, text }] };
}

/** An include behind the last one, or before everything but comments that a blank line parts from what follows. */
function newInclude({ document: { source: { text }, headers, definitions } }: Module, path: string): Edit {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const last = headers.findLast(({ kind }) => kind === "include");
  if (last !== undefined) return { start: last.end, end: last.end, text: `${end}include ${path}` };
  const first = headers[0]?.start ?? blockStart(text, definitions[0]?.start ?? 0);
  return { start: first, end: first, text: `include ${path}${end}${headers.length > 0 ? "" : end}` };
}

/** Where the lines begin that end at `at` without a blank one between. */
function blockStart(text: string, at: number): number {
  let start = text.lastIndexOf("\n", at - 1) + 1;
  while (start > 0) {
    const above = text.lastIndexOf("\n", start - 2) + 1;
    if (text.slice(above, start).trim() === "") break;
    start = above;
  }
  return start;
}

function ignoreFix(text: string, { rule, start }: Finding): QuickFix {
  const line = text.lastIndexOf("\n", start - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(line, start))![0];
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const comment = `${indent}// updraft-lint-ignore ${rule} say why${end}`;
  return { title: `Ignore ${rule} here`, edits: [{ start: line, end: line, text: comment }], preferred: false };
}
