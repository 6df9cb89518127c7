/**
 * What rules ask for, in words.
 *
 * @module
 */
import { bytesToText } from "../strings.ts";
import { type PlainType, plainType } from "../model.ts";
import type { Check, Operand } from "./rules.ts";

const MAX_CHARS = 200;

type AnyCheck =
  | { readonly rule: string; readonly operand: Operand }
  | { readonly rule: "in" | "not_in"; readonly operands: readonly Operand[] }
  | { readonly rule: "pattern"; readonly source: string }
  | { readonly rule: "defined_only" };

/** What a check asks for, as `Violation.message`. */
export function describeCheck(check: AnyCheck | Check, type: PlainType): string {
  const text = `must ${sentence(check as AnyCheck, type)}`;
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS - 3)}...`;
}

function sentence(check: AnyCheck, type: PlainType): string {
  if ("operands" in check) {
    const all = check.operands.map((operand) => describeOperand(operand, type)).join(", ");
    const some = check.operands.length > 1 ? `one of ${all}` : all;
    return check.rule === "in" ? `be ${some}` : `not be ${some}`;
  }
  if ("source" in check) return `match ${check.source}`;
  if (!("operand" in check)) return `be a member of ${type.kind === "enum" ? type.def.name : "its enum"}`;
  const what = describeOperand(check.operand, /size$/.test(check.rule) ? { kind: "i64" } : type);
  const unit = unitOf(check, type);
  switch (check.rule) {
    case "const":
      return `be ${what}`;
    case "lt":
      return `be less than ${what}`;
    case "le":
      return `be ${what} at most`;
    case "gt":
      return `be greater than ${what}`;
    case "ge":
      return `be ${what} at least`;
    case "min_size":
    case "min_rune_size":
      return `have ${what} ${unit} at least`;
    case "max_size":
    case "max_rune_size":
      return `have ${what} ${unit} at most`;
    case "prefix":
      return `begin with ${what}`;
    case "suffix":
      return `end with ${what}`;
    case "contains":
      return `contain ${what}`;
    default:
      return `not contain ${what}`;
  }
}

function unitOf({ rule, operand }: { readonly rule: string; readonly operand: Operand }, { kind }: PlainType): string {
  const unit = rule.includes("rune")
    ? "character"
    : kind === "map"
    ? "entry"
    : kind === "list" || kind === "set"
    ? "element"
    : "byte";
  if (operand.kind === "literal" && operand.value === 1n) return unit;
  return unit === "entry" ? "entries" : `${unit}s`;
}

function describeOperand(operand: Operand, type: PlainType): string {
  switch (operand.kind) {
    case "field":
      return `$${operand.field.name}`;
    case "call": {
      const args = operand.args.map((arg) => describeOperand(arg, argumentType(arg)));
      const format = operand.format === undefined ? [] : [JSON.stringify(operand.format)];
      return `@${operand.name}(${[...format, ...args].join(", ")})`;
    }
    case "literal": {
      const { value } = operand;
      if (type.kind === "enum") {
        const member = type.def.members.find((each) => BigInt(each.value) === value);
        if (member !== undefined) return `${type.def.name}.${member.name}`;
      }
      if (typeof value === "string") return JSON.stringify(value);
      if (!(value instanceof Uint8Array)) return String(value);
      const text = bytesToText(value);
      return text === undefined ? `${value.length} bytes` : JSON.stringify(text);
    }
  }
}

function argumentType(operand: Operand): PlainType {
  return operand.kind === "field" ? plainType(operand.field.type) : { kind: "string" };
}
