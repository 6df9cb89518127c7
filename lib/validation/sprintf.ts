/**
 * `@sprintf` of rules: Go's formatting verbs, as far as they apply to values of an IDL.
 *
 * `%v %s` text as it is; `%d %b %o %x %X` whole numbers; `%f %F %e %E %g %G` doubles; `%t` bools; `%x %X` also bytes of
 * strings and binaries; `%%`. Flags `+`, `-`, `0` and blank, a width and a precision. Anything else is refused when the rule is compiled.
 *
 * @module
 */
import { isNumeric } from "./functions.ts";
import { runeCount, utf8Prefix } from "./sizes.ts";

/** A verb of a format with what stands between `%` and its letter. */
export interface FormatVerb {
  /** The letter. */
  readonly verb: string;
  /** `+`, `-`, `0` and blank, as they were given. */
  readonly flags: string;
  /** Least number of characters; 0 if not given. */
  readonly width: number;
  /** Digits behind the point, or characters of a string; -1 if not given. */
  readonly precision: number;
}

/** What a verb may format. */
export type FormatOperand = "int" | "double" | "bool" | "string" | "binary";

const VERBS: Readonly<Record<string, readonly FormatOperand[]>> = {
  v: ["int", "double", "bool", "string"],
  s: ["string", "binary"],
  d: ["int"],
  b: ["int"],
  o: ["int"],
  x: ["int", "string", "binary"],
  X: ["int", "string", "binary"],
  f: ["double"],
  F: ["double"],
  e: ["double"],
  E: ["double"],
  g: ["double"],
  G: ["double"],
  t: ["bool"],
};

const MAX_WIDTH = 1_000;
const MAX_PRECISION = 100;

/** Texts and verbs of a format, in order; a sentence if it has something else in it. */
export function parseFormat(format: string): (string | FormatVerb)[] | string {
  const parts: (string | FormatVerb)[] = [];
  const pattern = /%([+\-0 ]*)(\d*)(?:(\.)(\d*))?(.?)/gsu;
  let from = 0;
  for (const match of format.matchAll(pattern)) {
    const [whole, flags = "", width = "", dot, precision = "", verb = ""] = match;
    parts.push(format.slice(from, match.index));
    from = match.index + whole.length;
    if (verb === "%" && whole === "%%") {
      parts.push("%");
      continue;
    }
    if (!Object.hasOwn(VERBS, verb)) return `${whole} is no verb that is known here: ${Object.keys(VERBS).join(", ")}`;
    if (Number(width) > MAX_WIDTH || Number(precision) > MAX_PRECISION) {
      return `${whole} is wider than ${MAX_WIDTH}, or more precise than ${MAX_PRECISION}`;
    }
    parts.push({ verb, flags, width: Number(width), precision: dot === undefined ? -1 : Number(precision) });
  }
  parts.push(format.slice(from));
  return parts.filter((part) => part !== "");
}

/** Can the verb format that? */
export function canFormat({ verb }: FormatVerb, operand: FormatOperand): boolean {
  return VERBS[verb]?.includes(operand) === true;
}

/** The format made of parts again; `%v` becomes the verb that Go takes for what it formats. */
export function formatOf(parts: readonly (string | FormatVerb)[], operands: readonly FormatOperand[]): string {
  let next = 0;
  return parts.map((part) => {
    if (typeof part === "string") return part.replaceAll("%", "%%");
    const operand = operands[next++] ?? "string";
    const verb = part.verb === "v"
      ? { int: "d", double: "g", bool: "t", string: "s", binary: "s" }[operand]
      : part.verb;
    // %+v asks for names of fields, not for a sign
    const flags = part.verb === "v" ? part.flags.replaceAll("+", "") : part.flags;
    return `%${flags}${part.width || ""}${part.precision < 0 ? "" : `.${part.precision}`}${verb}`;
  }).join("");
}

/** Makes a function that formats; it gives `undefined` if one of its operands is absent. The format must have been checked. */
export function sprintf(format: string): (...operands: unknown[]) => string | undefined {
  const parts = parseFormat(format);
  return (...operands) => {
    if (typeof parts === "string" || operands.some((operand) => operand === undefined || operand === null)) {
      return undefined;
    }
    let next = 0;
    return parts.map((part) => typeof part === "string" ? part : formatOne(part, operands[next++])).join("");
  };
}

function formatOne(part: FormatVerb, value: unknown): string {
  const isNumber = isNumeric(value);
  const text = isNumber ? formatNumber(part, value) : formatText(part, value);
  const missing = part.width - runeCount(text);
  if (missing <= 0) return text;
  if (part.flags.includes("-")) return text + " ".repeat(missing);
  if (!part.flags.includes("0") || !canPadWithZeros(part, value)) return " ".repeat(missing) + text;
  const sign = isNumber && /^[+\- ]/.test(text) ? 1 : 0;
  return text.slice(0, sign) + "0".repeat(missing) + text.slice(sign);
}

