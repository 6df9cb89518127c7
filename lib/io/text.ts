/**
 * UTF-8 in and out: the one place that knows which way is fast on which engine.
 *
 * Where the runtime has Node's `Buffer`, its native string functions are used on plain `Uint8Array`s; elsewhere
 * `TextDecoder` and `TextEncoder` do the same. What is not UTF-8 is read as U+FFFD, and so is a lone surrogate written.
 *
 * @module
 */
import type { ReadBuffer } from "./read_buffer.ts";
import type { WriteBuffer } from "./write_buffer.ts";

/** The part of Node's `Buffer.prototype` in use; undocumented, but there on Node, Deno and Bun. */
interface BufferMethods {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
  utf8Write(text: string, offset: number): number;
}

/**
 * A native call costs more than a short string is worth, so ASCII strings are cut from one text made of this many bytes
 * at once. Engines keep that text alive as long as one of its parts, which is why it is not longer.
 */
const WINDOW_BYTES = 1024;
/** Longer strings are decoded on their own. */
const MAX_WINDOWED_BYTES = 256;
/** Longer texts are not given three bytes a char beforehand. */
const MAX_GENEROUS_CHARS = 16 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const latin1Decoder = new TextDecoder("latin1");

const methods = (globalThis as { Buffer?: { prototype: BufferMethods } }).Buffer?.prototype;
const utf8Slice = methods?.utf8Slice;
const latin1Slice = methods?.latin1Slice;
/** Deno writes this one over `encodeInto`, which is then better called directly. */
const utf8Write = /encodeInto/.test(String(methods?.utf8Write)) ? undefined : methods?.utf8Write;
/** Up to this many chars a loop beats the call. */
const LOOP_CHARS = utf8Write === undefined ? 48 : 16;

/** The UTF-8 text in `bytes` from `start` to `end`. */
export function decodeText(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  if (utf8Slice !== undefined) return utf8Slice.call(bytes, start, end);
  return decoder.decode(bytes.subarray(start, end));
}

/** The UTF-8 text in `r.bytes` from `start` to `end`, which must lie before `r.end`. Made for many short strings. */
export function readText(r: ReadBuffer, start: number, end: number): string {
  if (end - start > MAX_WINDOWED_BYTES) return decodeText(r.bytes, start, end);
  const view = r.view;
  let seen = 0;
  let at = start;
  for (const last = end - 3; at < last; at += 4) seen |= view.getInt32(at);
  for (; at < end; at++) seen |= view.getInt8(at);
  if ((seen & 0x80808080) !== 0) return decodeText(r.bytes, start, end);
  if (end > r.textEnd || start < r.textStart) moveWindow(r, start, end);
  return r.text.substring(start - r.textStart, end - r.textStart);
}

/** `text` as UTF-8, in memory of its own. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Writes `text` as UTF-8 at `pos`, which need not be `w.pos`, growing the buffer as needed, and gives the position
 * after it, where room for `extra` more bytes is left. `w.pos` is not to be relied on afterwards.
 */
export function writeText(w: WriteBuffer, pos: number, text: string, extra: number): number {
  const length = text.length;
  const bytes = w.bytes;
  if (length <= LOOP_CHARS && bytes.length - pos >= length * 3 + extra) {
    let i = 0;
    for (; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) break;
      bytes[pos + i] = code;
    }
    if (i === length) return pos + length;
  }
  return writeLongText(w, pos, text, extra);
}

function writeLongText(w: WriteBuffer, pos: number, text: string, extra: number): number {
  const length = text.length;
  if (length > MAX_GENEROUS_CHARS) return writeHugeText(w, pos, text, extra);
  reserveAt(w, pos, length * 3 + extra);
  if (utf8Write !== undefined) return pos + utf8Write.call(w.bytes, text, pos);
  return pos + encoder.encodeInto(text, w.bytes.subarray(pos)).written;
}

/** Most texts need far less than three bytes a char: begins with one, and makes room for the rest when it shows. */
function writeHugeText(w: WriteBuffer, pos: number, text: string, extra: number): number {
  reserveAt(w, pos, text.length + extra);
  const first = encoder.encodeInto(text, w.bytes.subarray(pos));
  const at = pos + first.written;
  if (first.read === text.length) {
    reserveAt(w, at, extra);
    return at;
  }
  const rest = text.slice(first.read);
  reserveAt(w, at, rest.length * 3 + extra);
  return at + encoder.encodeInto(rest, w.bytes.subarray(at)).written;
}

function reserveAt(w: WriteBuffer, pos: number, count: number): void {
  w.pos = pos;
  w.reserve(count);
}

function moveWindow(r: ReadBuffer, start: number, end: number): void {
  const stop = Math.max(end, Math.min(r.end, start + WINDOW_BYTES));
  r.text = latin1Slice === undefined
    ? latin1Decoder.decode(r.bytes.subarray(start, stop)) // windows-1252 in truth: the same for ASCII, one char a byte
    : latin1Slice.call(r.bytes, start, stop);
  r.textStart = start;
  r.textEnd = stop;
}
