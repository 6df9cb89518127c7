/**
 * What the escapes in a quoted string of the IDL stand for: those of Go, which is what Thriftgo hands them to.
 *
 * `\a \b \f \n \r \t \v \\ \' \"`, `\xHH` and `\ooo` (a byte each), `\uHHHH` and `\UHHHHHHHH` (a code point each).
 *
 * @module
 */
import type { LiteralNode } from "./ast.ts";
import type { Span } from "./diagnostics.ts";

/** Why a string cannot be decoded, and where. */
export interface StringProblem extends Span {
  /** What is wrong. */
  readonly message: string;
}

/** The text of a quoted string, or the first thing wrong with it. */
export function decodeText(literal: LiteralNode): string | StringProblem {
  if (!literal.raw.includes("\\")) return literal.raw;
  const parts = decode(literal);
  if (!Array.isArray(parts)) return parts;
  if (parts.every((part) => typeof part === "string")) return parts.join("");
  const text = bytesToText(join(parts));
  return text ?? { message: "the bytes of this string are not UTF-8", start: literal.start, end: literal.end };
}

/** The bytes of a quoted string, or the first thing wrong with it. */
export function decodeBytes(literal: LiteralNode): Uint8Array | StringProblem {
  const parts = decode(literal);
  return Array.isArray(parts) ? join(parts) : parts;
}

/** UTF-8 as text; `undefined` if it is not UTF-8. */
export function bytesToText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // the only way the decoder tells
  }
}

const SIMPLE = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
]);

/** Text, and bytes (0 to 255) of escapes that name one above 127. */
function decode(literal: LiteralNode): (string | number)[] | StringProblem {
  const { raw } = literal;
  const parts: (string | number)[] = [];
  let from = 0;
  for (let at = raw.indexOf("\\"); at >= 0; at = raw.indexOf("\\", from)) {
    parts.push(raw.slice(from, at));
    const escape = /^\\(?:[abfnrtv\\'"]|x[\da-fA-F]{2}|[0-7]{3}|u[\da-fA-F]{4}|U[\da-fA-F]{8})/.exec(
      raw.slice(at, at + 10),
    );
    const text = escape?.[0] ?? raw.slice(at, at + 2);
    const meaning = escape === null ? undefined : decodeEscape(text.slice(1));
    // + 1: the opening quote
    const start = literal.start + 1 + at;
    if (meaning === undefined) return { message: `unknown escape ${text}`, start, end: start + text.length };
    parts.push(meaning);
    from = at + text.length;
  }
  parts.push(raw.slice(from));
  return parts;
}

function decodeEscape(escape: string): string | number | undefined {
  const simple = SIMPLE.get(escape);
  if (simple !== undefined) return simple;
  const octal = /^[0-7]/.test(escape);
  const code = octal ? Number.parseInt(escape, 8) : Number.parseInt(escape.slice(1), 16);
  if (octal || escape.startsWith("x")) return code > 255 ? undefined : code < 128 ? String.fromCharCode(code) : code;
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);
}

function join(parts: readonly (string | number)[]): Uint8Array {
  const encoder = new TextEncoder();
  const chunks = parts.map((part) => typeof part === "string" ? encoder.encode(part) : Uint8Array.of(part));
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let pos = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, pos);
    pos += chunk.length;
  }
  return bytes;
}
