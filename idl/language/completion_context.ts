/**
 * What the grammar could take at a place of a text that is being typed.
 *
 * The parser reads the text up to there, and says what it could take next.
 *
 * @module
 */
import { Diagnostics } from "../diagnostics.ts";
import { tokenize } from "../lexer.ts";
import { parseSource } from "../parser.ts";
import { SourceText } from "../source.ts";
import { Tok, type TokenList } from "../tokens.ts";
import { Wanted } from "../wanted.ts";

/** A place where something may be typed. */
export interface CompletionContext {
  /** Offset of what is typed already. */
  readonly start: number;
  /** Offset after the word that is there. */
  readonly end: number;
  /** What is typed before the place. */
  readonly typed: string;
  /** Is the place inside of a quoted string? */
  readonly quoted: boolean;
  /** What may stand there. */
  readonly wanted: Wanted;
  /** What is before it. */
  readonly back: LookBack;
}

/** One step from a value into a part of it. */
export type ValueStep =
  | { readonly kind: "item" }
  | { readonly kind: "key" }
  | { readonly kind: "entry"; readonly key: string };

/** Finds out what may be typed at an offset; `undefined` in comments and numbers. */
export function completionContext(text: string, offset: number): CompletionContext | undefined {
  const head = text.slice(0, offset);
  const tokens = tokenize(new SourceText("", head), new Diagnostics());
  const last = tokens.length - 2; // before the end
  const lastStart = tokens.start(last);
  const lastText = head.slice(lastStart);
  let start = offset;
  let quoted = false;
  switch (last < 0 ? Tok.Blank : tokens.kind(last)) {
    case Tok.Comment:
      if (!(lastText.startsWith("/*") && lastText.endsWith("*/") && lastText.length >= 4)) return undefined;
      break;
    case Tok.Int:
    case Tok.Double:
      return undefined;
    case Tok.Identifier:
      start = lastStart;
      break;
    case Tok.Literal:
      quoted = !isClosed(lastText);
      if (quoted) start = lastStart;
      break;
  }
  const wanted = new Wanted();
  const cut = head.slice(0, start);
  const back = new LookBack(parseSource(new SourceText("", cut), new Diagnostics(), wanted).tokens, cut);
  const from = quoted ? start + 1 : start;
  return {
    start: from,
    end: quoted ? endOfQuoted(text, offset, lastText) : endOfName(text, offset),
    typed: text.slice(from, offset),
    quoted,
    wanted,
    back,
  };
}

function isClosed(literal: string): boolean {
  for (let i = 1; i < literal.length; i++) {
    if (literal[i] === "\\") i++;
    else if (literal[i] === literal[0]) return true;
  }
  return false;
}

/** The string's end if it is on the same line, else the offset. */
function endOfQuoted(text: string, offset: number, literal: string): number {
  for (let i = offset; i < text.length && text[i] !== "\n" && text[i] !== "\r"; i++) {
    if (text[i] === literal[0]) return i;
  }
  return offset;
}

function endOfName(text: string, offset: number): number {
  return offset + (/^[A-Za-z0-9_.]*/.exec(text.slice(offset, offset + 200))?.[0].length ?? 0);
}

/** Reads tokens backwards from the place. */
export class LookBack {
  readonly #tokens: TokenList;
  readonly #text: string;
  /** The last token that means something; -1 if there is none. */
  readonly #last: number;

  constructor(tokens: TokenList, text: string) {
    this.#tokens = tokens;
    this.#text = text;
    this.#last = this.#before(tokens.length - 1);
  }

  /** The word before the `=` that the place is behind. */
  keyBefore(): string | undefined {
    const key = this.#before(this.#last);
    return key >= 0 && this.#tokens.kind(this.#last) === Tok.Equals ? this.#textOf(key) : undefined;
  }

  /** The word before the parenthesis that the place is in. */
  wordBeforeParenthesis(): string | undefined {
    const opener = this.#opener(this.#last);
    const word = opener === undefined ? -1 : this.#before(opener);
    return word >= 0 ? this.#textOf(word) : undefined;
  }

  /** The steps from the value that begins behind the nearest `=` to the place. */
  valuePath(): ValueStep[] {
    const path: ValueStep[] = [];
    for (let at = this.#last;;) {
      const opener = this.#opener(at);
      if (opener === undefined || this.#tokens.kind(opener) === Tok.ParenOpen) return path;
      path.unshift(this.#step(opener, at));
      at = this.#before(opener);
    }
  }

  #step(opener: number, at: number): ValueStep {
    if (this.#tokens.kind(opener) === Tok.BracketOpen) return { kind: "item" };
    if (this.#tokens.kind(at) !== Tok.Colon) return { kind: "key" };
    return { kind: "entry", key: this.#textOf(this.#before(at)).replace(/^["']|["']$/g, "") };
  }

  /** The bracket that is open at a token; `undefined` if an `=` comes first. */
  #opener(at: number): number | undefined {
    let depth = 0;
    for (let i = at; i >= 0; i--) {
      switch (this.#tokens.kind(i)) {
        case Tok.BraceClose:
        case Tok.BracketClose:
        case Tok.ParenClose:
          depth++;
          break;
        case Tok.BraceOpen:
        case Tok.BracketOpen:
        case Tok.ParenOpen:
          if (depth-- === 0) return i;
          break;
        case Tok.Equals:
          if (depth === 0) return undefined;
      }
    }
    return undefined;
  }

  /** The token before that means something, or -1. */
  #before(index: number): number {
    do index--; while (index >= 0 && this.#tokens.kind(index) <= Tok.Comment);
    return index;
  }

  #textOf(index: number): string {
    return this.#text.slice(this.#tokens.start(index), this.#tokens.end(index));
  }
}
