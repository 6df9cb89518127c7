/**
 * Values of rules as Go reads them: numbers and bools written as strings.
 *
 * @module
 */

/** Smallest and largest value of each integer type. */
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  i8: [-(2n ** 7n), 2n ** 7n - 1n],
  i16: [-(2n ** 15n), 2n ** 15n - 1n],
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
};

const INTEGER = /^([+-]?)(?:0x((?:_?[\da-f])+)|0b((?:_?[01])+)|0o?((?:_?[0-7])+)|(0|[1-9](?:_?\d)*))$/i;

/** An integer, as Go's `ParseInt` with base 0 reads it: `0x10`, `0o17`, `017`, `0b11`, `1_000`; a sentence if it is none. */
export function parseInteger(text: string, kind: "i8" | "i16" | "i32" | "i64"): bigint | string {
  const found = INTEGER.exec(text);
  if (found === null) return `${JSON.stringify(text)} is no integer`;
  const [, sign, hex, binary, octal, decimal] = found;
  const digits = hex !== undefined
    ? `0x${hex}`
    : binary !== undefined
    ? `0b${binary}`
    : octal !== undefined
    ? `0o${octal}`
    : decimal ?? "";
  const magnitude = BigInt(digits.replaceAll("_", ""));
  const value = sign === "-" ? -magnitude : magnitude;
  const [low, high] = RANGES[kind]!;
  return value >= low && value <= high ? value : `${text} is no ${kind}: it holds ${low} to ${high}`;
}

/** A finite number, as Go's `ParseFloat` reads it: also `0x1.8p-3` and `1_000.5`; a sentence if it is none. */
export function parseDouble(text: string): number | string {
  const hex = HEX_DOUBLE.exec(text);
  if (hex === null && !DECIMAL_DOUBLE.test(text)) return `${JSON.stringify(text)} is no number`;
  const value = hex === null ? Number(text.replaceAll("_", "")) : hexDouble(hex);
  return Number.isFinite(value) ? value : `${text} is more than a double holds`;
}

// an underscore is between two digits, or a digit and the base
const DECIMAL_DOUBLE = /^[+-]?(?=\.?\d)(?:\d(?:_?\d)*)?(?:\.(?:\d(?:_?\d)*)?)?(?:e[+-]?\d(?:_?\d)*)?$/i;
const HEX_DOUBLE = /^([+-]?)0x(?=_?\.?[\da-f])((?:_?[\da-f])*)\.?((?:[\da-f](?:_?[\da-f])*)?)p([+-]?\d(?:_?\d){0,4})$/i;

function hexDouble([, sign, whole = "", fraction = "", exponent = ""]: RegExpExecArray): number {
  const digits = (text: string): string => text.replaceAll("_", "");
  const mantissa = Number(BigInt(`0x${digits(whole + fraction)}`));
  const magnitude = mantissa === 0 ? 0 : mantissa * 2 ** (Number(digits(exponent)) - 4 * digits(fraction).length);
  return sign === "-" ? -magnitude : magnitude;
}

/** A bool, as Go's `ParseBool` reads it; `undefined` if it is none. */
export function parseBool(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}
