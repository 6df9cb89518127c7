/**
 * Values without elements in the Compact protocol.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { readText, writeText } from "../../lib/io/text.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { getUuid } from "./binary_reader.ts";
import { setUuid } from "./binary_writer.ts";
import { COMPACT_FALSE, COMPACT_TRUE } from "./compact_types.ts";
import { INVALID, parseI64 } from "./invalid.ts";
import { writeByte, writeBytes } from "./put.ts";
import { take } from "./reader_guards.ts";
import type { ScalarSchema, ValueCodec } from "./schema_compiler.ts";
import { malformed } from "./underrun.ts";
import {
  foldI32,
  MAX_VARINT32_BYTES,
  readFoldedI64,
  readVarint32,
  unfoldI32,
  writeFoldedI64,
  writeVarint32,
} from "./varint.ts";

/** The codec of a type without elements. */
export function compactScalar(type: ScalarSchema): ValueCodec {
  switch (type.kind) {
    case "bool": // an element; fields are handled by their headers
      return codec<boolean>(
        (x) => typeof x === "boolean",
        (w, x) => writeByte(w, x ? COMPACT_TRUE : COMPACT_FALSE),
        (r) => r.view.getUint8(take(r, 1)) === COMPACT_TRUE,
      );
    case "i8":
      return codec<number>(
        (x) => x === x << 24 >> 24,
        (w, x) => writeByte(w, x),
        (r) => r.view.getInt8(take(r, 1)),
      );
    case "i16":
      return codec<number>((x) => x === x << 16 >> 16, (w, x) => writeVarint32(w, foldI32(x)), readI16);
    case "i32":
    case "enum":
      return codec<number>(
        (x) => x === (x | 0),
        (w, x) => writeVarint32(w, foldI32(x)),
        (r) => unfoldI32(readVarint32(r)),
      );
    case "i64":
      return i64Codec(type.as ?? "bigint");
    case "double":
      return codec<number>((x) => typeof x === "number", writeDouble, (r) => r.view.getFloat64(take(r, 8), true));
    case "uuid":
      return codec<string>(() => true, writeUuid, (r) => getUuid(r.view, take(r, 16)));
    case "string":
      return codec<string>((x) => typeof x === "string", writeString, readString);
    case "binary":
      return codec<Uint8Array>((x) => x instanceof Uint8Array, writeBinary, readBinary);
  }
}

/** Reads an i16. */
export function readI16(r: ReadBuffer): number {
  const pos = r.pos;
  const value = unfoldI32(readVarint32(r));
  if (value !== value << 16 >> 16) throw malformed(r, `i16 ${value} out of range`, pos);
  return value;
}

/** Reads the length of a string or binary; its bytes are not checked to be there. */
export function readLength(r: ReadBuffer): number {
  const pos = r.pos;
  const length = readVarint32(r);
  if (length > r.maxStringBytes) throw malformed(r, `string of ${length} bytes exceeds ${r.maxStringBytes}`, pos);
  return length;
}

/** A codec from a check, a writer and a reader; the writer may throw `INVALID` itself. */
function codec<T>(
  fits: (value: T) => boolean,
  write: (w: WriteBuffer, value: T) => void,
  read: (r: ReadBuffer) => T,
): ValueCodec {
  return {
    write(w: WriteBuffer, value: unknown): void {
      if (!fits(value as T)) throw INVALID;
      write(w, value as T);
    },
    read,
  };
}

function i64Codec(as: "bigint" | "number" | "string"): ValueCodec {
  if (as === "string") {
    return codec<string>(() => true, (w, x) => writeFoldedI64(w, parseI64(x)), (r) => readFoldedI64(r).toString());
  }
  if (as === "number") {
    return codec<number>(Number.isSafeInteger, (w, x) => writeFoldedI64(w, BigInt(x)), (r) => {
      const pos = r.pos;
      const value = readFoldedI64(r);
      if (!Number.isSafeInteger(Number(value))) throw malformed(r, `i64 ${value} does not fit a number`, pos);
      return Number(value);
    });
  }
  const fits = (x: bigint): boolean => typeof x === "bigint" && BigInt.asIntN(64, x) === x;
  return codec<bigint>(fits, writeFoldedI64, readFoldedI64);
}

/** Little-endian, unlike Binary. */
function writeDouble(w: WriteBuffer, value: number): void {
  w.reserve(8);
  w.view.setFloat64(w.pos, value, true);
  w.pos += 8;
}

function writeUuid(w: WriteBuffer, value: string): void {
  w.reserve(16);
  setUuid(w.view, w.pos, value);
  w.pos += 16;
}

/** The length takes as many bytes as it takes: the text is written for a short one first, and moved if that was wrong. */
function writeString(w: WriteBuffer, value: string): void {
  const start = w.pos;
  const guess = value.length < 43 ? 1 : 5; // under 43 chars are under 128 bytes
  w.reserve(MAX_VARINT32_BYTES); // writing the length must not make the buffer grow: the text is not below w.pos then
  const end = writeText(w, start + guess, value, 0);
  const length = end - start - guess;
  w.pos = start;
  writeVarint32(w, length);
  const text = w.pos;
  if (text !== start + guess) w.bytes.copyWithin(text, start + guess, end);
  w.pos = text + length;
}

function writeBinary(w: WriteBuffer, value: Uint8Array): void {
  writeVarint32(w, value.length);
  writeBytes(w, value);
}

function readString(r: ReadBuffer): string {
  const start = take(r, readLength(r));
  return readText(r, start, r.pos);
}

function readBinary(r: ReadBuffer): Uint8Array {
  const start = take(r, readLength(r));
  const value = new Uint8Array(r.pos - start);
  value.set(r.bytes.subarray(start, r.pos));
  return value;
}
