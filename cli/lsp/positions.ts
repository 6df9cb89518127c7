/**
 * Positions of the protocol (lines and UTF-16 columns from 0) and offsets in a text.
 *
 * @module
 */
import type { Span } from "../../idl/diagnostics.ts";
import { SourceText } from "../../idl/source.ts";

/** A place in a text. */
export interface Position {
  /** Line, from 0. */
  readonly line: number;
  /** Column in UTF-16 code units, from 0. */
  readonly character: number;
}

/** A stretch of a text. */
export interface Range {
  /** Where it begins. */
  readonly start: Position;
  /** Where it ends. */
  readonly end: Position;
}

/** A change of a text: of a range of it, or of all. */
export interface TextChange {
  /** What is replaced; all of the text if absent. */
  readonly range?: Range | undefined;
  /** By what. */
  readonly text: string;
}

/** The offset of a position; a column behind the line's end is its end, a line behind the last the end of the text. */
export function toOffset(source: SourceText, { line, character }: Position): number {
  const start = source.lineStart(line + 1);
  return Math.min(start + character, start + source.line(line + 1).length);
}

/** The range of a stretch. */
export function toRange(source: SourceText, { start, end }: Span): Range {
  return { start: toPosition(source, start), end: toPosition(source, end) };
}

/** The position of an offset. */
export function toPosition(source: SourceText, offset: number): Position {
  const { line, column } = source.position(offset);
  return { line: line - 1, character: column - 1 };
}

/** The text after changes, each of which applies to what the one before it made. */
export function applyChanges(text: string, changes: readonly TextChange[]): string {
  let result = text;
  // an editor that replaces all of something sends thousands of changes at once: lines are told apart once for all of them
  let lines: string[] | undefined;
  for (const { range, text: inserted } of changes) {
    if (range === undefined) {
      result = inserted;
      lines = undefined;
    } else {
      lines ??= linesOf(result);
      changeLines(lines, range, inserted);
    }
  }
  return lines?.join("") ?? result;
}

/** Replaces a range of a text that is given as its lines, each with its end. */
function changeLines(lines: string[], range: Range, inserted: string): void {
  const [start, end] = [clamp(lines, range.start), clamp(lines, range.end)].sort((a, b) =>
    a.line - b.line || a.character - b.character
  ) as [Position, Position];
  // with the lines around: a CR and an LF that meet become one end of a line
  const from = Math.max(0, start.line - 1);
  const to = Math.min(lines.length, end.line + 2);
  const before = lines.slice(from, start.line).join("") + (lines[start.line] ?? "").slice(0, start.character);
  const after = (lines[end.line] ?? "").slice(end.character) + lines.slice(end.line + 1, to).join("");
  const changed = linesOf(before + inserted + after);
  // behind the end of a line that is not the last one, the next one begins
  if (to < lines.length) changed.pop();
  const rest = changed.length === to - from ? undefined : lines.slice(to);
  for (let i = 0; i < changed.length; i++) lines[from + i] = changed[i]!;
  if (rest === undefined) return;
  lines.length = from + changed.length;
  for (const line of rest) lines.push(line);
}

/** A column behind the line's end is its end, a line behind the last the end of the text. */
function clamp(lines: readonly string[], { line, character }: Position): Position {
  const last = lines.length - 1;
  if (line > last) return { line: last, character: lines[last]!.length };
  const text = lines[line]!;
  const ends = text.endsWith("\r\n") ? 2 : /[\r\n]$/.test(text) ? 1 : 0;
  return { line, character: Math.min(character, text.length - ends) };
}

/** The lines of a text with their ends, the last one without; there is at least one. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c !== 10 && (c !== 13 || text.charCodeAt(i + 1) === 10)) continue;
    lines.push(text.slice(start, i + 1));
    start = i + 1;
  }
  lines.push(text.slice(start));
  return lines;
}
