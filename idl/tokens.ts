/**
 * Tokens of an IDL file, kept as two flat arrays.
 *
 * Tokens tile the text: each ends where the next begins, blanks and comments are tokens like the others, and the last
 * one is `Tok.End` at the end of the text. So the text can be rebuilt from them, and a place in one is a place in the
 * other.
 *
 * @module
 */

/** Kinds of tokens; those up to `Comment` carry no meaning for the grammar. */
export const Tok = {
  /** Spaces, tabs, vertical tabs; also a byte order mark at the very start. */
  Blank: 0,
  /** CR, LF or CR LF. */
  Newline: 1,
  /** `//...`, `#...` without the line's end, or a block comment. */
  Comment: 2,
  /** A character or a run that begins no token, or a token that is broken (see `TokenList.errors`). */
  Unknown: 3,
  /** `[A-Za-z_][A-Za-z0-9_.]*`; keywords too. */
  Identifier: 4,
  /** An integer, with sign and base. */
  Int: 5,
  /** A number with a dot or an exponent. */
  Double: 6,
  /** A quoted string with its quotes. */
  Literal: 7,
  /** `{`. */
  BraceOpen: 8,
  /** `}`. */
  BraceClose: 9,
  /** `(`. */
  ParenOpen: 10,
  /** `)`. */
  ParenClose: 11,
  /** `[`. */
  BracketOpen: 12,
  /** `]`. */
  BracketClose: 13,
  /** `<`. */
  AngleOpen: 14,
  /** `>`. */
  AngleClose: 15,
  /** `,`. */
  Comma: 16,
  /** `;`. */
  Semicolon: 17,
  /** `:`. */
  Colon: 18,
  /** `=`. */
  Equals: 19,
  /** `*`. */
  Star: 20,
  /** `&`. */
  Ampersand: 21,
  /** The end of the text. */
  End: 22,
} as const;

/** A kind of token. */
export type Tok = (typeof Tok)[keyof typeof Tok];

/** All tokens of a text. */
export class TokenList {
  /** How many there are, the end included. */
  length = 0;
  #kinds: Uint8Array;
  #starts: Int32Array;

  /** Begins with room for `capacity` tokens. */
  constructor(capacity: number) {
    this.#kinds = new Uint8Array(capacity);
    this.#starts = new Int32Array(capacity);
  }

  /** Adds a token that begins at `start` and ends where the next begins. */
  push(kind: Tok, start: number): void {
    if (this.length === this.#kinds.length) this.#grow();
    this.#kinds[this.length] = kind;
    this.#starts[this.length++] = start;
  }

  /** Kind of a token; `Tok.End` beyond the last. */
  kind(index: number): Tok {
    return index < this.length ? this.#kinds[index] as Tok : Tok.End;
  }

  /** Offset of a token's first character. */
  start(index: number): number {
    return this.#starts[Math.min(index, this.length - 1)] ?? 0;
  }

  /** Offset after a token's last character. */
  end(index: number): number {
    return this.start(index + 1);
  }

  /** Index of the token that holds the character at `offset`. */
  at(offset: number): number {
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.start(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #grow(): void {
    const kinds = new Uint8Array(this.length * 2);
    const starts = new Int32Array(this.length * 2);
    kinds.set(this.#kinds);
    starts.set(this.#starts);
    this.#kinds = kinds;
    this.#starts = starts;
  }
}
