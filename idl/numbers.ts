/**
 * The value of numbers as the IDL writes them.
 *
 * @module
 */

/**
 * Value of an integer: `0x` hexadecimal, `0o` or a leading zero octal, else decimal, with an optional sign.
 * `undefined` if a digit does not belong to the base (`089`).
 */
export function parseIntText(text: string): bigint | undefined {
  const negative = text.startsWith("-");
  const digits = /^[+-]/.test(text) ? text.slice(1) : text;
  const octal = /^0[0-9]/.test(digits);
  if (octal && /[89]/.test(digits)) return undefined;
  const value = BigInt(octal ? "0o" + digits : digits);
  return negative ? -value : value;
}

/** Is this an octal number that looks like a decimal one? */
export function looksDecimalButIsOctal(text: string): boolean {
  return /^[+-]?0[0-9]/.test(text);
}
