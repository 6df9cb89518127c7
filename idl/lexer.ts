/**
 * Cuts the text of an IDL file into tokens, in one pass over its characters.
 *
 * Nothing is dropped and nothing throws: what begins no token becomes `Tok.Unknown` and a diagnostic. Time is linear in
 * the length of the text, also for broken texts.
 *
 * @module
 */
import type { Diagnostics } from "./diagnostics.ts";
import type { SourceText } from "./source.ts";
import { Tok, TokenList } from "./tokens.ts";

/** Cuts a text into tokens; what is wrong goes to `diagnostics`. */
export function tokenize(source: SourceText, diagnostics: Diagnostics): TokenList {
  const { text } = source;
  const tokens = new TokenList((text.length >> 2) + 16);
  const unclosed = { double: false, single: false };
  if (isUtf16(text)) {
    // one mistake, not one for every other character
    diagnostics.error("UT1011", source, { start: 0, end: 1 }, "this is UTF-16, not UTF-8", {
      suggestion: "save the file as UTF-8",
    });
    tokens.push(Tok.Unknown, 0);
    tokens.push(Tok.End, text.length);
    return tokens;
  }
  let pos = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  if (pos === 1) tokens.push(Tok.Blank, 0);
  while (pos < text.length) {
    const start = pos;
    const c = text.charCodeAt(pos);
    if (c === 32 || c === 9 || c === 11) {
      do pos++; while (isBlank(text.charCodeAt(pos)));
      tokens.push(Tok.Blank, start);
    } else if (c === 10 || c === 13) {
      pos += c === 13 && text.charCodeAt(pos + 1) === 10 ? 2 : 1;
      tokens.push(Tok.Newline, start);
    } else if (isNameStart(c)) {
      do pos++; while (isNamePart(text.charCodeAt(pos)));
      tokens.push(Tok.Identifier, start);
    } else if (PUNCTUATION[c] !== undefined) {
      pos++;
      tokens.push(PUNCTUATION[c] ?? Tok.Unknown, start);
    } else if (startsNumber(text, pos)) {
      const number = scanNumber(text, pos);
      pos = number.end;
      tokens.push(number.kind, start);
      if (number.kind === Tok.Unknown) {
        diagnostics.error("UT1003", source, { start, end: pos }, `malformed number ${quote(text.slice(start, pos))}`, {
          suggestion: suggestNumber(text.slice(start, pos)),
        });
      }
    } else if (c === 34 || c === 39) {
      pos = scanLiteral(source, start, c, unclosed, diagnostics);
      tokens.push(Tok.Literal, start);
    } else if (c === 35 || (c === 47 && text.charCodeAt(pos + 1) === 47)) {
      pos = endOfLine(text, pos);
      tokens.push(Tok.Comment, start);
    } else if (c === 47 && text.charCodeAt(pos + 1) === 42) {
      const close = text.indexOf("*/", pos + 2);
      pos = close < 0 ? text.length : close + 2;
      if (close < 0) {
        diagnostics.error("UT1002", source, { start, end: start + 2 }, "this comment is never closed", {
          suggestion: "add */",
        });
      }
      tokens.push(Tok.Comment, start);
    } else {
      pos = endOfUnknown(text, pos);
      tokens.push(Tok.Unknown, start);
      const run = text.slice(start, pos);
      diagnostics.error("UT1001", source, { start, end: pos }, describeUnknown(run), {
        suggestion: suggestCharacters(run, isNamePart(text.charCodeAt(start - 1)) && isNamePart(text.charCodeAt(pos))),
      });
    }
  }
  tokens.push(Tok.End, text.length);
  return tokens;
}

const PUNCTUATION: readonly (Tok | undefined)[] = punctuation();

function punctuation(): (Tok | undefined)[] {
  const table = new Array<Tok | undefined>(128).fill(undefined);
  const kinds: [string, Tok][] = [
    ["{", Tok.BraceOpen],
    ["}", Tok.BraceClose],
    ["(", Tok.ParenOpen],
    [")", Tok.ParenClose],
    ["[", Tok.BracketOpen],
    ["]", Tok.BracketClose],
    ["<", Tok.AngleOpen],
    [">", Tok.AngleClose],
    [",", Tok.Comma],
    [";", Tok.Semicolon],
    [":", Tok.Colon],
    ["=", Tok.Equals],
    ["*", Tok.Star],
    ["&", Tok.Ampersand],
  ];
  for (const [character, kind] of kinds) table[character.charCodeAt(0)] = kind;
  return table;
}

