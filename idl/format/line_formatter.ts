/**
 * Lays out a file line by line. A line is a header, the head of a definition, an item of its body, or its closing brace
 * with what follows it; the lists in a line may be broken into lines of their own.
 *
 * @module
 */
import type { Document } from "../ast.ts";
import { Tok } from "../tokens.ts";
import { commentLines, fitsInLine, type Gap, gapBetween, type GapComment, trailingCount } from "./comments.ts";
import { Role } from "./roles.ts";
import { closesList, isOpening, opensList, type Skeleton, skeletonOf, spaceBefore } from "./skeleton.ts";
import { Writer } from "./writer.ts";

/** Columns a line may have before its lists are broken. */
export const MAX_COLUMNS = 100;

const INDENT = "  ";

/** A list that is being written. */
interface OpenList {
  /** Number of its closing bracket. */
  readonly close: number;
  /** Are its items on lines of their own? */
  readonly broken: boolean;
  /** Is it broken only where a line is full? */
  readonly filled: boolean;
  /** Indentation of its brackets. */
  readonly outer: string;
  /** Indentation of its items. */
  readonly inner: string;
}

/** Which blank lines are left before a line, and between the comments above it. */
interface BlankLines {
  /** There is one, if the text has none. */
  readonly required: boolean;
  /** One behind the line above is kept. */
  readonly first: boolean;
  /** One right before the line itself is kept. */
  readonly last: boolean;
}

const NO_BLANKS: BlankLines = { required: false, first: false, last: false };

/** Formats one document. */
export class LineFormatter {
  readonly #document: Document;
  readonly #skeleton: Skeleton;
  readonly #writer: Writer;
  /** First token of the document that is not dealt with. */
  #position = 0;
  /** Number of the token written last. */
  #previous = -1;
  /** Indentation of the line being written. */
  #indent = "";

  /** Formats `document`, which has no syntax errors; lines end with `eol`. */
  constructor(document: Document, eol: string) {
    this.#document = document;
    this.#skeleton = skeletonOf(document);
    this.#writer = new Writer(eol);
  }

