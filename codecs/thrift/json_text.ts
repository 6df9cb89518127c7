/**
 * The tokens of JSON, read from bytes and written to bytes.
 *
 * Readers skip white space before a token and throw `UNDERRUN` where more bytes could still make one, and an
 * `RpcError` of kind `"protocol"` where none could.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { encodeText, readText, writeText } from "../../lib/io/text.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { writeByte, writeBytes } from "./put.ts";
import { malformed, UNDERRUN } from "./underrun.ts";

/** `"` */
export const QUOTE = 0x22;
/** `,` */
export const COMMA = 0x2c;
/** `:` */
export const COLON = 0x3a;
/** `[` */
export const OPEN_LIST = 0x5b;
/** `]` */
export const CLOSE_LIST = 0x5d;
/** `{` */
export const OPEN_OBJECT = 0x7b;
/** `}` */
export const CLOSE_OBJECT = 0x7d;
/** `\` */
export const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_U = 0x75;

/** So many digits are always exact as a number. */
const MAX_SHORT_DIGITS = 15;

/** No double needs more digits than this, and no peer writes more. */
const MAX_NUMBER_CHARS = 2048;

/** True for JSON's white space. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The byte that the next token begins with; it stays to be read. */
export function peekToken(r: ReadBuffer): number {
  for (; r.pos < r.end; r.pos++) {
    const byte = r.view.getUint8(r.pos);
    if (!isSpace(byte)) return byte;
  }
  throw UNDERRUN;
}

/** Reads the token `byte`. */
export function expect(r: ReadBuffer, byte: number): void {
  if (peekToken(r) !== byte) throw unexpected(r, JSON.stringify(String.fromCharCode(byte)));
  r.pos++;
}

/** After an element: reads `,` and gives true, or reads `close` and gives false. */
export function another(r: ReadBuffer, close: number): boolean {
  const byte = peekToken(r);
  if (byte !== COMMA && byte !== close) throw unexpected(r, `"," or ${JSON.stringify(String.fromCharCode(close))}`);
  r.pos++;
  return byte === COMMA;
}

/** An error for the token at `r.pos`. */
export function unexpected(r: ReadBuffer, wanted: string): Error {
  return malformed(r, `expected ${wanted}, got ${JSON.stringify(String.fromCharCode(r.view.getUint8(r.pos)))}`, r.pos);
}

/** Reads a string and gives where its content lies, without the quotes, and whether it has escapes in it. */
export function readRaw(r: ReadBuffer): { start: number; end: number; escaped: boolean } {
  expect(r, QUOTE);
  const { view, end } = r;
  const start = r.pos;
  let escaped = false;
  for (let pos = start; pos < end; pos++) {
    const byte = view.getUint8(pos);
    if (byte === QUOTE) {
      if (pos - start > r.maxStringBytes) {
        throw malformed(r, `string of ${pos - start} bytes exceeds ${r.maxStringBytes}`, start);
      }
      r.pos = pos + 1;
      return { start, end: pos, escaped };
    }
    if (byte === BACKSLASH) {
      escaped = true;
      pos++;
    }
  }
  throw UNDERRUN;
}

/** Reads a string. */
export function readJsonString(r: ReadBuffer): string {
  const { start, end, escaped } = readRaw(r);
  return escaped ? unescape(r, start, end) : readText(r, start, end);
}

/** The text of a string's content from `start` to `end`, escapes undone. */
function unescape(r: ReadBuffer, start: number, end: number): string {
  const { bytes } = r;
  let text = "";
  let from = start;
  for (let pos = start; pos < end; pos++) {
    if (bytes[pos] !== BACKSLASH) continue;
    if (pos > from) text += readText(r, from, pos);
    const code = bytes[pos + 1]!; // a string does not end behind a backslash
    if (code === LETTER_U) {
      text += String.fromCharCode(readHex(r, pos + 2, end));
      pos += 5;
    } else {
      const char = ESCAPES.get(code);
      if (char === undefined) throw malformed(r, `unknown escape \\${String.fromCharCode(code)}`, pos);
      text += char;
      pos += 1;
    }
    from = pos + 1;
  }
  return from < end ? text + readText(r, from, end) : text;
}

const ESCAPES: ReadonlyMap<number, string> = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" })
    .map(([name, char]) => [name.charCodeAt(0), char]),
);

