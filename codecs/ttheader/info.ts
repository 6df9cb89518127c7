/**
 * The info blocks of a TTHeader: string pairs and integer-keyed strings.
 *
 * ```text
 * 00                                    padding, one byte
 * 01 u16 count, count x {str, str}      string keys
 * 10 u16 count, count x {u16, str}      integer keys
 * 11 str                                the ACL token
 * ```
 *
 * A `str` is a u16 length and that many bytes of UTF-8. Numbers are big-endian. Of equal keys the last one counts.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { decodeText, encodeText, writeText } from "../../lib/io/text.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { StrKey } from "./keys.ts";

/** Types of info blocks. */
export const InfoId: {
  readonly PADDING: 0x00;
  readonly STRINGS: 0x01;
  readonly INTS: 0x10;
  readonly TOKEN: 0x11;
} = { PADDING: 0x00, STRINGS: 0x01, INTS: 0x10, TOKEN: 0x11 };

/** Most a length or a count can say. */
const MAX_U16 = 0xffff;

/** Hears of the entries of the blocks, as ranges of the bytes given to `readInfo`. */
export interface InfoVisitor {
  /** A pair of strings. */
  pair(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void;
  /** An integer-keyed string. */
  int(key: number, valueStart: number, valueEnd: number): void;
  /** The ACL token. */
  token(valueStart: number, valueEnd: number): void;
}

/** Reads the blocks in `bytes[start..end]`. Throws an `RpcError` of kind `"protocol"` if they are not well formed. */
export function readInfo(bytes: Uint8Array, start: number, end: number, to: InfoVisitor): void {
  let at = start;
  while (at < end) {
    const id = bytes[at++]!;
    if (id === InfoId.PADDING) continue;
    if (id === InfoId.TOKEN) {
      const value = stringAt(bytes, at, end, start);
      to.token(at + 2, value);
      at = value;
      continue;
    }
    if (id !== InfoId.STRINGS && id !== InfoId.INTS) {
      throw new RpcError("protocol", `info block type 0x${id.toString(16)} at byte ${at - 1 - start} of the header`);
    }
    if (end - at < 2) throw truncated(at - start);
    const count = (bytes[at]! << 8) | bytes[at + 1]!;
    at += 2;
    for (let i = 0; i < count; i++) {
      if (id === InfoId.INTS) {
        if (end - at < 2) throw truncated(at - start);
        const key = (bytes[at]! << 8) | bytes[at + 1]!;
        const valueEnd = stringAt(bytes, at + 2, end, start);
        to.int(key, at + 4, valueEnd);
        at = valueEnd;
      } else {
        const keyEnd = stringAt(bytes, at, end, start);
        const valueEnd = stringAt(bytes, keyEnd, end, start);
        to.pair(at + 2, keyEnd, keyEnd + 2, valueEnd);
        at = valueEnd;
      }
    }
  }
}

/** The info blocks as maps; the token is among the strings under `StrKey.ACL_TOKEN`, as Kitex has it. */
export interface Info {
  /** String pairs. */
  readonly strings: Map<string, string>;
  /** Integer-keyed strings. */
  readonly ints: Map<number, string>;
}

/** Reads the blocks in `bytes[start..end]` into maps. Throws as `readInfo` does. */
export function decodeInfo(bytes: Uint8Array, start: number, end: number): Info {
  const strings = new Map<string, string>();
  const ints = new Map<number, string>();
  readInfo(bytes, start, end, {
    pair: (k, kEnd, v, vEnd) => void strings.set(decodeText(bytes, k, kEnd), decodeText(bytes, v, vEnd)),
    int: (key, v, vEnd) => void ints.set(key, decodeText(bytes, v, vEnd)),
    token: (v, vEnd) => void strings.set(StrKey.ACL_TOKEN, decodeText(bytes, v, vEnd)),
  });
  return { strings, ints };
}

/**
 * Appends the blocks in Kitex's order: token, strings, integers; what is empty is left out.
 * Throws an `RpcError` of kind `"invalid"` if there are more than 65,535 entries or one is longer than 65,535 bytes.
 */
export function encodeInfo(
  w: WriteBuffer,
  strings: ReadonlyMap<string, string> | undefined,
  ints: ReadonlyMap<number, string> | undefined,
): void {
  const token = strings?.get(StrKey.ACL_TOKEN);
  if (token !== undefined) {
    putByte(w, InfoId.TOKEN);
    putString(w, token);
  }
  const pairs = (strings?.size ?? 0) - (token === undefined ? 0 : 1);
  if (strings !== undefined && pairs > 0) {
    beginBlock(w, InfoId.STRINGS, pairs);
    for (const [key, value] of strings) {
      if (key === StrKey.ACL_TOKEN) continue;
      putString(w, key);
      putString(w, value);
    }
  }
  if (ints !== undefined && ints.size > 0) {
    beginBlock(w, InfoId.INTS, ints.size);
    for (const [key, value] of ints) {
      putU16(w, key);
      putString(w, value);
    }
  }
}

/** Appends the beginning of a block of `count` entries. Throws an `RpcError` of kind `"invalid"` if they are too many. */
export function beginBlock(w: WriteBuffer, id: number, count: number): void {
  if (count > MAX_U16) throw new RpcError("invalid", `${count} header entries exceed ${MAX_U16}`);
  putByte(w, id);
  putU16(w, count);
}

/** Appends a big-endian u16. */
export function putU16(w: WriteBuffer, value: number): void {
  w.reserve(2);
  w.bytes[w.pos++] = value >>> 8;
  w.bytes[w.pos++] = value;
}

/** Appends a string with its length. Throws an `RpcError` of kind `"invalid"` if it is longer than 65,535 bytes. */
export function putString(w: WriteBuffer, text: string): void {
  const start = w.pos;
  if (text.length > MAX_U16) throw tooLong(text, text.length);
  w.reserve(2);
  w.pos = writeText(w, start + 2, text, 0);
  const length = w.pos - start - 2;
  if (length > MAX_U16) throw tooLong(text, length);
  w.bytes[start] = length >>> 8;
  w.bytes[start + 1] = length;
}

/** Appends a whole number, from 0 up, as a decimal string with its length. */
export function putDecimal(w: WriteBuffer, value: number): void {
  if (value > 0x7fffffff) return putString(w, `${value}`);
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  putU16(w, digits);
  w.reserve(digits);
  w.pos += digits;
  for (let at = w.pos - 1, left = value; digits > 0; digits--, at--) {
    w.bytes[at] = 0x30 + left % 10;
    left = (left / 10) | 0;
  }
}

/** A string as `putString` appends it. Throws as it does. */
export function encodeString(text: string): Uint8Array {
  const bytes = encodeText(text);
  if (bytes.length > MAX_U16) throw tooLong(text, bytes.length);
  const encoded = new Uint8Array(2 + bytes.length);
  encoded[0] = bytes.length >>> 8;
  encoded[1] = bytes.length;
  encoded.set(bytes, 2);
  return encoded;
}

function putByte(w: WriteBuffer, value: number): void {
  w.reserve(1);
  w.bytes[w.pos++] = value;
}

/** Where the string whose length is at `at` ends. */
function stringAt(bytes: Uint8Array, at: number, end: number, start: number): number {
  if (end - at < 2) throw truncated(at - start);
  const stop = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
  if (stop > end) throw truncated(at - start);
  return stop;
}

function truncated(at: number): RpcError {
  return new RpcError("protocol", `the header's info ends within the entry at byte ${at}`);
}

function tooLong(text: string, length: number): RpcError {
  return new RpcError(
    "invalid",
    `header string ${JSON.stringify(text.slice(0, 40))}... of ${length} bytes exceeds ${MAX_U16}`,
  );
}
