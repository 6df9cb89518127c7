/**
 * Values without elements in the JSON protocol. As keys of a map, numbers and bools stand in quotes.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { encodeText } from "../../lib/io/text.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { decodeBase64, writeBase64 } from "./base64.ts";
import { INVALID, isUuid, parseI64 } from "./invalid.ts";
import {
  doubleText,
  QUOTE,
  readDouble,
  readI64,
  readInteger,
  readJsonString,
  readRaw,
  writeAscii,
  writeJsonString,
} from "./json_text.ts";
import { writeByte } from "./put.ts";
import type { ScalarSchema, ValueCodec } from "./schema_compiler.ts";
import { malformed } from "./underrun.ts";

/** A codec of values in JSON; reading takes numbers with and without quotes. */
export interface JsonCodec extends ValueCodec {
  /** Writes a value as the key of a map. */
  writeKey(w: WriteBuffer, value: unknown, depth: number): void;
}

/** The codec of a type without elements. */
export function jsonScalar(type: ScalarSchema): JsonCodec {
  switch (type.kind) {
    case "bool":
      return number<boolean>((x) => typeof x === "boolean" ? (x ? "1" : "0") : undefined, readBool);
    case "i8":
      return integer(0x80);
    case "i16":
      return integer(0x8000);
    case "i32":
    case "enum":
      return integer(0x8000_0000);
    case "i64":
      return i64(type.as ?? "bigint");
    case "double":
      return double();
    case "string":
      return text((w, value) => {
        if (typeof value !== "string") throw INVALID;
        writeJsonString(w, value);
      }, readJsonString);
    case "binary":
      return text(writeBinary, readBinary);
    case "uuid":
      return text((w, value) => {
        if (!isUuid(value)) throw INVALID;
        writeJsonString(w, (value as string).toLowerCase());
      }, readUuid);
  }
}

/** A codec of what is no string in JSON. `print` gives `undefined` for what does not fit. */
function number<T>(print: (value: T) => string | undefined, read: (r: ReadBuffer) => T): JsonCodec {
  const write = (w: WriteBuffer, value: unknown): void => {
    const text = print(value as T);
    if (text === undefined) throw INVALID;
    writeAscii(w, text);
  };
  return {
    write,
    writeKey(w: WriteBuffer, value: unknown): void {
      writeByte(w, QUOTE);
      write(w, value);
      writeByte(w, QUOTE);
    },
    read,
  };
}

/** A codec of what is a string in JSON, key or not. */
function text<T>(write: (w: WriteBuffer, value: unknown) => void, read: (r: ReadBuffer) => T): JsonCodec {
  return { write, writeKey: write, read };
}

function integer(bound: number): JsonCodec {
  const fits = (x: number): boolean => Number.isInteger(x) && x >= -bound && x < bound;
  return number<number>((x) => fits(x) ? String(x) : undefined, (r) => readInteger(r, -bound, bound - 1));
}

function readBool(r: ReadBuffer): boolean {
  return readInteger(r, -0x80, 0x7f) === 1;
}

function i64(as: "bigint" | "number" | "string"): JsonCodec {
  if (as === "string") return number<string>((x) => String(parseI64(x)), (r) => readI64(r).toString());
  if (as === "number") {
    return number<number>((x) => Number.isSafeInteger(x) ? String(x) : undefined, (r) => {
      const pos = r.pos;
      const value = readI64(r);
      if (!Number.isSafeInteger(Number(value))) throw malformed(r, `i64 ${value} does not fit a number`, pos);
      return Number(value);
    });
  }
  const fits = (x: bigint): boolean => typeof x === "bigint" && BigInt.asIntN(64, x) === x;
  return number<bigint>((x) => fits(x) ? String(x) : undefined, readI64);
}

/** Infinities and NaN have quotes of their own, which as keys are not doubled. */
function double(): JsonCodec {
  const codec = number<number>((x) => typeof x === "number" ? doubleText(x) : undefined, readDouble);
  return {
    ...codec,
    writeKey(w: WriteBuffer, value: unknown, depth: number): void {
      if (Number.isFinite(value)) codec.writeKey(w, value, depth);
      else codec.write(w, value, depth);
    },
  };
}

function writeBinary(w: WriteBuffer, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw INVALID;
  writeByte(w, QUOTE);
  writeBase64(w, value);
  writeByte(w, QUOTE);
}

function readBinary(r: ReadBuffer): Uint8Array {
  const before = r.pos;
  const { start, end, escaped } = readRaw(r);
  let bytes: Uint8Array | undefined;
  if (escaped) { // some writers escape every slash
    r.pos = before;
    const plain = encodeText(readJsonString(r));
    bytes = decodeBase64(plain, 0, plain.length);
  } else bytes = decodeBase64(r.bytes, start, end);
  if (bytes === undefined) throw malformed(r, "a binary that is no base64", start);
  return bytes;
}

function readUuid(r: ReadBuffer): string {
  const pos = r.pos;
  const value = readJsonString(r);
  if (!isUuid(value)) throw malformed(r, `expected a UUID, got ${JSON.stringify(value.slice(0, 40))}`, pos);
  return value.toLowerCase();
}
