/**
 * Evaluates constants and default values to what their declared types ask for.
 *
 * Every constant is evaluated once, after the constants it names, so that a chain of any length is no danger.
 *
 * @module
 */
import type { IdentifierNode, LiteralNode, MapNode, ValueNode } from "./ast.ts";
import { describeType, sameType } from "./describe_type.ts";
import type { DiagnosticCode } from "./codes.ts";
import { type Diagnostics, place, type ReportExtra, type Span } from "./diagnostics.ts";
import { neverEnds } from "./filled_in.ts";
import { walk } from "./graph.ts";
import {
  type ConstDef,
  type EnumDef,
  type FieldDef,
  type Module,
  type PlainType,
  plainType,
  type Program,
  type StructDef,
  type Type,
  type Value,
} from "./model.ts";
import { readInt } from "./numbers.ts";
import { meaningsOf, memberMeant, suggestValue } from "./references.ts";
import { bytesToText, decodeBytes, decodeText } from "./strings.ts";
import { nearest } from "./suggest.ts";

/** How many values a constant may hold in all, constants it names counted each time. */
const MAX_SIZE = 250_000;

/** Smallest and largest value of each integer type. */
const RANGES = {
  i8: [-(2n ** 7n), 2n ** 7n - 1n],
  i16: [-(2n ** 15n), 2n ** 15n - 1n],
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** Evaluates all constants of a program; reports the ones that stand for themselves. */
export function evaluateConstants(program: Program, evaluator: Evaluator, diagnostics: Diagnostics): void {
  const defs = program.modules.flatMap((module) => module.definitions.filter((def) => def.kind === "const"));
  const { order, cycles } = walk(defs, (def) => constantsIn(def.module, def.node.value));
  const cyclic = new Set(cycles.flat());
  for (const cycle of cycles) {
    const [first] = cycle;
    if (first === undefined) continue;
    const names = [...cycle, first].map((def) => def.name).join(" -> ");
    diagnostics.error("UT4005", first.module.document.source, first.node.name, `constant stands for itself: ${names}`);
  }
  for (const def of order) {
    if (!cyclic.has(def)) def.value = evaluator.evaluate(def.module, def.node.value, def.type);
  }
}

function* constantsIn(module: Module, node: ValueNode): Generator<ConstDef> {
  if (node.kind === "identifier") {
    for (const meaning of meaningsOf(module, node.text)) if (meaning.kind === "const") yield meaning.def;
  } else if (node.kind === "list") {
    for (const item of node.items) yield* constantsIn(module, item);
  } else if (node.kind === "map") {
    for (const { key, value } of node.entries) {
      yield* constantsIn(module, key);
      yield* constantsIn(module, value);
    }
  }
}

/** Evaluates values against types. One serves a whole program. */
export class Evaluator {
  readonly #diagnostics: Diagnostics;
  readonly #sizes = new WeakMap<Value, number>();

  /** Reports to `diagnostics`. */
  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** The value of `node` as a `type`; `undefined` if it has none, which is reported. */
  evaluate(module: Module, node: ValueNode, type: Type): Value | undefined {
    const target = plainType(type);
    if (target.kind === "unknown") return undefined;
    switch (node.kind) {
      case "identifier":
        return this.#reference(module, node, target);
      case "int":
        return this.#int(module, node, target);
      case "double":
        return this.#double(module, node, target);
      case "literal":
        return this.#literal(module, node, target);
      case "list":
        return this.#list(module, node, target);
      case "map":
        return this.#map(module, node, target);
    }
  }

  #int(module: Module, node: ValueNode & { kind: "int" }, target: PlainType): Value | undefined {
    const value = readInt(node, module.document.source, this.#diagnostics);
    return this.#fromInt(module, node, value, target);
  }

  #fromInt(module: Module, node: ValueNode, value: bigint, target: PlainType): Value | undefined {
    switch (target.kind) {
      case "bool":
        if (value !== 0n && value !== 1n) {
          this.#warn("UT4009", module, node, `${value} is taken as ${value > 0n}`, {
            suggestion: "write true or false",
          });
        }
        return { kind: "bool", value: value > 0n };
      case "i8":
      case "i16":
      case "i32":
      case "i64": {
        const [low, high] = RANGES[target.kind];
        if (value >= low && value <= high) return { kind: "int", value };
        return this.#error("UT4004", module, node, `${value} is no ${target.kind}: it holds ${low} to ${high}`);
      }
      case "double":
        return this.#doubleFromInt(module, node, value);
      case "enum":
        return this.#enumNumber(module, node, value, target.def);
      default:
        return this.#mismatch(module, node, "a number", target);
    }
  }

  #doubleFromInt(module: Module, node: ValueNode, value: bigint): Value | undefined {
    const number = Number(value);
    if (!Number.isFinite(number)) return this.#error("UT4004", module, node, `${value} is more than a double holds`);
    const [low, high] = RANGES.i64;
    if (value < low || value > high) {
      this.#warn("UT1008", module, node, "Thriftgo rejects this: an integer beyond i64", {
        suggestion: `write ${value}.0`,
      });
    } else if (BigInt(number) !== value) {
      this.#warn("UT4009", module, node, `${value} is taken as ${BigInt(number)}: a double holds no more digits`);
    }
    return { kind: "double", value: number };
  }

  #enumNumber(module: Module, node: ValueNode, value: bigint, def: EnumDef): Value | undefined {
    const [low, high] = RANGES.i32;
    if (value < low || value > high) {
      return this.#error("UT4004", module, node, `${value} is not an int32, which members of ${def.name} are`);
    }
    const number = Number(value);
    if (!def.numbers.has(number)) {
      this.#warn("UT4009", module, node, `${value} is no member of ${def.name}`);
    }
    return { kind: "enum", def, value: number };
  }

  #double(module: Module, node: ValueNode & { kind: "double" }, target: PlainType): Value | undefined {
    const value = Number(node.text);
    if (target.kind === "bool") {
      this.#warn("UT4009", module, node, `${node.text} is taken as ${value > 0}`, {
        suggestion: "write true or false",
      });
      return { kind: "bool", value: value > 0 };
    }
    if (target.kind !== "double") return this.#mismatch(module, node, "a number with a fraction or exponent", target);
    if (!Number.isFinite(value)) return this.#error("UT4004", module, node, `${node.text} is more than a double holds`);
    return { kind: "double", value };
  }

  #literal(module: Module, node: LiteralNode, target: PlainType): Value | undefined {
    if (target.kind !== "string" && target.kind !== "binary" && target.kind !== "uuid") {
      const suggestion = suggestFor(node, target);
      return this.#mismatch(module, node, "a string", target, suggestion);
    }
    const decoded = target.kind === "binary" ? decodeBytes(node) : decodeText(node);
    if (typeof decoded === "object" && "message" in decoded) {
      return this.#error("UT4006", module, decoded, decoded.message, { suggestion: "write \\\\ for a backslash" });
    }
    if (typeof decoded !== "string") return { kind: "binary", value: decoded };
    if (target.kind !== "uuid") return { kind: "string", value: decoded };
    const uuid = /^(\{?)([\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})(\}?)$/i.exec(decoded);
    if (uuid === null || (uuid[1] === "{") !== (uuid[3] === "}")) {
      return this.#error("UT4003", module, node, "this is not a uuid", {
        suggestion: "write it like 00112233-4455-6677-8899-aabbccddeeff",
      });
    }
    return { kind: "string", value: uuid[2]?.toLowerCase() ?? decoded };
  }

  #list(module: Module, node: ValueNode & { kind: "list" }, target: PlainType): Value | undefined {
    if (target.kind === "map" && node.items.length === 0) return { kind: "map", entries: [] };
    if (target.kind !== "list" && target.kind !== "set") return this.#mismatch(module, node, "a list", target);
    const items = node.items.map((item) => this.evaluate(module, item, target.element));
    if (!items.every((item) => item !== undefined)) return undefined;
    if (target.kind === "set") this.#warnOfRepeats(module, node.items, items, "in this set");
    return this.#sized(module, node, { kind: target.kind, items }, items);
  }

  #map(module: Module, node: MapNode, target: PlainType): Value | undefined {
    if ((target.kind === "list" || target.kind === "set") && node.entries.length === 0) {
      return { kind: target.kind, items: [] };
    }
    if (target.kind === "struct") return this.#struct(module, node, target.def);
    if (target.kind !== "map") return this.#mismatch(module, node, "a map", target);
    const keys = node.entries.map((entry) => this.evaluate(module, entry.key, target.key));
    const values = node.entries.map((entry) => this.evaluate(module, entry.value, target.value));
    if (!keys.every((key) => key !== undefined) || !values.every((value) => value !== undefined)) return undefined;
    this.#warnOfRepeats(
      module,
      node.entries.map((entry) => entry.key),
      keys,
      "as a key of this map, the last one counts",
    );
    const entries = keys.flatMap((key, i) => {
      const value = values[i];
      return value === undefined ? [] : [[key, value] as const];
    });
    return this.#sized(module, node, { kind: "map", entries }, [...keys, ...values]);
  }

  #struct(module: Module, node: MapNode, def: StructDef): Value | undefined {
    const fields = new Map<FieldDef, Value>();
    const byName = new Map(def.fields.map((field) => [field.name, field]));
    const seen = new Set<string>();
    let complete = true;
    for (const { key, value } of node.entries) {
      const field = this.#fieldNamed(module, key, def, byName, seen);
      const evaluated = field && this.evaluate(module, value, field.type);
      if (field === undefined || evaluated === undefined) complete = false;
      else fields.set(field, evaluated);
    }
    // a name that is not there has been reported
    if (def.kind === "union" && seen.size !== 1 && (complete || seen.size > 1)) {
      this.#error("UT4008", module, node, `a value of union ${def.name} names one member, this names ${seen.size}`);
      return undefined;
    }
    const missing = def.fields.filter((field) => field.requiredness === "required" && !seen.has(field.name));
    for (const field of missing) if (!this.#canLeaveOut(module, node, def, field)) complete = false;
    if (!complete) return undefined;
    return this.#sized(module, node, { kind: "struct", def, fields }, [...fields.values()]);
  }

  /** As in Thriftgo, a required field that a value does not name is there all the same. */
  #canLeaveOut(module: Module, node: MapNode, def: StructDef, field: FieldDef): boolean {
    const what = `required field ${field.name} of ${def.name} is left out`;
    if (neverEnds(field)) {
      this.#error("UT4008", module, node, `${what}, and cannot be filled in: its type requires itself`);
      return false;
    }
    const filling = field.node.default === undefined ? "zero value" : "default";
    this.#warn("UT4013", module, node, `${what}: its ${filling} stands for it`);
    return true;
  }

  #fieldNamed(
    module: Module,
    key: ValueNode,
    def: StructDef,
    byName: ReadonlyMap<string, FieldDef>,
    seen: Set<string>,
  ): FieldDef | undefined {
    if (key.kind !== "literal") {
      const suggestion = key.kind === "identifier" ? `write "${key.text}"` : undefined;
      return this.#error("UT4008", module, key, `fields of ${def.name} are named by strings`, { suggestion });
    }
    const field = byName.get(key.raw);
    if (field === undefined) {
      const names = this.#diagnostics.suggesting ? byName.keys() : [];
      const suggestion = nearest(key.raw, names);
      return this.#error("UT4008", module, key, `${def.name} has no field ${key.raw}`, { suggestion });
    }
    if (seen.has(field.name)) return this.#error("UT4008", module, key, `field ${field.name} is given twice`);
    seen.add(field.name);
    return field;
  }

  #reference(module: Module, node: IdentifierNode, target: PlainType): Value | undefined {
    const { text } = node;
    if (text === "true" || text === "false") return this.#fromBool(module, node, text === "true", target);
    const [meaning, other] = meaningsOf(module, text);
    if (meaning === undefined) {
      const member = target.kind === "enum" ? memberMeant(module, text, target.def) : undefined;
      if (target.kind === "enum" && member !== undefined) {
        const meant = `${target.def.name}.${member.name}`;
        this.#warn("UT1008", module, node, `Thriftgo rejects this: there is no ${text}, but ${meant}`, {
          suggestion: `write ${meant}`,
        });
        return { kind: "enum", def: target.def, value: member.value };
      }
      return this.#error("UT4001", module, node, `${text} is not defined`, {
        suggestion: this.#diagnostics.suggesting ? suggestValue(module, text) : undefined,
      });
    }
    if (other !== undefined) {
      const related = [meaning, other].map((each) =>
        place(each.def.module.document.source, each.kind === "const" ? each.def.node : each.member.node, "this one?")
      );
      return this.#error("UT4002", module, node, `${text} may mean two things`, { related });
    }
    if (meaning.kind === "member") {
      const { def, member } = meaning;
      return this.#convert(module, node, { kind: "enum", def, value: member.value }, { kind: "enum", def }, target);
    }
    const { value, type } = meaning.def;
    return value && this.#convert(module, node, value, type, target);
  }

  #fromBool(module: Module, node: ValueNode, value: boolean, target: PlainType): Value | undefined {
    switch (target.kind) {
      case "bool":
        return { kind: "bool", value };
      case "i8":
      case "i16":
      case "i32":
      case "i64":
      case "double":
        this.#warn("UT4009", module, node, `${value} is taken as ${Number(value)}`);
        return target.kind === "double"
          ? { kind: "double", value: Number(value) }
          : { kind: "int", value: BigInt(value) };
      default:
        return this.#mismatch(module, node, "a bool", target);
    }
  }

  /** The value of another constant, or of an enum member, as the target type. */
  #convert(module: Module, node: ValueNode, value: Value, from: Type, target: PlainType): Value | undefined {
    switch (value.kind) {
      case "bool":
        return this.#fromBool(module, node, value.value, target);
      case "int":
        return this.#fromInt(module, node, value.value, target);
      case "enum":
        if (target.kind === "enum") {
          return value.def === target.def
            ? value
            : this.#mismatch(module, node, `a member of ${value.def.name}`, target);
        }
        return this.#fromInt(module, node, BigInt(value.value), target);
      case "string": {
        if (target.kind === "string") return value;
        if (target.kind === "binary") return { kind: "binary", value: new TextEncoder().encode(value.value) };
        break;
      }
      case "binary": {
        const text = target.kind === "string" ? bytesToText(value.value) : undefined;
        if (text !== undefined) return { kind: "string", value: text };
      }
    }
    return sameType(from, target)
      ? value
      : this.#mismatch(module, node, `a constant of type ${describeType(from)}`, target);
  }

  #mismatch(module: Module, at: Span, found: string, target: Type, suggestion?: string): undefined {
    return this.#error("UT4003", module, at, `expected ${describeType(target)}, found ${found}`, { suggestion });
  }

  #warnOfRepeats(module: Module, nodes: readonly ValueNode[], values: readonly Value[], where: string): void {
    const seen = new Set<string>();
    values.forEach((value, i) => {
      const key = scalarKey(value);
      const node = nodes[i];
      if (key === undefined || node === undefined) return;
      if (seen.has(key)) this.#warn("UT4007", module, node, `this value occurs twice ${where}`);
      seen.add(key);
    });
  }

  /** Gives `value` back unless it holds too many values in all. */
  #sized(module: Module, node: ValueNode, value: Value, parts: readonly Value[]): Value | undefined {
    const size = parts.reduce((sum, part) => sum + (this.#sizes.get(part) ?? 1), 1);
    if (size > MAX_SIZE) {
      return this.#error("UT4011", module, node, `this constant holds ${size} values in all, the limit is ${MAX_SIZE}`);
    }
    this.#sizes.set(value, size);
    return value;
  }

  #error(code: DiagnosticCode, module: Module, at: Span, message: string, extra?: ReportExtra): undefined {
    this.#diagnostics.error(code, module.document.source, at, message, extra);
  }

  #warn(code: DiagnosticCode, module: Module, at: Span, message: string, extra?: ReportExtra): void {
    this.#diagnostics.warning(code, module.document.source, at, message, extra);
  }
}

/** Tells scalars from each other; `undefined` for the others. */
function scalarKey(value: Value): string | undefined {
  switch (value.kind) {
    case "bool":
    case "int":
    case "double":
    case "string":
    case "enum":
      return String(value.value);
    default:
      return undefined;
  }
}

function suggestFor(node: LiteralNode, target: PlainType): string | undefined {
  if (target.kind === "enum" && target.def.byName.has(node.raw)) return `write ${target.def.name}.${node.raw}`;
  const isNumber = target.kind === "i8" || target.kind === "i16" || target.kind === "i32" || target.kind === "i64" ||
    target.kind === "double";
  if (isNumber && /^[+-]?\d+$/.test(node.raw)) return `write ${node.raw} without quotes`;
  if (target.kind === "bool" && /^(true|false)$/.test(node.raw)) return `write ${node.raw} without quotes`;
  return undefined;
}
