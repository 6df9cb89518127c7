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
  for (const { range, text: inserted } of changes) {
    if (range === undefined) {
      result = inserted;
      continue;
    }
    const source = new SourceText("", result);
    const [a, b] = [toOffset(source, range.start), toOffset(source, range.end)];
    result = result.slice(0, Math.min(a, b)) + inserted + result.slice(Math.max(a, b));
  }
  return result;
}
