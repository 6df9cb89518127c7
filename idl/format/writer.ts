/**
 * Builds the formatted text: knows the column, and puts off spaces and line breaks until it is known what follows.
 *
 * @module
 */

/** A text being written. */
export class Writer {
  readonly #parts: string[] = [];
  readonly #eol: string;
  #column = 0;
  #breaks = 0;
  #indent = "";
  #space = false;
  #lineEnded = false;

  /** Ends lines with `eol`. */
  constructor(eol: string) {
    this.#eol = eol;
  }

  /** Columns written in this line, those put off included. */
  get column(): number {
    return this.#breaks > 0 ? this.#indent.length : this.#column + (this.#space ? 1 : 0);
  }

  /** True while nothing is written. */
  get empty(): boolean {
    return this.#parts.length === 0;
  }

  /** What comes next begins a line, indented; `blank` leaves an empty line before it. At the start of the text: nothing. */
  breakLine(indent: string, blank = false): void {
    this.#breaks = this.empty ? 0 : Math.max(this.#breaks, blank ? 2 : 1);
    this.#indent = indent;
    this.#space = false;
  }

  /** What comes next is parted by a space, unless it begins a line. */
  space(): void {
    this.#space = this.#breaks === 0 && !this.empty;
  }

  /** Writes a piece. If a comment has ended the line before it, it goes on the next one, with `indent`. */
  write(text: string, indent: string): void {
    if (this.#lineEnded && this.#breaks === 0) this.breakLine(indent);
    if (this.#breaks > 0) {
      this.#parts.push(this.#eol.repeat(this.#breaks), this.#indent);
      this.#column = this.#indent.length;
    } else if (this.#space) {
      this.#parts.push(" ");
      this.#column++;
    }
    this.#parts.push(text);
    const newline = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
    this.#column = newline < 0 ? this.#column + text.length : text.length - newline - 1;
    this.#breaks = 0;
    this.#space = false;
    this.#lineEnded = false;
  }

  /** Writes the lines of a comment; nothing can follow one that `endsLine`. */
  comment(lines: readonly string[], indent: string, endsLine: boolean): void {
    this.write(lines.join(this.#eol), indent);
    this.#lineEnded = endsLine;
  }

  /** Writes what belongs to the token written last, whatever was put off. */
  append(text: string): void {
    this.#parts.push(text);
    this.#column += text.length;
  }

  /** The whole text; it ends with a line's end unless it is empty. */
  finish(): string {
    return this.empty ? "" : this.#parts.join("") + this.#eol;
  }
}