  /** The formatted text. */
  format(): string {
    const { length } = this.#skeleton;
    let inBody = false;
    let above = -1;
    for (let from = 0, to = 0; from < length; from = to) {
      to = this.#endOfLine(from);
      const closes = this.#has(from, Role.BodyClose);
      if (closes) {
        this.#breakBefore(from, INDENT, "", {
          required: false,
          first: !this.#has(this.#previous, Role.BodyOpen),
          last: false,
        });
        inBody = false;
      } else if (inBody) {
        const first = !this.#has(this.#previous, Role.BodyOpen);
        this.#breakBefore(from, INDENT, INDENT, { required: false, first, last: true });
      } else {
        const required = above >= 0 && this.#parts(above, from);
        this.#breakBefore(from, "", "", { required, first: true, last: true });
        above = from;
      }
      this.#line(from, to);
      inBody ||= this.#has(to - 1, Role.BodyOpen);
    }
    this.#breakBefore(length, "", "", { required: false, first: true, last: false });
    return this.#writer.finish();
  }

  #has(k: number, role: number): boolean {
    return ((this.#skeleton.roles[k] ?? 0) & role) !== 0;
  }

  #token(k: number): number {
    return this.#skeleton.token[k] ?? 0;
  }

  #kind(k: number): Tok {
    return this.#document.tokens.kind(this.#token(k));
  }

  #text(k: number): string {
    const { tokens, source } = this.#document;
    return source.text.slice(tokens.start(this.#token(k)), tokens.end(this.#token(k)));
  }

  #isSeparator(k: number): boolean {
    return this.#skeleton.separators[k] === 1;
  }

  #gapBefore(k: number): Gap {
    return gapBetween(this.#document, this.#position, this.#token(k));
  }

  /** Is there always a blank line between two lines outside of bodies? Behind headers, and around what has a body. */
  #parts(above: number, below: number): boolean {
    return this.#has(above, Role.Header) !== this.#has(below, Role.Header) || this.#has(above, Role.Block) ||
      this.#has(below, Role.Block);
  }

  /** Number of the token behind a line's last one. An empty body and what follows it are on the line that opens it. */
  #endOfLine(from: number): number {
    const { length, token } = this.#skeleton;
    let to = from + 1;
    for (; to < length && !this.#has(to, Role.Line); to++) {
      if (!this.#has(to, Role.BodyClose)) continue;
      const gap = gapBetween(this.#document, (token[to - 1] ?? 0) + 1, this.#token(to));
      if (!this.#has(to - 1, Role.BodyOpen) || gap.comments.length > 0) break;
    }
    return to;
  }

  #line(from: number, to: number): void {
    const open: OpenList[] = [];
    this.#put(from);
    for (let k = from + 1; k < to; k++) {
      const list = open.at(-1);
      if (this.#isSeparator(k)) {
        if (list === undefined && this.#isNeeded(k)) this.#endItem(k + 1);
        continue;
      }
      const isFirst = opensList(this.#skeleton, this.#previous);
      if (list !== undefined && k === list.close) {
        open.pop();
        this.#closeList(k, list, isFirst);
      } else if (list !== undefined && (isFirst || this.#has(k, Role.Item))) {
        this.#beginItem(k, list, isFirst);
      } else {
        this.#inline(k);
      }
      this.#put(k);
      if (opensList(this.#skeleton, k)) open.push(this.#openList(k, to, list));
    }
  }

  /** A function that throws nothing must be parted from one that returns a type called throws. */
  #isNeeded(separator: number): boolean {
    return this.#has(separator + 1, Role.Line) && this.#text(separator + 1) === "throws";
  }

  #openList(k: number, to: number, parent: OpenList | undefined): OpenList {
    const { match, breaks, widths } = this.#skeleton;
    const close = match[k] ?? k;
    const outer = this.#indent;
    const mayBreak = parent === undefined || parent.broken;
    const forced = (breaks[close] ?? 0) > (breaks[k] ?? 0);
    const width = (widths[close + 1] ?? 0) - (widths[k + 1] ?? 0);
    const tooLong = close > k + 1 && this.#writer.column + width + this.#widthBehind(close, to) > MAX_COLUMNS;
    const broken = mayBreak && (forced || tooLong);
    return { close, broken, filled: broken && this.#holdsNumbers(k, close), outer, inner: outer + INDENT };
  }

  /** Columns behind a list up to where the line may be broken next. */
  #widthBehind(close: number, to: number): number {
    const { widths } = this.#skeleton;
    let width = 0;
    for (let k = close + 1; k < to && width <= MAX_COLUMNS; k++) {
      if (this.#has(k, Role.Item) || closesList(this.#skeleton, k)) return width + 1;
      width += (widths[k + 1] ?? 0) - (widths[k] ?? 0);
      if (opensList(this.#skeleton, k)) return width;
    }
    return width;
  }

  #holdsNumbers(open: number, close: number): boolean {
    if (this.#kind(open) !== Tok.BracketOpen) return false;
    for (let i = this.#token(open) + 1; i < this.#token(close); i++) {
      const kind = this.#document.tokens.kind(i);
      const isNumber = kind === Tok.Int || kind === Tok.Double;
      if (!isNumber && kind !== Tok.Blank && kind !== Tok.Newline && kind !== Tok.Comma && kind !== Tok.Semicolon) {
        return false;
      }
    }
    return true;
  }

  #beginItem(k: number, list: OpenList, isFirst: boolean): void {
    if (!isFirst) this.#endItem(k);
    const isFull = this.#writer.column + this.#text(k).length + 2 > MAX_COLUMNS;
    if (list.broken && (isFirst || !list.filled || isFull)) this.#breakBefore(k, list.inner, list.inner, NO_BLANKS);
    else this.#inline(k);
  }

  #closeList(k: number, list: OpenList, isEmpty: boolean): void {
    if (!list.broken) return this.#inline(k);
    if (!isEmpty) this.#endItem(k);
    this.#breakBefore(k, list.inner, list.outer, NO_BLANKS);
  }

  /** Writes the comma behind the item before `k`. Comments before the separator stay before it, if they fit in the line. */
  #endItem(k: number): void {
    if (this.#isSeparator(k - 1)) {
      for (const comment of this.#gapBefore(k - 1).comments) {
        if (!fitsInLine(comment) || comment.breaksBefore > 0) break;
        this.#writer.space();
        this.#comment(comment);
        this.#position = comment.index + 1;
      }
    }
    this.#writer.append(",");
  }

  /** Begins a line with token `k`, after the comments that end the line above and those that stand between the two. */
  #breakBefore(k: number, commentIndent: string, indent: string, blanks: BlankLines): void {
    const gap = this.#gapBefore(k);
    const isEnd = k === this.#skeleton.length || this.#has(k, Role.BodyClose) || closesList(this.#skeleton, k);
    const trailing = this.#previous < 0 ? 0 : trailingCount(gap, isEnd && !isOpening(this.#kind(this.#previous)));
    for (const comment of gap.comments.slice(0, trailing)) {
      this.#writer.space();
      this.#comment(comment);
    }
    const above = gap.comments.slice(trailing);
    const blank = [...above.map((comment) => comment.breaksBefore), gap.breaksAfter].map((breaks, i) =>
      breaks > 1 && (i > 0 || blanks.first) && (i < above.length || blanks.last)
    );
    if (blanks.required && !blank.includes(true)) blank[0] = true;
    this.#indent = commentIndent;
    above.forEach((comment, i) => {
      if (i === 0 || comment.breaksBefore > 0) this.#writer.breakLine(commentIndent, blank[i]);
      else this.#writer.space();
      this.#comment(comment);
    });
    this.#indent = indent;
    if (above.length === 0 || gap.breaksAfter > 0 || isEnd) this.#writer.breakLine(indent, blank[above.length]);
    else this.#writer.space();
  }

  /** Goes on in the line with token `k`; line breaks around comments stay. */
  #inline(k: number): void {
    const { comments, breaksAfter } = this.#gapBefore(k);
    const kind = this.#kind(k);
    comments.forEach((comment, i) => {
      if (comment.breaksBefore > 0) this.#writer.breakLine(this.#indent + INDENT);
      else if (i > 0 || comment.endsLine || !isOpening(this.#kind(this.#previous))) this.#writer.space();
      this.#comment(comment);
    });
    const parted = comments.length > 0 && kind !== Tok.Colon && !isClosing(kind);
    if (comments.length > 0 && breaksAfter > 0) this.#writer.breakLine(this.#indent + INDENT);
    else if (parted || spaceBefore(this.#document, this.#skeleton, k, this.#previous)) this.#writer.space();
  }

  #comment(comment: GapComment): void {
    const lines = commentLines(comment.text, this.#indent);
    this.#writer.comment(lines, this.#indent + INDENT, comment.endsLine);
  }

  #put(k: number): void {
    this.#writer.write(this.#text(k), this.#indent + INDENT);
    this.#position = this.#token(k) + 1;
    this.#previous = k;
  }
}

function isClosing(kind: Tok): boolean {
  return kind === Tok.ParenClose || kind === Tok.BracketClose || kind === Tok.BraceClose || kind === Tok.AngleClose;
}
