/**
 * What stands on the right side of a rule: a literal, another field, or a call; read and checked against what is expected.
 *
 * @module
 */
import type { LiteralNode } from "../ast.ts";
import { describeType } from "../describe_type.ts";
import { type EnumDef, type Module, type PlainType, plainType, type Type } from "../model.ts";
import { meaningsOf, suggestValue } from "../references.ts";
import type { FieldShape } from "../shapes.ts";
import { decodeBytes, decodeText } from "../strings.ts";
import { nearest } from "../suggest.ts";
import { canFormat, formatOf, parseFormat } from "../../lib/validation/sprintf.ts";
import { type CallNode, parseCall } from "./call_syntax.ts";
import type { ValidatorCode } from "./codes.ts";
import { parseBool, parseDouble, parseInteger } from "./literals.ts";
import type { Family, FunctionCall, Operand } from "./rules.ts";

/** Why an operand cannot be used. */
export interface OperandProblem {
  /** Which rule about rules it breaks. */
  readonly code: ValidatorCode;
  /** What is wrong: one sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly suggestion?: string | undefined;
}

/** What operands are read in. */
export interface OperandContext {
  /** The file. */
  readonly module: Module;
  /** The fields of the struct, by name in the IDL. */
  readonly fields: ReadonlyMap<string, FieldShape>;
  /** Names of the user's own functions. */
  readonly functions: ReadonlySet<string>;
}

/** The tool functions that every validator has. */
export const FUNCTIONS: readonly string[] = ["len", "sprintf", "equal", "mod", "add", "now_unix_nano"];

/** What values of a type are compared with; `undefined` for containers and structs. */
export function familyOf(type: Type): Family | undefined {
  const plain = plainType(type);
  switch (plain.kind) {
    case "bool":
    case "double":
    case "binary":
      return plain.kind;
    case "string":
    case "uuid":
      return "string";
    case "i8":
    case "i16":
    case "i32":
    case "i64":
    case "enum":
      return "int";
    default:
      return undefined;
  }
}

/** Can both be compared? */
export function comparable(a: Family, b: Family): boolean {
  return a === b || (isNumber(a) && isNumber(b));
}

/** Reads the value of a rule that compares values of `type`. */
export function readOperand(context: OperandContext, node: LiteralNode, type: PlainType): Operand | OperandProblem {
  const family = familyOf(type);
  if (family === undefined) return bad("wrong-type", `nothing compares with ${describeType(type)}`);
  const text = unquoted(node);
  if (/^\$/.test(text)) return fitted(fieldOperand(context, text.slice(1)), family);
  const isCall = /^@[A-Za-z_]\w*\s*\(/.test(text) ||
    (text.startsWith("@") && family !== "string" && family !== "binary");
  if (!isCall) return readLiteral(context.module, node, text, type, family);
  const call = parseCall(text);
  if (typeof call === "string") return bad("bad-function", `${text} is no call: ${call}`);
  return fitted(callOperand(context, call), family);
}

/** Reads what `vt.assert` asks for: something true or false that depends on the struct. */
export function readAssertion(context: OperandContext, node: LiteralNode): Operand | OperandProblem {
  const text = unquoted(node);
  if (/^[$@]/.test(text)) return readOperand(context, node, { kind: "bool" });
  return bad("bad-value", `${JSON.stringify(text)} does not depend on the struct`, "compare with @equal(..., ...)");
}

/** The text of a literal, as annotations have it: quotes are unescaped, nothing else. */
export function unquoted(node: LiteralNode): string {
  return node.raw.replaceAll("\\" + node.quote, node.quote);
}

/** Was it a problem? */
export function isProblem<T extends object>(outcome: T | OperandProblem): outcome is OperandProblem {
  return "code" in outcome && "message" in outcome;
}

function readLiteral(
  module: Module,
  node: LiteralNode,
  text: string,
  type: PlainType,
  family: Family,
): Operand | OperandProblem {
  switch (type.kind) {
    case "bool": {
      const value = parseBool(text);
      return value === undefined
        ? bad("bad-value", `${JSON.stringify(text)} is no bool`, "write true or false")
        : literal(family, value);
    }
    case "i8":
    case "i16":
    case "i32":
    case "i64": {
      const value = parseInteger(text, type.kind);
      return typeof value === "string" ? bad("bad-value", value) : literal(family, value);
    }
    case "double": {
      const value = parseDouble(text);
      return typeof value === "string" ? bad("bad-value", value) : literal(family, value);
    }
    case "enum":
      return readMember(module, text, type.def);
    default: {
      const value = type.kind === "binary" ? decodeBytes(node) : decodeText(node);
      return typeof value === "object" && "message" in value
        ? bad("bad-value", value.message, "write \\\\ for a backslash")
        : literal(family, value);
    }
  }
}

function readMember(module: Module, text: string, def: EnumDef): Operand | OperandProblem {
  const meaning = meaningsOf(module, text).find((each) => each.kind === "member" && each.def === def);
  if (meaning?.kind === "member") return literal("int", BigInt(meaning.member.value));
  const suggestion = def.byName.has(text) ? `write ${def.name}.${text}` : suggestValue(module, text);
  return bad("bad-value", `${JSON.stringify(text)} is no member of ${def.name}`, suggestion);
}

function fieldOperand(context: OperandContext, name: string): Operand | OperandProblem {
  const field = context.fields.get(name);
  if (field !== undefined) return { kind: "field", family: familyOf(field.type), field };
  const suggestion = name === "" || /\W/.test(name)
    ? "fields are named without a path; a text that begins with a dollar sign is written \\x24..."
    : nearest(name, context.fields.keys());
  return bad("unknown-field", `there is no field ${JSON.stringify(name)} here`, suggestion);
}

/** The operand, if it can be compared with the family. */
function fitted(operand: Operand | OperandProblem, family: Family): Operand | OperandProblem {
  if (isProblem(operand)) return operand;
  if (operand.kind === "call" && operand.family === undefined) return operand;
  if (operand.family !== undefined && comparable(operand.family, family)) return operand;
  return bad("wrong-operand", `${described(operand)} cannot be compared with ${NAMES[family]}`);
}

function callOperand(context: OperandContext, node: CallNode & { kind: "call" }): FunctionCall | OperandProblem {
  const { name } = node;
  const isOwn = context.functions.has(name);
  if (!isOwn && !FUNCTIONS.includes(name)) {
    const suggestion = nearest(name, [...FUNCTIONS, ...context.functions]);
    return bad("bad-function", `there is no function @${name}`, suggestion);
  }
  if (name === "sprintf" && !isOwn) return sprintfOperand(context, node);
  const args = readAll(context, node.args);
  if (isProblem(args)) return args;
  const [first, second] = args;
  const call = (family: Family | undefined, used = args): FunctionCall => ({ kind: "call", name, family, args: used });
  if (isOwn) return call(undefined);
  switch (name) {
    case "len": {
      const measured = first?.kind === "field" && (first.family === "string" || first.family === "binary" ||
        (first.family === undefined && plainType(first.field.type).kind !== "struct"));
      return measured && args.length === 1 ? call("int") : misused(name, "one field: a string, binary or container");
    }
    case "now_unix_nano":
      return args.length === 0 ? call("int") : misused(name, "nothing");
    case "equal": {
      const fits = first?.family !== undefined && second?.family !== undefined &&
        comparable(first.family, second.family);
      const isAny = [first, second].some((arg) => arg?.kind === "call" && arg.family === undefined);
      return args.length === 2 && (fits || isAny) ? call("bool") : misused(name, "two values that can be compared");
    }
    case "mod": {
      if (args.length !== 2 || first?.family !== "int" || second?.family !== "int") {
        return misused(name, "two whole numbers");
      }
      const isZero = second.kind === "literal" && second.value === 0n;
      return isZero ? misused(name, "a divisor other than 0") : call("int");
    }
    default: {
      if (args.length === 2 && first?.family === "string" && second?.family === "string") return call("string");
      const areNumbers = first?.family !== undefined && second?.family !== undefined && isNumber(first.family) &&
        isNumber(second.family);
      if (!areNumbers || args.length !== 2) return misused(name, "two numbers or two strings");
      return call(first.family === "int" && second.family === "int" ? "int" : "double");
    }
  }
}

function sprintfOperand(
  context: OperandContext,
  node: CallNode & { kind: "call" },
): FunctionCall | OperandProblem {
  const [first, ...rest] = node.args;
  if (first?.kind !== "text") return misused("sprintf", "a format in quotes, then what it formats");
  const format = readText(first);
  if (isProblem(format)) return format;
  const args = readAll(context, rest);
  if (isProblem(args)) return args;
  const parts = parseFormat(String(format.value));
  if (typeof parts === "string") return bad("bad-function", `@sprintf: ${parts}`);
  const verbs = parts.filter((part) => typeof part !== "string");
  if (verbs.length !== args.length) {
    return bad("bad-function", `@sprintf has ${verbs.length} verbs and ${args.length} values`);
  }
  const families: Family[] = [];
  for (const [i, arg] of args.entries()) {
    const verb = verbs[i];
    const isEnum = arg.kind === "field" && plainType(arg.field.type).kind === "enum" && verb?.verb !== "d";
    const family = arg.kind === "call" && arg.family === undefined ? "string" : arg.family;
    if (verb === undefined || family === undefined || isEnum || !canFormat(verb, family)) {
      const suggestion = isEnum ? "write %d: a member of an enum is a number here" : undefined;
      return bad("bad-function", `@sprintf: %${verb?.verb} cannot format ${described(arg)}`, suggestion);
    }
    families.push(family);
  }
  return { kind: "call", name: "sprintf", family: "string", args, format: formatOf(parts, families) };
}

function readAll(context: OperandContext, nodes: readonly CallNode[]): Operand[] | OperandProblem {
  const operands: Operand[] = [];
  for (const node of nodes) {
    const operand = readArgument(context, node);
    if (isProblem(operand)) return operand;
    operands.push(operand);
  }
  return operands;
}

function readArgument(context: OperandContext, node: CallNode): Operand | OperandProblem {
  switch (node.kind) {
    case "call":
      return callOperand(context, node);
    case "field":
      return fieldOperand(context, node.name);
    case "text":
      return readText(node);
    case "number": {
      const whole = parseInteger(node.text, "i64");
      if (typeof whole === "bigint") return literal("int", whole);
      const value = parseDouble(node.text);
      return typeof value === "string" ? bad("bad-value", value) : literal("double", value);
    }
  }
}

function readText({ raw, quote }: CallNode & { kind: "text" }): Operand & { kind: "literal" } | OperandProblem {
  const text = decodeText({ kind: "literal", raw, quote, start: 0, end: 0 });
  return typeof text === "string" ? literal("string", text) : bad("bad-value", text.message);
}

function literal(family: Family, value: (Operand & { kind: "literal" })["value"]): Operand & { kind: "literal" } {
  return { kind: "literal", family, value };
}

function misused(name: string, wanted: string): OperandProblem {
  return bad("bad-function", `@${name} takes ${wanted}`);
}

const NAMES: Readonly<Record<Family, string>> = {
  int: "a whole number",
  double: "a double",
  string: "a string",
  bool: "a bool",
  binary: "a binary",
};

function described(operand: Operand): string {
  if (operand.kind === "field") return `$${operand.field.name}, which is ${describeType(operand.field.type)},`;
  const what = operand.family === undefined ? "anything" : NAMES[operand.family];
  return operand.kind === "call" ? `@${operand.name}, which gives ${what},` : what;
}

function isNumber(family: Family): boolean {
  return family === "int" || family === "double";
}

function bad(code: string, message: string, suggestion?: string): OperandProblem {
  return { code: `validator/${code}` as ValidatorCode, message, suggestion };
}
