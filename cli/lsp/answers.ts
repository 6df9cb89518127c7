/**
 * What the language features find, in the words of the protocol.
 *
 * @module
 */
import type { Diagnostic } from "../../idl/diagnostics.ts";
import type { CompletionItem, ItemKind } from "../../idl/language/completion.ts";
import type { Description } from "../../idl/language/describe.ts";
import type { OutlineEntry } from "../../idl/language/outline.ts";
import { SourceText } from "../../idl/source.ts";
import { type Range, toRange } from "./positions.ts";

/** A place in a file. */
export interface Location {
  /** The file. */
  readonly uri: string;
  /** Where in it. */
  readonly range: Range;
}

const COMPLETION_KINDS: Readonly<Record<ItemKind, number>> = {
  keyword: 14,
  type: 14,
  const: 21,
  typedef: 25,
  enum: 13,
  struct: 22,
  union: 22,
  exception: 22,
  service: 8,
  member: 20,
  field: 5,
  annotation: 10,
  value: 12,
  file: 17,
  folder: 19,
};

const SYMBOL_KINDS: Readonly<Record<OutlineEntry["kind"], number>> = {
  const: 14,
  typedef: 26,
  enum: 10,
  struct: 23,
  union: 23,
  exception: 23,
  service: 11,
  member: 22,
  field: 8,
  method: 6,
};

/** A diagnostic; `uriOf` gives the URI of a file of the program. */
export function toDiagnostic(diagnostic: Diagnostic<string>, uriOf: (file: string) => string): Record<string, unknown> {
  const { line, column, endLine, endColumn, severity, code, message, suggestion, related } = diagnostic;
  return {
    range: { start: { line: line - 1, character: column - 1 }, end: { line: endLine - 1, character: endColumn - 1 } },
    severity: severity === "error" ? 1 : 2,
    code,
    source: "updraft",
    message: suggestion === undefined ? message : `${message}\n${suggestion}`,
    // editors gray out what is not used
    ...(code === "UT2004" ? { tags: [1] } : {}),
    relatedInformation: (related ?? []).map((place) => {
      const start = { line: place.line - 1, character: place.column - 1 };
      return { location: { uri: uriOf(place.file), range: { start, end: start } }, message: place.message };
    }),
  };
}

/** A description as Markdown. */
export function toMarkdown({ code, doc, facts }: Description): string {
  const parts = ["```thrift\n" + code.replaceAll("```", "'''") + "\n```"];
  if (doc !== undefined) parts.push(doc);
  if (facts.length > 0) parts.push(facts.join("  \n"));
  return parts.join("\n\n");
}

/** An item to be typed, in place of a range. */
export function toCompletionItem(item: CompletionItem, range: Range, order: number): Record<string, unknown> {
  const { label, kind, insert, detail, doc } = item;
  return {
    label,
    kind: COMPLETION_KINDS[kind],
    sortText: String(order).padStart(5, "0"),
    textEdit: { range, newText: insert ?? label },
    ...(detail === undefined ? {} : { detail }),
    ...(doc === undefined ? {} : { documentation: doc }),
  };
}

/** An entry of the outline. */
export function toSymbol(source: SourceText, entry: OutlineEntry): Record<string, unknown> {
  return {
    name: entry.name.text,
    detail: entry.detail,
    kind: SYMBOL_KINDS[entry.kind],
    range: toRange(source, entry),
    selectionRange: toRange(source, entry.name),
    children: entry.children.map((child) => toSymbol(source, child)),
  };
}

/** The least edit that makes `after` of `before`; none if they are the same. */
export function toEdits(before: string, after: string): { readonly range: Range; readonly newText: string }[] {
  if (before === after) return [];
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  // an edit may not begin or end inside of a line end or of a pair of surrogates
  while (start > 0 && splits(before, start)) start--;
  while (end > 0 && (splits(before, before.length - end) || splits(after, after.length - end))) end--;
  const range = toRange(new SourceText("", before), { start, end: before.length - end });
  return [{ range, newText: after.slice(start, after.length - end) }];
}

function splits(text: string, at: number): boolean {
  const [a, b] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return (a === 13 && b === 10) || (a >= 0xd800 && a < 0xdc00 && b >= 0xdc00 && b < 0xe000);
}
