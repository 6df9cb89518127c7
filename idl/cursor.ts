/**
 * A position in a token list that only sees what the grammar sees, and says what was expected when it is not there.
 *
 * Blanks and comments are stepped over. At most one error is reported per token, so that one mistake is one message.
 *
 * @module
 */
import type { TypeNode } from "./ast.ts";
import type { DiagnosticCode } from "./codes.ts";
import type { Diagnostics, ReportExtra, Span } from "./diagnostics.ts";
import type { SourceText } from "./source.ts";
import { Tok, type TokenList } from "./tokens.ts";
import type { AnnotationPlace, Piece, Wanted } from "./wanted.ts";

/** Walks over the meaningful tokens of a file. */
export class Cursor {
  /** The text. */
  readonly source: SourceText;
  /** All tokens of the text. */
  readonly tokens: TokenList;
  /** Where errors go. */
  readonly diagnostics: Diagnostics;
  /** Index of the current token. */
  index = -1;
  /** Offset after the last token that was taken. */
  lastEnd = 0;
  #kind: Tok = Tok.End;
  #itemAt = -1;
  #reportedAt = -1;
  readonly #wanted: Wanted | undefined;

  /** Begins at the first meaningful token. What may follow the last one is gathered in `wanted`, if it is given. */
  constructor(source: SourceText, tokens: TokenList, diagnostics: Diagnostics, wanted?: Wanted) {
    this.source = source;
    this.tokens = tokens;
    this.diagnostics = diagnostics;
    this.#wanted = wanted;
    this.#step();
  }

  /** The list of what may follow, while the cursor is at the end and nothing was missing yet. */
  get wanted(): Wanted | undefined {
    return this.#kind === Tok.End && this.#wanted?.open === true ? this.#wanted : undefined;
  }

  /** Kind of the current token. */
  get kind(): Tok {
    return this.#kind;
  }

  /** Offset of the current token. */
  get start(): number {
    return this.tokens.start(this.index);
  }

  /** Offset after the current token. */
  get end(): number {
    return this.tokens.end(this.index);
  }

  /** Text of the current token. */
  text(): string {
    return this.source.text.slice(this.start, this.end);
  }

  /** Is the current token this word? */
  isWord(word: string): boolean {
    this.wanted?.words.add(word);
    return this.#kind === Tok.Identifier && this.end - this.start === word.length &&
      this.source.text.startsWith(word, this.start);
  }

  /** Notes that this piece may stand here. */
  wants(piece: Piece): void {
    this.wanted?.pieces.add(piece);
  }

  /** Notes that an annotation of this may stand here. */
  wantsAnnotation(on: AnnotationPlace): void {
    const { wanted } = this;
    if (wanted === undefined) return;
    wanted.pieces.add("annotation");
    wanted.annotated = on;
  }

  /** Notes the type that the next value is to have. */
  declares(type: TypeNode): void {
    if (this.#wanted?.open === true) this.#wanted.type = type;
  }

  /** Is the current token of this kind? */
  at(kind: Tok): boolean {
    return this.#kind === kind;
  }

  /** Kind of the meaningful token `distance` after the current one. */
  peek(distance = 1): Tok {
    let index = this.index;
    while (distance-- > 0) index = this.#after(index);
    return this.tokens.kind(index);
  }

  /** Steps over the current token. */
  next(): void {
    this.lastEnd = this.end;
    this.#step();
  }

  /** Steps over broken tokens, which the lexer has reported; what follows them is then not reported. */
  skipBroken(): void {
    while (this.#kind === Tok.Unknown) {
      this.next();
      this.#reportedAt = this.index;
    }
  }

  /** Steps over the current token if it is of this kind. */
  take(kind: Tok): boolean {
    if (this.#kind !== kind) return false;
    this.next();
    return true;
  }

  /** Steps over the current token if it is of this kind, else reports that `what` was expected. Steps over broken ones. */
  expect(kind: Tok, what: string, extra?: ReportExtra): boolean {
    this.skipBroken();
    if (this.take(kind)) return true;
    this.expected(what, extra);
    return false;
  }

  /** Notes that an item begins here: an error at its first token is shown at that token. */
  beginItem(): void {
    this.#itemAt = this.index;
  }

  /** Reports that something else was expected: here, or at the end of the line if the item breaks off there. */
  expected(what: string, extra?: ReportExtra): void {
    if (this.wanted !== undefined) this.wanted.open = false;
    const breaksOff = this.#kind === Tok.End || (this.index !== this.#itemAt && this.startsLine());
    const at = breaksOff ? { start: this.lastEnd, end: this.lastEnd } : this;
    this.error("UT1005", at, expectation(this, what), extra);
  }

  /** Reports an error, unless one was reported at the current token already. */
  error(code: DiagnosticCode, at: Span, message: string, extra?: ReportExtra): void {
    const silent = this.#reportedAt === this.index || this.#kind === Tok.Unknown;
    this.#reportedAt = this.index;
    // a broken token has its error from the lexer
    if (!silent) this.diagnostics.error(code, this.source, { start: at.start, end: at.end }, message, extra);
  }

  /** Is the current token the first meaningful one of its line? */
  startsLine(): boolean {
    for (let i = this.index - 1; i >= 0; i--) {
      const kind = this.tokens.kind(i);
      if (kind === Tok.Newline) return true;
      if (kind > Tok.Comment) return false;
    }
    return true;
  }

  #step(): void {
    if (this.index < this.tokens.length - 1) this.index = this.#after(this.index);
    this.#kind = this.tokens.kind(this.index);
  }

  #after(index: number): number {
    do index++; while (this.tokens.kind(index) <= Tok.Comment);
    return Math.min(index, this.tokens.length - 1);
  }
}

function expectation(cursor: Cursor, what: string): string {
  if (cursor.at(Tok.End)) return `expected ${what}, but the file ends here`;
  const text = cursor.text();
  return `expected ${what}, found ${text.length > 40 ? text.slice(0, 40) + "..." : text}`;
}