/** Infinities have no zeros in front, and whole numbers none beyond their precision. */
function canPadWithZeros({ verb, precision }: FormatVerb, value: unknown): boolean {
  if (!isNumeric(value)) return true;
  return Number.isFinite(Number(value)) && (precision < 0 || !/[dboxX]/.test(verb));
}

function formatText({ verb, flags, precision }: FormatVerb, value: unknown): string {
  if (verb === "x" || verb === "X") {
    const whole = value instanceof Uint8Array ? value : new TextEncoder().encode(String(value));
    const bytes = precision < 0 ? whole : whole.subarray(0, precision);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(flags.includes(" ") ? " " : "");
    return verb === "X" ? hex.toUpperCase() : hex;
  }
  if (value instanceof Uint8Array) {
    const bytes = precision < 0 ? value : value.subarray(0, utf8Prefix(value, precision));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
  const text = String(value);
  return precision < 0 || typeof value === "boolean" ? text : Array.from(text).slice(0, precision).join("");
}

function formatNumber({ verb, flags, precision }: FormatVerb, value: number | bigint): string {
  // whole numbers have one zero
  const isNegative = value < 0 || (Object.is(value, -0) && !/[dboxX]/.test(verb));
  const plus = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const sign = isNegative ? "-" : plus;
  const magnitude = typeof value === "bigint" ? (value < 0n ? -value : value) : Math.abs(value);
  if (Number.isNaN(value)) return `${plus}NaN`;
  if (magnitude === Infinity) return `${isNegative ? "-" : plus || "+"}Inf`;
  const text = digits(verb, magnitude, precision);
  return text === "" ? "" : sign + text; // a zero without digits
}

function digits(verb: string, magnitude: number | bigint, precision: number): string {
  switch (verb) {
    case "d":
    case "b":
    case "o":
    case "x":
    case "X": {
      if (precision === 0 && Number(magnitude) === 0) return "";
      const text = magnitude.toString({ d: 10, b: 2, o: 8, x: 16, X: 16 }[verb]).padStart(precision, "0");
      return verb === "X" ? text.toUpperCase() : text;
    }
    case "f":
    case "F":
      return fixed(Number(magnitude), precision < 0 ? 6 : precision);
    case "e":
    case "E":
      return exponent(scientific(Number(magnitude), precision < 0 ? 6 : precision), verb);
    default:
      return typeof magnitude === "bigint" ? String(magnitude) : general(magnitude, precision, verb);
  }
}

/** `toFixed` writes numbers from 1e21 on with an exponent. */
function fixed(value: number, precision: number): string {
  if (value >= 1e21) return precision === 0 ? String(BigInt(value)) : `${BigInt(value)}.${"0".repeat(precision)}`;
  const text = value.toFixed(precision);
  return isHalfway(value, precision) ? withEvenEnd(text) : text;
}

function scientific(value: number, precision: number): string {
  const text = value.toExponential(precision);
  const power = powerOf(text);
  // what became a digit longer ends in an even digit there
  if (power !== powerOf(value.toExponential()) || !isHalfway(value, precision - power)) return text;
  const at = text.indexOf("e");
  return withEvenEnd(text.slice(0, at)) + text.slice(at);
}

function powerOf(text: string): number {
  return Number(text.slice(text.indexOf("e") + 1));
}

/** Is it in the middle of two numbers with so many decimals? Go then takes the even one, JavaScript the larger one. */
function isHalfway(value: number, decimals: number): boolean {
  if (decimals >= 0) return Math.abs(value * 2 ** (decimals + 1)) % 2 === 1;
  const unit = 10n ** BigInt(-decimals);
  return Number.isInteger(value) && BigInt(value) % unit === unit / 2n;
}

/** Digits that were rounded up, rounded down if the last one is odd. */
function withEvenEnd(text: string): string {
  const last = Number(text.at(-1));
  return last % 2 === 0 ? text : `${text.slice(0, -1)}${last - 1}`;
}

/** Go writes exponents with two digits at least. */
function exponent(text: string, verb: string): string {
  const [mantissa = "", power = ""] = text.split("e");
  return `${mantissa}${verb === "E" || verb === "G" ? "E" : "e"}${power.charAt(0)}${power.slice(1).padStart(2, "0")}`;
}

/** `%g`: as many digits as needed, or `precision` at most; very large and small numbers with an exponent. */
function general(value: number, precision: number, verb: string): string {
  const limit = precision === 0 ? 1 : precision;
  const digits = limit < 0 ? value.toExponential() : scientific(value, limit - 1);
  const [mantissa = "", powerText = ""] = digits.split("e");
  const trimmed = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  const power = Number(powerText);
  const count = trimmed.replace(".", "").length;
  if (power < -4 || power >= (limit < 0 ? 6 : limit)) return exponent(`${trimmed}e${powerText}`, verb);
  return fixed(value, Math.max(0, count - 1 - power));
}
