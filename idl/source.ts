/**
 * The text of one IDL file and the way from an offset in it to a line and a column.
 *
 * Offsets count UTF-16 code units, as everything in JavaScript does; lines and columns begin at 1. A lone CR, a lone LF
 * and CR LF each end a line.
 *
 * @module
 */

/** A place in a text. */
export interface Position {
  /** Line, from 1. */
  readonly line: number;
  /** Column in UTF-16 code units, from 1. */
  readonly column: number;
}

/** One file's text. */
export class SourceText {
  /** Path as messages print it: normalised, relative to the working directory where it lies below it. */
  readonly file: string;
  /** The whole text, unchanged. */
  readonly text: string;
  #lineStarts: number[] | undefined;

  /** Keeps the text; lines are counted when first asked for. */
  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** Line and column of an offset; offsets beyond the text give its end. */
  position(offset: number): Position {
    const starts = this.#lines();
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (starts[low] ?? 0) + 1 };
  }

  /** Offset of a line's first character; lines from 1. Lines beyond the text give its end. */
  lineStart(line: number): number {
    return this.#lines()[line - 1] ?? this.text.length;
  }

  /** A line without its end; lines from 1. */
  line(line: number): string {
    const start = this.lineStart(line);
    let end = this.lineStart(line + 1);
    while (end > start && isLineEnd(this.text.charCodeAt(end - 1))) end--;
    return this.text.slice(start, end);
  }

  #lines(): number[] {
    if (this.#lineStarts !== undefined) return this.#lineStarts;
    const { text } = this;
    const starts = [0];
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
    }
    this.#lineStarts = starts;
    return starts;
  }
}

function isLineEnd(c: number): boolean {
  return c === 10 || c === 13;
}

/** Where a diagnostic is that is about no file, but about what was asked for: its file is the empty text. */
export const NO_FILE: SourceText = new SourceText("", "");
