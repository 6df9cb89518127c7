/**
 * The tool functions of rules (`@len`, `@add`, `@mod`, `@equal`, `@now_unix_nano`) and what they compare with.
 *
 * What is absent makes the result `undefined`, and a rule whose value is `undefined` is not checked. Numbers of the IDL are
 * numbers or bigints, and are compared by what they mean: `1` and `1n` are equal.
 *
 * @module
 */
import { utf8Size } from "./sizes.ts";

/** Whole numbers as bigints, others as they are. */
export type Numeric = number | bigint;

/** `@len`: bytes of a string or binary, elements of a container; `undefined` for anything else. */
export function lengthOf(value: unknown): number | undefined {
  if (typeof value === "string") return utf8Size(value);
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : Object.keys(value).length;
}

/** `@add` for numbers. */
export function add(a: unknown, b: unknown): Numeric | undefined {
  if (!isNumeric(a) || !isNumeric(b)) return undefined;
  if (typeof a === typeof b) return (a as number) + (b as number); // of one type, whichever it is
  return Number.isSafeInteger(a) || Number.isSafeInteger(b) ? BigInt(a) + BigInt(b) : Number(a) + Number(b);
}

/** `@add` for strings: both in a row. */
export function concat(a: unknown, b: unknown): string | undefined {
  return typeof a === "string" && typeof b === "string" ? a + b : undefined;
}

/** `@mod`: the remainder, with the sign of `a`. By zero it is NaN, which no comparison holds for. */
export function mod(a: unknown, b: unknown): Numeric | undefined {
  if (!isNumeric(a) || !isNumeric(b)) return undefined;
  if (typeof a === "number" && typeof b === "number") return a % b + 0; // no whole number is -0
  if (!isWhole(a) || !isWhole(b) || BigInt(b) === 0n) return NaN;
  return BigInt(a) % BigInt(b);
}

/** `@equal`, and what `const` and `in` ask: numbers by their value, binaries by their bytes. */
export function equal(a: unknown, b: unknown): boolean | undefined {
  if (a === undefined || a === null || b === undefined || b === null) return undefined;
  if (isNumeric(a) && isNumeric(b)) return a >= b && a <= b;
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** `@now_unix_nano`: nanoseconds since 1970, as fine as the clock of the runtime. */
export function nowUnixNano(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** The i64 that decimal text says; `undefined` unless it says one. */
export function int64Of(value: unknown): bigint | undefined {
  if (typeof value !== "string" || !/^[+-]?[0-9]{1,19}$/.test(value)) return undefined;
  const number = BigInt(value);
  return BigInt.asIntN(64, number) === number ? number : undefined;
}

/** The text of a binary, for rules that look for patterns in it. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Is it a number of either kind? */
export function isNumeric(value: unknown): value is Numeric {
  return typeof value === "number" || typeof value === "bigint";
}

function isWhole(value: Numeric): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}
