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
  const word = /^did you mean (.+)\?$/.exec(suggestion)?.[1] ??
    /^write (\S+)(?: in lower case)?$/.exec(suggestion)?.[1];
  if (word === undefined) return undefined;
  const quote = /^(["']).*\1$/s.exec(text.slice(start, end))?.[1];
  const piece = quote === undefined || word.startsWith(quote) ? word : quote + word + quote;
  return { title: `Change to ${piece}`, edits: [{ start, end, text: piece }] };
}

function ignoreFix(text: string, { rule, start }: Finding): QuickFix {
  const line = text.lastIndexOf("\n", start - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(line, start))![0];
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const comment = `${indent}// updraft-lint-ignore ${rule} say why${end}`;
  return { title: `Ignore ${rule} here`, edits: [{ start: line, end: line, text: comment }], preferred: false };
}
