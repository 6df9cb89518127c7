/**
 * JSON and the types without elements. Taken is what Kitex takes (numbers in quotes, numbers for bools and strings), but
 * what it would change without a word is refused: numbers out of range, fractions, text that is no number.
 *
 * @module
 */
import { decodeText, encodeText } from "../../lib/io/text.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { EnumSchema } from "../../lib/schema/types.ts";
import { decodeBase64, writeBase64 } from "../thrift/base64.ts";
import { isUuid } from "../thrift/invalid.ts";
import type { ScalarSchema } from "../thrift/schema_compiler.ts";
import { zeroOf } from "../thrift/struct_plan.ts";
import type { Converter } from "./converter.ts";
import { JsonNumber, stringifyJson } from "./json_text.ts";
import { expected, Misfit } from "./misfit.ts";
import type { GenericSettings } from "./options.ts";

/** The converter of a type without elements. `asString` gives an i64 as a string whatever the settings say. */
export function scalarConverter(type: ScalarSchema, settings: GenericSettings, asString: boolean): Converter {
  switch (type.kind) {
    case "bool":
      return converter(type, toBool, same);
    case "i8":
      return converter(type, (value) => toInt(value, 0x80), same);
    case "i16":
      return converter(type, (value) => toInt(value, 0x8000), same);
    case "i32":
      return converter(type, (value) => toInt(value, 0x8000_0000), same);
    case "i64":
      return converter({ kind: "i64" }, toI64, i64Printer(asString ? "string" : settings.i64), BigInt as Convert);
    case "double":
      return converter(type, toDouble, doublePrinter(settings));
    case "enum":
      return converter(type, (value) => toEnum(value, type.of()), enumPrinter(type.of, settings));
    case "string":
      return converter(type, toText, same);
    case "binary":
      return converter(type, (value) => toBinary(value, settings), binaryPrinter(settings));
    case "uuid":
      return converter(type, toUuid, same);
  }
}

type Convert = (value: unknown) => unknown;

function converter(
  wireType: ScalarSchema,
  toWire: Convert,
  fromWire: Convert,
  fromTyped: Convert = same,
): Converter {
  const zero = zeroOf(wireType);
  return { wireType, toWire, fromWire, fromTyped, zero: () => zero };
}

function same(value: unknown): unknown {
  return value;
}

const TRUE = /^(1|t|true)$/i;
const FALSE = /^(0|f|false)$/i;

function toBool(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "string" && TRUE.test(value)) return true;
  if (typeof value === "string" && FALSE.test(value)) return false;
  const number = typeof value === "string" ? NaN : numberOf(value);
  if (Number.isNaN(number)) throw expected("true or false", value);
  return number !== 0;
}

function toInt(value: unknown, bound: number): number {
  const number = typeof value === "boolean" ? Number(value) : numberOf(value);
  if (Number.isInteger(number) && number >= -bound && number < bound) return number + 0; // no -0
  throw expected(`an integer from ${-bound} to ${bound - 1}`, value);
}

const INTEGER = /^[+-]?[0-9]{1,40}$/;

function toI64(value: unknown): bigint {
  const text = value instanceof JsonNumber ? value.text : value;
  let integer: bigint | undefined;
  if (typeof text === "bigint") integer = text;
  else if (typeof text === "string" && INTEGER.test(text)) {
    integer = BigInt(text.startsWith("+") ? text.slice(1) : text);
  } else {
    const number = typeof text === "boolean" ? Number(text) : numberOf(text);
    if (Number.isSafeInteger(number)) integer = BigInt(number);
    else if (typeof value === "number" && Number.isInteger(value)) {
      throw new Misfit(`${value} is too large to be exact as a number: give a bigint or a string`);
    }
  }
  if (integer === undefined || BigInt.asIntN(64, integer) !== integer) throw expected("an i64", value);
  return integer;
}

function i64Printer(as: GenericSettings["i64"]): Convert {
  if (as === "bigint") return same;
  if (as === "string") return String;
  return (value) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new Misfit(`i64 ${value} is not exact as a number`);
    return number;
  };
}

function toDouble(value: unknown): number {
  if (typeof value === "number") return value;
  const number = typeof value === "boolean" ? Number(value) : numberOf(value);
  if (Number.isNaN(number) && value !== "NaN") throw expected("a number", value);
  return number;
}

const DECIMAL = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const SPECIAL: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity };

/** The number that a value is, in quotes or not; NaN if it is none. */
function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== "string") return NaN;
  return DECIMAL.test(text) ? Number(text) : Object.hasOwn(SPECIAL, text) ? SPECIAL[text]! : NaN;
}

function doublePrinter({ form, nonFinite }: GenericSettings): Convert {
  if (form === "value") return same;
  return (value) => {
    if (Number.isFinite(value)) return value;
    if (nonFinite === "null") return null;
    throw new Misfit(`JSON has no number ${value}`);
  };
}

function toEnum(value: unknown, schema: EnumSchema): number {
  if (typeof value === "string" && Object.hasOwn(schema.values, value)) return schema.values[value]!;
  const number = numberOf(value);
  if (Number.isInteger(number) && number === (number | 0)) return number | 0;
  const names = Object.keys(schema.values);
  const list = names.length > 12 ? `${names.slice(0, 12).join(", ")} ...` : names.join(", ");
  throw expected(`a ${schema.name} (an i32 or one of ${list})`, value);
}

function enumPrinter(of: () => EnumSchema, { enums }: GenericSettings): Convert {
  if (enums === "number") return same;
  let names: ReadonlyMap<number, string> | undefined;
  return (value) => {
    // of two names for a number the first
    names ??= new Map(Object.entries(of().values).map(([name, number]) => [number, name] as const).reverse());
    return names.get(value as number) ?? value;
  };
}

/** Objects and arrays become their JSON, as in Kitex. */
function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array || typeof value === "function" || typeof value === "symbol") {
    throw expected("a string", value);
  }
  return stringifyJson(value);
}

function toBinary(value: unknown, { binary }: GenericSettings): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (binary === "text") return encodeText(toText(value));
  if (binary === "bytes") throw expected("a Uint8Array", value);
  const ascii = typeof value === "string" ? encodeText(value) : undefined;
  const bytes = ascii === undefined || ascii.length % 4 !== 0 ? undefined : decodeBase64(ascii, 0, ascii.length);
  if (bytes === undefined) throw expected("padded base64", value);
  return bytes;
}

function binaryPrinter({ binary }: GenericSettings): Convert {
  if (binary === "bytes") return same;
  if (binary === "text") return (value) => textOf(value as Uint8Array);
  return (value) => {
    const w = new WriteBuffer(Math.ceil((value as Uint8Array).length / 3) * 4);
    writeBase64(w, value as Uint8Array);
    return decodeText(w.bytes, 0, w.pos);
  };
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Misfit(`${bytes.length} bytes are no UTF-8: take them as base64`); // the only thing decode throws for
  }
}

function toUuid(value: unknown): string {
  if (isUuid(value)) return value as string;
  throw expected("a UUID", value);
}
