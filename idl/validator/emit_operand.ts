/**
 * Operands of rules as expressions of TypeScript.
 *
 * @module
 */
import { quoted } from "../emit/code.ts";
import { int64Held } from "../js_values.ts";
import { plainType } from "../model.ts";
import type { FieldShape, RecordKind } from "../shapes.ts";
import type { ValidatorFile } from "./emit_validator.ts";
import type { Family, Operand } from "./rules.ts";

/** How a value is held where a rule meets it: an i64 held as text is made a bigint first. */
export type Held = "number" | "bigint" | "string" | "boolean" | "bytes";

/** An expression for an operand. */
export interface OperandExpression {
  /** The expression. */
  readonly text: string;
  /** What it gives, if it is one thing. */
  readonly held: Held | undefined;
  /** Its type must be widened to this, or comparisons would be refused by the type checker. */
  readonly widened: string | undefined;
  /** The condition, about a variable, under which it can be compared; `undefined` for literals. */
  readonly guard: ((variable: string) => string) | undefined;
}

/** Writes the operands of one record, which is `o`. */
export class OperandWriter {
  readonly #context: ValidatorFile;
  readonly #kind: RecordKind;

  /** Writes for a record of that kind. */
  constructor(context: ValidatorFile, kind: RecordKind) {
    this.#context = context;
    this.#kind = kind;
  }

  /** The value of a field; of a union, if it is the one that is set. */
  access({ key }: FieldShape): string {
    return this.#kind === "union" ? `(o.kind === ${quoted(key)} ? o.value : undefined)` : `o.${key}`;
  }

  /** The expression for an operand that is compared with values of `family` held as `held`. */
  expression(operand: Operand, family: Family, held: Held): OperandExpression {
    switch (operand.kind) {
      case "literal":
        return {
          text: this.#literal(operand.value, held),
          held: heldLiteral(operand.value, held),
          widened: undefined,
          guard: undefined,
        };
      case "field": {
        const given = heldAs(operand.field, this.#context);
        const widened = given === "number" || given === "boolean" ? `${given} | undefined` : undefined;
        return { text: this.argument(operand), held: given, widened, guard: guardOf(given) };
      }
      case "call": {
        const text = this.argument(operand);
        if (operand.family !== undefined) {
          return {
            text,
            held: undefined,
            widened: undefined,
            guard: (x) => `${x} !== undefined`,
          };
        }
        return { text, held: undefined, widened: undefined, guard: guardOf(heldOf(family)) };
      }
    }
  }

  /** An operand as the argument of a function. */
  argument(operand: Operand): string {
    const { file } = this.#context;
    if (operand.kind === "literal") return this.#literal(operand.value, "number");
    if (operand.kind === "field") {
      const access = this.access(operand.field);
      const type = plainType(operand.field.type);
      const isText = type.kind === "i64" && int64Held(type, this.#context.options) === "string";
      return isText ? `${file.runtime("int64Of")}(${access})` : access;
    }
    const args = operand.args.map((arg) => this.argument(arg)).join(", ");
    if (operand.family === undefined) {
      return `${this.#context.functionOf(operand.name)}(${args === "" ? "o" : `o, ${args}`})`;
    }
    if (operand.name === "sprintf") {
      const format = `${file.runtime("sprintf")}(${quoted(operand.format ?? "")})`;
      return `${this.#context.constant("format", format)}(${args})`;
    }
    const name = operand.name === "add" && operand.family === "string" ? "concat" : RUNTIME_NAMES[operand.name];
    return `${file.runtime(name ?? operand.name)}(${args})`;
  }

  #literal(value: (Operand & { kind: "literal" })["value"], held: Held): string {
    if (typeof value === "bigint") {
      return held === "bigint" || !Number.isSafeInteger(Number(value)) ? `${value}n` : String(value);
    }
    if (typeof value === "string") return quoted(value);
    if (!(value instanceof Uint8Array)) return Object.is(value, -0) ? "-0" : String(value);
    return this.#context.constant("bytes", `new Uint8Array([${value.join(", ")}])`);
  }
}

/** How values of a field are held where rules meet them; `undefined` for containers and structs. */
export function heldAs(field: Pick<FieldShape, "type">, { options }: Pick<ValidatorFile, "options">): Held | undefined {
  const type = plainType(field.type);
  switch (type.kind) {
    case "bool":
      return "boolean";
    case "string":
    case "uuid":
      return "string";
    case "binary":
      return "bytes";
    case "i64":
      return int64Held(type, options) === "number" ? "number" : "bigint";
    case "list":
    case "set":
    case "map":
    case "struct":
    case "unknown":
      return undefined;
    default:
      return "number";
  }
}

const RUNTIME_NAMES: Readonly<Record<string, string>> = { len: "lengthOf", now_unix_nano: "nowUnixNano" };

function heldLiteral(value: unknown, held: Held): Held | undefined {
  return typeof value === "bigint" && held === "number" && !Number.isSafeInteger(Number(value)) ? "bigint" : held;
}

function heldOf(family: Family): Held | undefined {
  return family === "bool" ? "boolean" : family === "binary" ? "bytes" : family === "string" ? "string" : undefined;
}

/** The condition under which a variable holds that; `undefined` means a number of either kind. */
export function guardOf(held: Held | undefined): (variable: string) => string {
  if (held === "bytes") return (x) => `${x} instanceof Uint8Array`;
  if (held === undefined) return (x) => `(typeof ${x} === "number" || typeof ${x} === "bigint")`;
  return (x) => `typeof ${x} === ${quoted(held)}`;
}