function isBlank(c: number): boolean {
  return c === 32 || c === 9 || c === 11;
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

function isNameStart(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95;
}

function isNamePart(c: number): boolean {
  return isNameStart(c) || isDigit(c) || c === 46;
}

/** A digit, a dot before a digit, or a sign before either. */
function startsNumber(text: string, pos: number): boolean {
  let c = text.charCodeAt(pos);
  if (c === 43 || c === 45) c = text.charCodeAt(++pos);
  return isDigit(c) || (c === 46 && isDigit(text.charCodeAt(pos + 1)));
}

/**
 * The longest run that looks like a number, then what it is. A run that continues with letters or a dot, such as `1a`
 * or `1.`, is no number.
 */
function scanNumber(text: string, start: number): { end: number; kind: Tok } {
  let end = start;
  const first = text.charCodeAt(end);
  if (first === 43 || first === 45) end++;
  while (isDigit(text.charCodeAt(end))) end++;
  if (!isNamePart(text.charCodeAt(end))) return { end, kind: Tok.Int };
  for (;;) {
    const c = text.charCodeAt(end);
    if (isNamePart(c)) end++;
    // a sign belongs to the number only after the e of an exponent
    else if ((c === 43 || c === 45) && isExponent(text, start, end)) end++;
    else break;
  }
  const run = text.slice(start, end);
  if (/^(?:[+-]?\d+|[+-]?0x[\da-fA-F]+|0o[0-7]+)$/.test(run)) return { end, kind: Tok.Int };
  if (/^[+-]?(?:\d*\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)$/.test(run)) return { end, kind: Tok.Double };
  return { end, kind: Tok.Unknown };
}

function isExponent(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(end - 1) | 32;
  const lead = text.charCodeAt(start + 1) | 32;
  return before === 101 && end - 1 > start && lead !== 120 && isDigit(text.charCodeAt(end + 1));
}

function suggestNumber(run: string): string | undefined {
  if (/^[+-]?\d+\.$/.test(run)) return `write ${run}0`;
  if (/^0X/.test(run)) return `write ${run.replace("0X", "0x")}`;
  if (/^0O/.test(run)) return `write ${run.replace("0O", "0o")}`;
  return undefined;
}

/** Where a quoted string ends. One that is never closed ends with its line; the next of its kind then does so at once. */
function scanLiteral(
  source: SourceText,
  start: number,
  delimiter: number,
  unclosed: { double: boolean; single: boolean },
  diagnostics: Diagnostics,
): number {
  const { text } = source;
  const key = delimiter === 34 ? "double" : "single";
  const limit = unclosed[key] ? endOfLine(text, start) : text.length;
  for (let pos = start + 1; pos < limit; pos++) {
    const c = text.charCodeAt(pos);
    if (c === 92) pos++;
    else if (c === delimiter) return pos + 1;
  }
  unclosed[key] = true;
  const end = endOfLine(text, start);
  diagnostics.error("UT1004", source, { start, end }, "this string is never closed", {
    suggestion: `add ${delimiter === 34 ? '"' : "'"}`,
  });
  return end;
}

function endOfLine(text: string, pos: number): number {
  while (pos < text.length) {
    const c = text.charCodeAt(pos);
    if (c === 10 || c === 13) break;
    pos++;
  }
  return pos;
}

/** Ends a run of characters none of which begins a token, so that a run is one error. */
function endOfUnknown(text: string, pos: number): number {
  const isAt = text.charCodeAt(pos) === 64;
  do pos++; while (pos < text.length && !beginsToken(text, pos));
  // what fbthrift puts in front of a field is one thing that is not known here
  if (isAt && isNameStart(text.charCodeAt(pos))) { do pos++; while (isNamePart(text.charCodeAt(pos))); }
  return pos;
}

function beginsToken(text: string, pos: number): boolean {
  const c = text.charCodeAt(pos);
  if (isBlank(c) || c === 10 || c === 13 || isNamePart(c) || c === 34 || c === 39 || c === 35) return true;
  if (c === 47) return text.charCodeAt(pos + 1) === 47 || text.charCodeAt(pos + 1) === 42;
  return PUNCTUATION[c] !== undefined || startsNumber(text, pos);
}

/** Does it look like UTF-16 that was read as UTF-8, with or without its mark? */
function isUtf16(text: string): boolean {
  return /^(?:\ufffd\ufffd)?(?:[^\0]\0[^\0]\0|\0[^\0]\0[^\0])/.test(text);
}

function suggestCharacters(run: string, isInName: boolean): string | undefined {
  if (/^@\w/.test(run)) return 'annotations stand behind what they are about: (key = "value")';
  if (/^[\s\u200b-\u200d\u2060\ufeff]+$/.test(run)) return "write a plain space";
  if (/[\u2018-\u201f\u00ab\u00bb]/.test(run)) return "a string stands in \" or '";
  return isInName || /[\p{L}\p{M}\p{N}]/u.test(run) ? "names are made of A to Z, a to z, digits and _" : undefined;
}

function describeUnknown(run: string): string {
  return run.length === 1 && run.charCodeAt(0) > 32
    ? `unexpected character ${quote(run)}`
    : `unexpected characters ${quote(run.length > 20 ? run.slice(0, 20) + "..." : run)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
