/**
 * Runs rules over values without generated code: for generic calls, and as the measure of what is generated.
 *
 * @module
 */
import { int64Held, mapHeld, type ValueOptions } from "../js_values.ts";
import { type PlainType, plainType, type ServiceDef, type StructDef } from "../model.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import type { MethodValidators, ServiceValidators, Violation } from "../../lib/schema/violation.ts";
import {
  add,
  concat,
  equal,
  int64Of,
  isNumeric,
  lengthOf,
  mod,
  nowUnixNano,
  textOf,
} from "../../lib/validation/functions.ts";
import { type Pattern, re2 } from "../../lib/validation/re2.ts";
import {
  MAX_VALIDATED_DEPTH,
  MAX_VIOLATIONS,
  nestedTooDeep,
  showValue,
  violate,
  within,
} from "../../lib/validation/report.ts";
import { endsWithBytes, includesBytes, runeCount, startsWithBytes, utf8RuneCount } from "../../lib/validation/sizes.ts";
import { sprintf } from "../../lib/validation/sprintf.ts";
import { allMethods, type FieldShape, type RecordKind } from "../shapes.ts";
import type { Check, ComparingRule, Operand, RecordRules, RuleSet, ValueRules } from "./rules.ts";

/** A function that rules may call beside the built-in ones: gets the struct and its arguments. */
export type RuleFunction = (struct: unknown, ...args: unknown[]) => unknown;

/** Options of `RuleInterpreter`. */
export interface InterpreterOptions extends ValueOptions {
  /** The user's functions by name. Default: none. */
  readonly functions?: Readonly<Record<string, RuleFunction>>;
}

/** Checks values by the rules of a program. */
export class RuleInterpreter {
  readonly #rules: RuleSet;
  readonly #options: InterpreterOptions;
  readonly #patterns = new Map<string, Pattern>();

  /** Takes rules; `options` say how values are held, as for generated code. */
  constructor(rules: RuleSet, options: InterpreterOptions = {}) {
    this.#rules = rules;
    this.#options = options;
  }

