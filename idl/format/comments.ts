/**
 * The comments between two tokens that mean something, with the line breaks around them.
 *
 * @module
 */
import type { Document } from "../ast.ts";
import { Tok } from "../tokens.ts";

/** A comment between two tokens. */
export interface GapComment {
  /** Its token's index. */
  readonly index: number;
  /** Its text, without blanks at its end. */
  readonly text: string;
  /** Line breaks between it and what is before it; behind a comment that ends its line there is always one. */
  readonly breaksBefore: number;
  /** True for `//` and `#`: nothing can follow it on its line. */
  readonly endsLine: boolean;
}

/** What is between two tokens. */
export interface Gap {
  /** The comments, in order. */
  readonly comments: readonly GapComment[];
  /** Line breaks behind the last comment, or in all if there is none. */
  readonly breaksAfter: number;
}

/** What is between the tokens `from` and `to`, `from` included. A separator counts as the end of what is before it. */
export function gapBetween(document: Document, from: number, to: number): Gap {
  const { tokens, source } = document;
  const comments: GapComment[] = [];
  let breaks = 0;
  for (let i = from; i < to; i++) {
    const kind = tokens.kind(i);
    if (kind === Tok.Newline) breaks++;
    else if (kind === Tok.Comment) {
      const text = source.text.slice(tokens.start(i), tokens.end(i)).replace(/[ \t\v]+$/, "");
      const least = comments.at(-1)?.endsLine === true ? 1 : 0;
      comments.push({ index: i, text, breaksBefore: Math.max(breaks, least), endsLine: !text.startsWith("/*") });
      breaks = 0;
    } else if (kind !== Tok.Blank) breaks = 0;
  }
  return { comments, breaksAfter: Math.max(breaks, comments.at(-1)?.endsLine === true ? 1 : 0) };
}

/** May the comment stand within a line, with something behind it? */
export function fitsInLine(comment: GapComment): boolean {
  return !comment.endsLine && !/[\r\n]/.test(comment.text);
}

/**
 * How many of a gap's comments belong to the line of the token before it: those that begin on that line, unless the
 * next token is on that line too. In front of a closing bracket they all do.
 */
export function trailingCount(gap: Gap, beforeCloser: boolean): number {
  const other = gap.comments.findIndex((comment) => comment.breaksBefore > 0);
  const count = other < 0 ? gap.comments.length : other;
  return count === gap.comments.length && gap.breaksAfter === 0 && !beforeCloser ? 0 : count;
}

/**
 * The lines of a comment as they are written at a column: those of a block comment whose lines all begin with a star are
 * put below each other, others are left where they are.
 */
export function commentLines(text: string, indent: string): string[] {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.replace(/[ \t\v]+$/, ""));
  const isStarred = lines.every((line, i) => i === 0 || /^[ \t\v]*\*/.test(line));
  return isStarred ? lines.map((line, i) => i === 0 ? line : `${indent} ${line.replace(/^[ \t\v]+/, "")}`) : lines;
}
