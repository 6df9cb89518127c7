/**
 * JSON text without loss: integers of any size and decimals of any length keep their digits.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { setField } from "../thrift/own_key.ts";

/** A number whose digits a JavaScript number would not keep, as it stood in the text. */
export class JsonNumber {
  /** The number as JSON has it. */
  readonly text: string;

  /** `text` is a number of JSON. */
  constructor(text: string) {
    this.text = text;
  }

  /** The text. */
  toString(): string {
    return this.text;
  }
}

/** What JSON text says. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonNumber
  | JsonValue[]
  | { [name: string]: JsonValue };

/** How deep arrays and objects may nest. */
const MAX_DEPTH = 200;

/**
 * Reads JSON text. A number is a `number` where that loses nothing, else a `JsonNumber`; of members with the same name
 * the last counts. Throws an `RpcError` of kind `"invalid"` that names line and column.
 */
export function parseJson(text: string): JsonValue {
  return new JsonParser(text).parse();
}

/** Options of `stringifyJson`. */
export interface StringifyOptions {
  /** Blanks that a level is indented by. Default 0: everything in one line. */
  readonly indent?: number | undefined;
  /** NaN and infinities: an error, or the strings `"NaN"`, `"Infinity"`, `"-Infinity"`, which are taken for them. Default `"error"`. */
  readonly nonFinite?: "error" | "string" | undefined;
}

/**
 * Writes a value as JSON text: bigints and `JsonNumber`s as numbers, `Map`s as objects; members and elements that are
 * `undefined` as `JSON.stringify` does.
 * Throws an `RpcError` of kind `"invalid"` for what JSON has no form for: NaN, infinities, functions, cycles.
 */
export function stringifyJson(value: unknown, options: StringifyOptions = {}): string {
  return print(value, options, "\n", 0);
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// deno-lint-ignore no-control-regex -- those are what must not stand in a string
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class JsonParser {
  readonly #text: string;
  #pos = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): JsonValue {
    const value = this.#value(0);
    this.#space();
    if (this.#pos < this.#text.length) throw this.#expected("the end");
    return value;
  }

  #value(depth: number): JsonValue {
    if (depth > MAX_DEPTH) throw this.#error(`nested deeper than ${MAX_DEPTH}`);
    this.#space();
    switch (this.#text[this.#pos]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): { [name: string]: JsonValue } {
    const object: { [name: string]: JsonValue } = {};
    this.#pos++;
    if (this.#takes("}")) return object;
    do {
      this.#space();
      if (this.#text[this.#pos] !== '"') throw this.#expected("a name in quotes");
      const name = this.#string();
      if (!this.#takes(":")) throw this.#expected('":"');
      setField(object, name, this.#value(depth + 1));
    } while (this.#takes(","));
    if (!this.#takes("}")) throw this.#expected('"," or "}"');
    return object;
  }

  #array(depth: number): JsonValue[] {
    const array: JsonValue[] = [];
    this.#pos++;
    if (this.#takes("]")) return array;
    do array.push(this.#value(depth + 1)); while (this.#takes(","));
    if (!this.#takes("]")) throw this.#expected('"," or "]"');
    return array;
  }

  #string(): string {
    const start = this.#pos++;
    let value = this.#match(PLAIN);
    for (;;) {
      const char = this.#text[this.#pos];
      if (char === undefined) {
        this.#pos = start;
        throw this.#error("a string without an end");
      }
      if (char !== '"' && char !== "\\") throw this.#error("a control character in a string: write it as an escape");
      this.#pos++;
      if (char === '"') return value;
      value += this.#escape() + this.#match(PLAIN);
    }
  }

  #escape(): string {
    const letter = this.#text[this.#pos++] ?? "";
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (plain !== undefined) return plain;
    const digits = this.#text.slice(this.#pos, this.#pos + 4);
    if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.#pos -= 2;
      throw this.#error("an escape that JSON does not have");
    }
    this.#pos += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  #number(): number | JsonNumber {
    const text = this.#match(NUMBER);
    if (text === "") throw this.#expected("a value");
    const value = Number(text);
    const exact = String(value) === text && (Number.isSafeInteger(value) || !Number.isInteger(value));
    return exact ? value : new JsonNumber(text);
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#pos)) throw this.#expected("a value");
    this.#pos += word.length;
    return value;
  }

  #takes(char: string): boolean {
    this.#space();
    if (this.#text[this.#pos] !== char) return false;
    this.#pos++;
    return true;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#pos;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#pos += found.length;
    return found;
  }

  #expected(what: string): RpcError {
    const found = this.#text.codePointAt(this.#pos);
    const got = found === undefined ? "the end" : JSON.stringify(String.fromCodePoint(found));
    return this.#error(`expected ${what}, got ${got}`);
  }

  #error(what: string): RpcError {
    const before = this.#text.slice(0, this.#pos).split("\n");
    return new RpcError("invalid", `JSON line ${before.length} column ${before.at(-1)!.length + 1}: ${what}`);
  }
}

function print(value: unknown, options: StringifyOptions, line: string, depth: number): string {
  if (depth > MAX_DEPTH) throw new RpcError("invalid", `a value nested deeper than ${MAX_DEPTH} has no JSON text`);
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) {
        if (options.nonFinite === "string") return `"${value}"`;
        throw new RpcError("invalid", `JSON has no number ${value}`);
      }
      return Object.is(value, -0) ? "-0" : String(value);
    case "boolean":
    case "bigint":
      return String(value);
    case "undefined":
      return "null";
    case "object":
      break;
    default:
      throw new RpcError("invalid", `JSON has no form for a ${typeof value}`);
  }
  if (value === null) return "null";
  if (value instanceof JsonNumber) return value.text;
  const indent = " ".repeat(options.indent ?? 0);
  const below = line + indent;
  if (Array.isArray(value)) {
    return enclose("[", value.map((element) => print(element, options, below, depth + 1)), "]", indent, line);
  }
  const members: string[] = [];
  for (const [name, member] of value instanceof Map ? value : Object.entries(value)) {
    if (member === undefined) continue;
    const key = typeof name === "object" ? stringifyJson(name) : String(name);
    members.push(`${JSON.stringify(key)}:${indent && " "}${print(member, options, below, depth + 1)}`);
  }
  return enclose("{", members, "}", indent, line);
}

function enclose(open: string, parts: readonly string[], close: string, indent: string, line: string): string {
  if (parts.length === 0) return open + close;
  if (indent === "") return open + parts.join(",") + close;
  return open + line + indent + parts.join("," + line + indent) + line + close;
}
