/**
 * Classes of characters in RE2, and escapes that stand for characters.
 *
 * @module
 */

/** Characters: those of any part, or with `negated` those of none. */
export interface CharClass {
  /** Parts; each is the inside of a class of JavaScript, of which it stands for the complement if negated. */
  readonly parts: readonly { readonly source: string; readonly negated: boolean }[];
  /** True for the characters outside of all parts. */
  readonly negated: boolean;
  /** True to ignore case. */
  readonly fold: boolean;
}

/** What is wrong with a regular expression. */
export class Re2Error extends Error {
  /** Always this. */
  override readonly name = "Re2Error";
}

type Part = CharClass["parts"][number];

/** Reads an escape that stands for characters; `at` is behind the backslash. Throws a `Re2Error`. */
export function parseEscape(text: string, at: number): { part: Part; end: number } {
  const letter = String.fromCodePoint(text.codePointAt(at) ?? 0x5c);
  if (at >= text.length) throw new Re2Error("the expression ends in a backslash");
  const group = PERL.get(letter.toLowerCase());
  if (group !== undefined) return { part: { source: group, negated: letter !== letter.toLowerCase() }, end: at + 1 };
  if (letter === "p" || letter === "P") return parseProperty(text, at);
  const { code, end } = parseCode(text, at, letter);
  return { part: { source: charSource(code), negated: false }, end };
}

/** Reads a class; `at` is behind the opening bracket. Throws a `Re2Error`. */
export function parseClass(text: string, at: number, fold: boolean): { chars: CharClass; end: number } {
  const negated = text[at] === "^";
  if (negated) at++;
  const parts: Part[] = [];
  for (let first = true; first || text[at] !== "]"; first = false) {
    if (at >= text.length) throw new Re2Error("a class is not closed: ] is missing");
    const posix = /\[:(\^?)([^:\]]*):\]/y;
    posix.lastIndex = at;
    const named = posix.exec(text);
    if (named !== null) {
      const source = POSIX.get(named[2] ?? "");
      if (source === undefined) throw new Re2Error(`${named[0]} is no class of characters`);
      parts.push({ source, negated: named[1] === "^" });
      at += named[0].length;
      continue;
    }
    if (text[at] === "\\" && /[dswpDSWP]/.test(text[at + 1] ?? "")) {
      const { part, end } = parseEscape(text, at + 1);
      parts.push(part);
      at = end;
      continue;
    }
    const low = parseClassChar(text, at);
    at = low.end;
    if (text[at] !== "-" || text[at + 1] === "]" || at + 1 >= text.length) {
      parts.push({ source: charSource(low.code), negated: false });
      continue;
    }
    const high = parseClassChar(text, at + 1);
    if (high.code < low.code) {
      throw new Re2Error(`the range ${text.slice(low.end - 1, high.end)} is the wrong way round`);
    }
    parts.push({ source: `${charSource(low.code)}-${charSource(high.code)}`, negated: false });
    at = high.end;
  }
  return { chars: { parts, negated, fold }, end: at + 1 };
}

function parseClassChar(text: string, at: number): { code: number; end: number } {
  const code = text.codePointAt(at);
  if (code === undefined) throw new Re2Error("a class is not closed: ] is missing");
  if (code !== 0x5c) return { code, end: at + (code > 0xffff ? 2 : 1) };
  if (at + 1 >= text.length) throw new Re2Error("the expression ends in a backslash");
  return parseCode(text, at + 1, String.fromCodePoint(text.codePointAt(at + 1)!));
}

function parseCode(text: string, at: number, letter: string): { code: number; end: number } {
  const control = CONTROLS.get(letter);
  if (control !== undefined) return { code: control, end: at + 1 };
  const octal = /0[0-7]{0,2}|[1-7][0-7]{1,2}/y;
  const hex = /x(?:([\da-fA-F]{2})|\{([\da-fA-F]+)\})/y;
  octal.lastIndex = hex.lastIndex = at;
  const number = octal.exec(text);
  if (number !== null) return { code: Number.parseInt(number[0], 8), end: at + number[0].length };
  const found = hex.exec(text);
  if (found !== null) {
    const code = Number.parseInt(found[1] ?? found[2] ?? "", 16);
    if (code > 0x10ffff) throw new Re2Error(`\\${found[0]} is no character`);
    return { code, end: at + found[0].length };
  }
  if (/[1-9]/.test(letter)) throw new Re2Error("references back are not known to RE2");
  if (letter > "\x7f" || /[A-Za-z0-9]/.test(letter)) throw new Re2Error(`\\${letter} is not known to RE2 here`);
  return { code: letter.charCodeAt(0), end: at + 1 };
}

function parseProperty(text: string, at: number): { part: Part; end: number } {
  const pattern = /[pP](?:([A-Za-z])|\{(\^?)(\w+)\})/y;
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (found === null) throw new Re2Error(`\\${text[at]} needs a property: \\${text[at]}{Greek}`);
  const name = found[1] ?? found[3] ?? "";
  const source = name === "Any"
    ? "\\s\\S"
    : [`\\p{General_Category=${name}}`, `\\p{Script=${name}}`].find((each) => isClassOfJs(each));
  if (source === undefined) throw new Re2Error(`\\${found[0]} is no property of characters`);
  const negated = (text[at] === "P") !== (found[2] === "^");
  return { part: { source, negated }, end: at + found[0].length };
}

/** Does this engine know the property? A regular expression of JavaScript throws if it does not. */
function isClassOfJs(source: string): boolean {
  try {
    return new RegExp(`[${source}]`, "u").unicode;
  } catch {
    return false; // a SyntaxError is the only way it tells
  }
}

function charSource(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

const PERL: ReadonlyMap<string, string> = new Map([
  ["d", "0-9"],
  ["s", "\\t\\n\\f\\r "],
  ["w", "0-9A-Za-z_"],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);

const POSIX: ReadonlyMap<string, string> = new Map([
  ["alnum", "0-9A-Za-z"],
  ["alpha", "A-Za-z"],
  ["ascii", "\\u{0}-\\u{7f}"],
  ["blank", "\\t "],
  ["cntrl", "\\u{0}-\\u{1f}\\u{7f}"],
  ["digit", "0-9"],
  ["graph", "!-~"],
  ["lower", "a-z"],
  ["print", " -~"],
  ["punct", "!-\\/:-@\\u{5b}-`\\u{7b}-~"],
  ["space", "\\t\\n\\v\\f\\r "],
  ["upper", "A-Z"],
  ["word", "0-9A-Za-z_"],
  ["xdigit", "0-9A-Fa-f"],
]);