  /** What `value` breaks of the rules of a struct, union or exception. */
  validate(def: StructDef, value: unknown, found: Violation[] = [], depth = 0): Violation[] {
    const rules = this.#rules.ofStruct(def);
    if (rules === undefined || !this.#rules.asksOfStruct(def)) return found;
    if (depth > MAX_VALIDATED_DEPTH || found.length >= MAX_VIOLATIONS) return nestedTooDeep(found);
    return this.#record(rules, value, found, depth);
  }

  /** The validators of a service, for the middleware `validate`; `schema` is what calls are made with. */
  service(def: ServiceDef, schema: ServiceSchema): ServiceValidators {
    const methods: Record<string, MethodValidators> = {};
    for (const { def: method } of allMethods(def)) {
      const rules = this.#rules.ofMethod(method);
      if (rules === undefined) continue;
      const { args, result } = rules;
      methods[method.name] = {
        ...(this.#rules.asksOf(args) ? { args: (value, found = []) => this.#record(args, value, found, 0) } : {}),
        ...(result !== undefined && this.#rules.asks(result)
          ? {
            result: (value, found: Violation[] = []) => {
              this.#value(result, value, "", undefined, found, 0);
              return found;
            },
          }
          : {}),
      };
    }
    return { service: schema, methods };
  }

  #record({ shape, fields, asserts }: RecordRules, value: unknown, found: Violation[], depth: number): Violation[] {
    const scope = { kind: shape.kind, value };
    for (const { field, rules } of fields) {
      this.#value(rules, partOf(scope, field), field.key, scope, found, depth);
    }
    for (const { operand, message } of asserts) {
      if (this.#operand(operand, scope) === false) violate(found, "", "assert", value, message);
    }
    return found;
  }

  #value(
    rules: ValueRules,
    value: unknown,
    path: string,
    scope: Scope | undefined,
    found: Violation[],
    depth: number,
  ): void {
    if (value === undefined || value === null) {
      if (rules.presence !== undefined) violate(found, path, rules.presence, value, "must be set");
      return;
    }
    const { type, key, element, struct } = rules;
    const held = type.kind === "i64" && int64Held(type, this.#options) === "string" ? int64Of(value) : value;
    if (!fits(type.kind, held, mapHeld(type, this.#options) === "object")) return;
    for (const check of rules.checks) {
      if (!this.#holds(check, held, type, scope)) violate(found, path, check.rule, held, check.message);
    }
    if (struct !== undefined) {
      const start = found.length;
      if (this.validate(struct, held, found, depth + 1).length > start) within(found, start, path);
    }
    if (element === undefined) return;
    if (key === undefined) {
      let index = 0;
      for (const each of held as Iterable<unknown>) {
        this.#value(element, each, `${path}[${index++}]`, scope, found, depth);
      }
      return;
    }
    const entries = held instanceof Map ? held : Object.entries(held as object);
    for (const [name, each] of entries) {
      this.#value(key, name, `${path} key ${showValue(name)}`, scope, found, depth);
      this.#value(element, each, `${path}[${showValue(name)}]`, scope, found, depth);
    }
  }

  #holds(check: Check, value: unknown, type: PlainType, scope: Scope | undefined): boolean {
    if (check.rule === "defined_only") return type.kind !== "enum" || type.def.numbers.has(value as number);
    if (check.rule === "pattern") {
      return this.#pattern(check.source).test(value instanceof Uint8Array ? textOf(value) : String(value));
    }
    if ("operands" in check) {
      const results = check.operands.map((operand) => equal(value, this.#operand(operand, scope)));
      return check.rule === "in" ? results.some((result) => result !== false) : !results.includes(true);
    }
    const operand = this.#operand(check.operand, scope);
    return operand === undefined || operand === null || compare(check.rule, value, operand);
  }

  #operand(operand: Operand, scope: Scope | undefined): unknown {
    if (operand.kind === "literal") return numberOf(operand.value);
    if (operand.kind === "field") {
      const value = scope && partOf(scope, operand.field);
      const type = plainType(operand.field.type);
      return type.kind === "i64" && int64Held(type, this.#options) === "string" ? int64Of(value) : value;
    }
    const args = operand.args.map((arg) => this.#operand(arg, scope));
    const own = this.#options.functions;
    if (operand.family === undefined) {
      return own !== undefined && Object.hasOwn(own, operand.name)
        ? own[operand.name]?.(scope?.value, ...args)
        : undefined;
    }
    const [a, b] = args;
    switch (operand.name) {
      case "len":
        return lengthOf(a);
      case "sprintf":
        return sprintf(operand.format ?? "")(...args);
      case "equal":
        return equal(a, b);
      case "mod":
        return mod(a, b);
      case "add":
        return operand.family === "string" ? concat(a, b) : add(a, b);
      default:
        return nowUnixNano();
    }
  }

  #pattern(source: string): Pattern {
    let pattern = this.#patterns.get(source);
    if (pattern === undefined) this.#patterns.set(source, pattern = re2(source));
    return pattern;
  }
}

/** A record that rules refer to. */
interface Scope {
  readonly kind: RecordKind;
  readonly value: unknown;
}

/** The field of a record; of a union, its value if it is the one that is set. */
function partOf({ kind, value }: Scope, { key }: FieldShape): unknown {
  const record = value as Readonly<Record<string, unknown>>;
  if (kind !== "union") return record[key];
  return record.kind === key ? record.value : undefined;
}

/** Is it a value that rules for the type can be asked of? What is not is for the codec to refuse. */
function fits(kind: PlainType["kind"], value: unknown, asObject: boolean): boolean {
  switch (kind) {
    case "bool":
      return typeof value === "boolean";
    case "string":
    case "uuid":
      return typeof value === "string";
    case "binary":
      return value instanceof Uint8Array;
    case "list":
      return Array.isArray(value);
    case "set":
      return value instanceof Set;
    case "map":
      return asObject ? typeof value === "object" && !(value instanceof Map) : value instanceof Map;
    case "struct":
      return typeof value === "object";
    default:
      return isNumeric(value);
  }
}

/** Does the rule hold? A rule whose operand turns out to be of another type is not checked. */
function compare(rule: ComparingRule, value: unknown, operand: unknown): boolean {
  switch (rule) {
    case "const":
      return equal(value, operand) !== false;
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return !isNumeric(operand) || ordered(rule, value as number | bigint, operand);
    case "min_size":
      return !isNumeric(operand) || ordered("ge", lengthOf(value) ?? 0, operand);
    case "max_size":
      return !isNumeric(operand) || ordered("le", lengthOf(value) ?? 0, operand);
    case "min_rune_size":
      return !isNumeric(operand) || ordered("ge", runesOf(value), operand);
    case "max_rune_size":
      return !isNumeric(operand) || ordered("le", runesOf(value), operand);
    default:
      return typeof value === "string" ? hasText(rule, value, operand) : hasBytes(rule, value as Uint8Array, operand);
  }
}

function ordered(rule: "lt" | "le" | "gt" | "ge", a: number | bigint, b: number | bigint): boolean {
  return rule === "lt" ? a < b : rule === "le" ? a <= b : rule === "gt" ? a > b : a >= b;
}

function runesOf(value: unknown): number {
  return typeof value === "string" ? runeCount(value) : utf8RuneCount(value as Uint8Array);
}

type PartRule = "prefix" | "suffix" | "contains" | "not_contains";

function hasText(rule: PartRule, value: string, part: unknown): boolean {
  if (typeof part !== "string") return true;
  if (rule === "prefix") return value.startsWith(part);
  if (rule === "suffix") return value.endsWith(part);
  return value.includes(part) === (rule === "contains");
}

function hasBytes(rule: PartRule, value: Uint8Array, part: unknown): boolean {
  if (!(part instanceof Uint8Array)) return true;
  if (rule === "prefix") return startsWithBytes(value, part);
  if (rule === "suffix") return endsWithBytes(value, part);
  return includesBytes(value, part) === (rule === "contains");
}

/** A literal as generated code has it: whole numbers are numbers where these hold them. */
function numberOf(value: (Operand & { kind: "literal" })["value"]): unknown {
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
