/**
 * Base64 over bytes: written with padding, read with or without.
 *
 * @module
 */
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CHARS: Uint8Array = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
const PADDING = 0x3d;
const NO_DIGIT = 64;
/** The digit that a char is, or `NO_DIGIT`. */
const DIGITS: Uint8Array = Uint8Array.from({ length: 256 }, (_, char) => {
  const digit = CHARS.indexOf(char);
  return digit < 0 ? NO_DIGIT : digit;
});

/** Appends `bytes` as base64, padded to a multiple of four chars. */
export function writeBase64(w: WriteBuffer, bytes: Uint8Array): void {
  const length = bytes.length;
  w.reserve(Math.ceil(length / 3) * 4);
  const out = w.bytes;
  let pos = w.pos;
  for (let i = 0; i < length; i += 3) {
    const rest = length - i;
    const group = (bytes[i]! << 16) | ((rest > 1 ? bytes[i + 1]! : 0) << 8) | (rest > 2 ? bytes[i + 2]! : 0);
    out[pos] = CHARS[group >> 18]!;
    out[pos + 1] = CHARS[(group >> 12) & 63]!;
    out[pos + 2] = rest > 1 ? CHARS[(group >> 6) & 63]! : PADDING;
    out[pos + 3] = rest > 2 ? CHARS[group & 63]! : PADDING;
    pos += 4;
  }
  w.pos = pos;
}

/** The bytes that base64 in `text`, from `start` to `end`, stands for; `undefined` if it is none. */
export function decodeBase64(text: Uint8Array, start: number, end: number): Uint8Array | undefined {
  let stop = end;
  for (let padding = 0; padding < 2 && stop > start && text[stop - 1] === PADDING; padding++) stop--;
  const digits = stop - start;
  if (digits % 4 === 1 || (stop < end && (end - start) % 4 !== 0)) return undefined;
  const bytes = new Uint8Array(Math.floor(digits * 3 / 4));
  let at = 0;
  let seen = 0;
  for (let i = start; i < stop; i += 4) {
    const a = DIGITS[text[i]!]!;
    const b = DIGITS[text[i + 1]!]!;
    const c = i + 2 < stop ? DIGITS[text[i + 2]!]! : 0;
    const d = i + 3 < stop ? DIGITS[text[i + 3]!]! : 0;
    seen |= a | b | c | d;
    const group = (a << 18) | (b << 12) | (c << 6) | d;
    bytes[at++] = group >> 16; // what lies beyond the array is dropped
    bytes[at++] = group >> 8;
    bytes[at++] = group;
  }
  return seen >= NO_DIGIT ? undefined : bytes;
}