function readHex(r: ReadBuffer, start: number, end: number): number {
  let value = 0;
  for (let pos = start; pos < start + 4; pos++) {
    const digit = pos < end ? HEX.indexOf(String.fromCharCode(r.bytes[pos]! | 0x20)) : -1;
    if (digit < 0) throw malformed(r, "a \\u escape without four digits", start);
    value = value * 16 + digit;
  }
  return value;
}

const HEX = "0123456789abcdef";

/** Reads the text of a number, or of what stands for one in quotes. */
export function readNumberText(r: ReadBuffer): string {
  if (peekToken(r) === QUOTE) {
    const { start, end } = readRaw(r);
    if (end - start > MAX_NUMBER_CHARS) throw malformed(r, `number of ${end - start} chars`, start);
    return readText(r, start, end);
  }
  const start = r.pos;
  for (let pos = start; pos < r.end; pos++) {
    if (isNumberByte(r.view.getUint8(pos))) continue;
    if (pos === start) throw unexpected(r, "a number");
    if (pos - start > MAX_NUMBER_CHARS) throw malformed(r, `number of ${pos - start} chars`, start);
    r.pos = pos;
    return readText(r, start, pos);
  }
  throw UNDERRUN;
}

/** Letters are taken too: some peers write `NaN` and `Infinity` without quotes. */
function isNumberByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || byte === MINUS || byte === 0x2b || byte === 0x2e ||
    (letter >= 0x61 && letter <= 0x7a);
}

/** Reads an integer from `min` to `max`, in quotes or not. */
export function readInteger(r: ReadBuffer, min: number, max: number): number {
  peekToken(r);
  const pos = r.pos;
  const value = readShortInteger(r) ?? Number(readNumberText(r).match(/^-?[0-9]{1,40}$/)?.[0]);
  if (value >= min && value <= max) return value + 0; // no -0
  throw malformed(r, `expected an integer from ${min} to ${max}`, pos);
}

/** Reads an i64, in quotes or not. */
export function readI64(r: ReadBuffer): bigint {
  const short = readShortInteger(r);
  if (short !== undefined) return BigInt(short);
  const pos = r.pos;
  const text = readNumberText(r);
  if (/^-?[0-9]{1,40}$/.test(text)) {
    const value = BigInt(text);
    if (BigInt.asIntN(64, value) === value) return value;
  }
  throw malformed(r, `expected an i64, got ${text.slice(0, 40)}`, pos);
}

/** Reads an integer of up to 15 digits, in quotes or not, from its bytes; `undefined`, with nothing read, if it is none. */
function readShortInteger(r: ReadBuffer): number | undefined {
  const quoted = peekToken(r) === QUOTE;
  const { view, end } = r;
  let pos = quoted ? r.pos + 1 : r.pos;
  const negative = pos < end && view.getUint8(pos) === MINUS;
  const first = negative ? pos + 1 : pos;
  let value = 0;
  for (pos = first; pos < end && pos - first <= MAX_SHORT_DIGITS; pos++) {
    const digit = view.getUint8(pos) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (pos >= end || pos === first || pos - first > MAX_SHORT_DIGITS) return undefined;
  const next = view.getUint8(pos);
  if (quoted ? next !== QUOTE : isNumberByte(next)) return undefined;
  r.pos = quoted ? pos + 1 : pos;
  return negative && value !== 0 ? -value : value;
}

/** Reads a double: a number in quotes or not, or `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export function readDouble(r: ReadBuffer): number {
  peekToken(r);
  const pos = r.pos;
  const text = readNumberText(r);
  if (/^(-?Infinity|NaN|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)$/.test(text)) return Number(text);
  throw malformed(r, `expected a double, got ${text.slice(0, 40)}`, pos);
}

/** Appends ASCII text as it is. */
export function writeAscii(w: WriteBuffer, text: string): void {
  w.pos = writeText(w, w.pos, text, 0);
}

/** Appends a string: quotes, escapes where JSON demands them, everything else as UTF-8. */
export function writeJsonString(w: WriteBuffer, text: string): void {
  // deno-lint-ignore no-control-regex -- those are what must be escaped
  if (/["\\\u0000-\u001f]/.test(text)) {
    writeBytes(w, encodeText(JSON.stringify(text.replace(/\p{Surrogate}/gu, "\ufffd"))));
    return;
  }
  writeByte(w, QUOTE);
  w.pos = writeText(w, w.pos, text, 1);
  w.bytes[w.pos++] = QUOTE;
}

/** The text of a double, with quotes where JSON has no number for it. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0" : String(value);
}
