/**
 * Diagnostics for people: place, message, the line with the part underlined, what to do.
 *
 * @module
 */
import type { Diagnostic } from "../idl/diagnostics.ts";

/** How to print. */
export interface PrintOptions {
  /** With colours of a terminal. */
  readonly color: boolean;
  /** The text of a line of a file, lines from 1; `undefined` if it is not known. */
  line(file: string, line: number): string | undefined;
}

/** A diagnostic, and why it matters, where it is known. */
export type Explained = Diagnostic<string> & { readonly reason?: string | undefined };

/** All diagnostics, and how many there are of each severity. */
export function printDiagnostics(diagnostics: readonly Explained[], options: PrintOptions): string {
  return diagnostics.map((diagnostic) => printOne(diagnostic, options)).join("");
}

/** `2 errors, 1 warning`, or the empty text if there is nothing. */
export function countDiagnostics(diagnostics: readonly Diagnostic<string>[]): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const parts = [plural(errors, "error"), plural(warnings, "warning")].filter((part) => !part.startsWith("0 "));
  return parts.join(", ");
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Text without what a terminal would obey: control characters become their codes. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- these are what it is about
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Longest part of a line that is shown. */
const MAX_SHOWN = 160;

const RED = "\x1b[31m";
const YELLOW = "\x1b[33m";
const CYAN = "\x1b[36m";
const BOLD = "\x1b[1m";
const RESET = "\x1b[0m";

function printOne(diagnostic: Explained, options: PrintOptions): string {
  const { file, line, column, severity, code, message, suggestion, related, reason } = diagnostic;
  const paint = (style: string, text: string): string => options.color ? style + text + RESET : text;
  const style = severity === "error" ? RED : YELLOW;
  const where = file === "" ? "" : paint(BOLD, `${printable(file)}:${line}:${column}:`) + " ";
  let out = `${where}${paint(style, `${severity} ${code}:`)} ${printable(message)}\n`;
  const text = options.line(file, line);
  if (text !== undefined && text !== "") {
    const number = String(line);
    const last = diagnostic.endLine > line ? text.length + 1 : diagnostic.endColumn;
    const { shown, marks } = underline(text, column, last);
    out += `  ${number} | ${shown}\n  ${" ".repeat(number.length)} | ${paint(style, marks)}\n`;
  }
  for (const place of related ?? []) {
    out += `  ${paint(CYAN, "note:")} ${printable(place.file)}:${place.line}:${place.column}: ${
      printable(place.message)
    }\n`;
  }
  if (reason !== undefined) out += `  ${paint(CYAN, "why:")} ${printable(reason)}\n`;
  if (suggestion !== undefined) out += `  ${paint(CYAN, "help:")} ${printable(suggestion)}\n`;
  return out;
}

/** The line, cut to what can be shown, and the marks below it; columns count UTF-16 units from 1, `end` is behind the last. */
function underline(line: string, start: number, end: number): { shown: string; marks: string } {
  const from = start - 1 > MAX_SHOWN - 40 ? start - 41 : 0;
  const part = line.slice(from, from + MAX_SHOWN);
  const shown = `${from > 0 ? "..." : ""}${part}${from + MAX_SHOWN < line.length ? "..." : ""}`;
  const before = `${from > 0 ? "..." : ""}${line.slice(from, start - 1)}`;
  const marked = line.slice(start - 1, Math.min(end - 1, from + MAX_SHOWN));
  const width = Math.max(1, columnsOf(marked));
  return { shown: printable(shown), marks: blank(printable(before)) + "^" + "~".repeat(width - 1) };
}

/** Blanks of the same width; tabs stay, for they are as wide below as above. */
function blank(text: string): string {
  return Array.from(text, (c) => c === "\t" ? "\t" : " ".repeat(widthOf(c))).join("");
}

function columnsOf(text: string): number {
  return Array.from(printable(text)).reduce((sum, c) => sum + widthOf(c), 0);
}

/** Columns a character takes: two for East Asian wide ones and emoji, none for combining marks. */
function widthOf(character: string): number {
  if (/\p{Mark}/u.test(character)) return 0;
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
      .test(character)
    ? 2
    : 1;
}
