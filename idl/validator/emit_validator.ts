/**
 * Writes rules down as straight-line TypeScript: the bodies of functions that validate.
 *
 * What a valid value costs is its comparisons: no path is put together and nothing is allocated before a rule is broken.
 *
 * @module
 */
import { type Code, quoted } from "../emit/code.ts";
import type { EmitOptions } from "../emit/options.ts";
import { int64Held, mapHeld } from "../js_values.ts";
import { type PlainType, plainType, type StructDef } from "../model.ts";
import type { EmittedFile } from "../plugin/plugin.ts";
import type { RecordKind } from "../shapes.ts";
import { guardOf, type Held, heldAs, type OperandExpression, OperandWriter } from "./emit_operand.ts";
import { familyOf } from "./read_operand.ts";
import type { Check, ComparingRule, Operand, RecordRules, RuleSet, ValueRules } from "./rules.ts";

/** What the functions of one file are written with. */
export interface ValidatorFile {
  /** The file. */
  readonly file: EmittedFile;
  /** What was chosen for generated code. */
  readonly options: EmitOptions;
  /** All rules. */
  readonly rules: RuleSet;
  /** The local name of the function that validates a struct. */
  readonly validatorOf: (def: StructDef) => string;
  /** The local name of a function of the user. */
  readonly functionOf: (name: string) => string;
  /** The name of a constant at the top of the file that holds the expression, made once. */
  readonly constant: (stem: string, expression: string) => string;
}

/** Writes what validates the record `o`, at the depth that the expression `depth` says, into the list `v`. */
export function writeRecord(context: ValidatorFile, code: Code, rules: RecordRules, depth: string): void {
  const writer = new BodyWriter(context, code, rules.shape.kind, depth);
  for (const field of rules.fields) writer.field(field.rules, writer.operands.access(field.field), field.field.key);
  for (const { operand, message } of rules.asserts) writer.assertion(operand, message);
}

/** The same for a value `o` that is no record. */
export function writeValue(context: ValidatorFile, code: Code, rules: ValueRules): void {
  new BodyWriter(context, code, "struct", "0").value(rules, "o", []);
}

/** Pieces of a path: texts, and expressions in objects. */
type Path = readonly (string | { readonly expression: string })[];

class BodyWriter {
  readonly operands: OperandWriter;
  readonly #context: ValidatorFile;
  readonly #code: Code;
  readonly #depth: string;
  #count = 0;

  constructor(context: ValidatorFile, code: Code, kind: RecordKind, depth: string) {
    this.operands = new OperandWriter(context, kind);
    this.#context = context;
    this.#code = code;
    this.#depth = depth;
  }

  field(rules: ValueRules, access: string, key: string): void {
    if (!this.#context.rules.asks(rules)) return;
    const x = this.#variable("x");
    // an enum or a bool has a type of few literals, among which comparisons would be called mistakes
    const type = rules.type.kind === "enum"
      ? ": number | undefined"
      : rules.type.kind === "bool"
      ? ": boolean | undefined"
      : "";
    this.#code.line(`const ${x}${type} = ${access.replace(/^\((.*)\)$/, "$1")};`);
    this.value(rules, x, [key]);
  }

  value(rules: ValueRules, x: string, path: Path): void {
    const isEmpty = !this.#context.rules.asks({ ...rules, presence: undefined });
    const condition = guard(rules.type, x, this.#context.options);
    if (rules.presence !== undefined) {
      this.#code.line(
        `if (${x} === undefined || ${x} === null) ${this.#violate(path, rules.presence, x, "must be set")}`,
      );
    }
    if (isEmpty) return;
    this.#code.open(`if (${condition}) {`);
    if (rules.type.kind === "i64" && int64Held(rules.type, this.#context.options) === "string") {
      const y = this.#variable("y");
      this.#code.line(`const ${y} = ${this.#context.file.runtime("int64Of")}(${x});`);
      this.#code.open(`if (${y} !== undefined) {`);
      this.#present(rules, y, path);
      this.#code.close();
    } else this.#present(rules, x, path);
    this.#code.close();
  }

  assertion(operand: Operand, message: string): void {
    const { text, guard } = this.operands.expression(operand, "bool", "boolean");
    const isOwn = operand.kind === "call" && operand.family === undefined;
    if (guard === undefined) return;
    if (!isOwn) return this.#code.line(`if (${text} === false) ${this.#violate([], "assert", "o", message)}`);
    const r = this.#variable("r");
    this.#code.line(`const ${r} = ${text};`);
    this.#code.line(`if (${guard(r)} && !${r}) ${this.#violate([], "assert", "o", message)}`);
  }

  /** What is asked of a value that is there and fits its type. */
  #present(rules: ValueRules, x: string, path: Path): void {
    const { type, struct } = rules;
    for (const check of rules.checks) this.#check(check, type, x, path);
    if (struct !== undefined && this.#context.rules.asksOfStruct(struct)) {
      const n = this.#variable("n");
      const { file, validatorOf } = this.#context;
      const depth = this.#depth === "d" ? "d + 1" : "1";
      this.#code.line(`const ${n} = v.length;`);
      this.#code.line(
        `if (${validatorOf(struct)}(${x}, v, ${depth}).length > ${n}) ${file.runtime("within")}(v, ${n}, ${
          this.#path(path)
        });`,
      );
    }
    if (type.kind === "list" || type.kind === "set") this.#elements(rules, type.kind, x, path);
    else if (type.kind === "map") this.#entries(rules, mapHeld(type, this.#context.options) === "object", x, path);
  }

  #elements({ element }: ValueRules, kind: "list" | "set", x: string, path: Path): void {
    if (element === undefined || !this.#context.rules.asks(element)) return;
    const [i, e] = [this.#variable("i"), this.#variable("e")];
    if (kind === "list") {
      this.#code.open(`for (let ${i} = 0; ${i} < ${x}.length; ${i}++) {`);
      this.#code.line(`const ${e}${widened(element.type)} = ${x}[${i}];`);
    } else {
      this.#code.line(`let ${i} = -1;`);
      this.#code.open(`for (const ${e} of ${x} as Iterable<${this.#elementType(element)}>) {`);
      this.#code.line(`${i}++;`);
    }
    this.value(element, e, [...path, "[", { expression: i }, "]"]);
    this.#code.close();
  }

  #entries({ key, element }: ValueRules, asObject: boolean, x: string, path: Path): void {
    const asksKeys = key !== undefined && this.#context.rules.asks(key);
    const asksValues = element !== undefined && this.#context.rules.asks(element);
    if (!asksKeys && !asksValues) return;
    const [k, e] = [this.#variable("k"), this.#variable("e")];
    const shown = { expression: `${this.#context.file.runtime("showValue")}(${k})` };
    const entries = asObject ? `Object.entries(${x})` : x;
    const pair = asksKeys && asksValues ? `[${k}, ${e}]` : asksKeys ? `[${k}]` : `[${k}, ${e}]`;
    this.#code.open(`for (const ${pair} of ${entries}) {`);
    if (asksKeys) this.#widening(key, k, [...path, " key ", shown]);
    if (asksValues) this.#widening(element, e, [...path, "[", shown, "]"]);
    this.#code.close();
  }

  #widening(rules: ValueRules, x: string, path: Path): void {
    const type = widened(rules.type);
    if (type === "") return this.value(rules, x, path);
    const wide = this.#variable("x");
    this.#code.line(`const ${wide}${type} = ${x};`);
    this.value(rules, wide, path);
  }

  #elementType(rules: ValueRules): string {
    return rules.type.kind === "enum" ? "number" : this.#context.file.typeOf(rules.type);
  }

  #check(check: Check, type: PlainType, x: string, path: Path): void {
    if (check.rule === "defined_only") return this.#defined(type, x, path, check.message);
    if (check.rule === "pattern") {
      const { file, constant } = this.#context;
      const pattern = constant("pattern", `${file.runtime("re2")}(${quoted(check.source)})`);
      const text = type.kind === "binary" ? `${file.runtime("textOf")}(${x})` : x;
      return this.#code.line(`if (!${pattern}.test(${text})) ${this.#violate(path, check.rule, x, check.message)}`);
    }
    if ("operands" in check) {
      const terms = check.operands.map((operand) => this.#membership(operand, type, x, check.rule));
      const condition = terms.join(check.rule === "in" ? " && " : " || ");
      return this.#code.line(`if (${condition}) ${this.#violate(path, check.rule, x, check.message)}`);
    }
    const isSize = check.rule.endsWith("size");
    const held: Held = isSize ? "number" : heldAs({ type }, this.#context) ?? "number";
    const family = isSize ? "int" : familyOf(type) ?? "int";
    const operand = this.operands.expression(check.operand, family, held);
    const variable = operand.guard === undefined ? operand.text : this.#variable("r");
    if (operand.guard !== undefined) {
      this.#code.line(
        `const ${variable}${operand.widened === undefined ? "" : `: ${operand.widened}`} = ${operand.text};`,
      );
    }
    const broken = this.#broken(check.rule, type, x, variable, operand, held);
    const condition = operand.guard === undefined ? broken : `${operand.guard(variable)} && ${broken}`;
    this.#code.line(`if (${condition}) ${this.#violate(path, check.rule, x, check.message)}`);
  }

  #defined(type: PlainType, x: string, path: Path, message: string): void {
    if (type.kind !== "enum") return;
    const numbers = [...type.def.numbers].sort((a, b) => a - b);
    const first = numbers[0] ?? 0;
    const last = numbers.at(-1) ?? -1;
    const isDense = numbers.length > 2 && last - first === numbers.length - 1;
    const condition = isDense
      ? `!(${x} >= ${first} && ${x} <= ${last})`
      : numbers.length === 0
      ? "true"
      : numbers.map((number) => `${x} !== ${number}`).join(" && ");
    this.#code.line(`if (${condition}) ${this.#violate(path, "defined_only", x, message)}`);
  }

  /** Is `x` not the operand (for `in`), or is it (for `not_in`)? What is absent speaks against neither. */
  #membership(operand: Operand, type: PlainType, x: string, rule: "in" | "not_in"): string {
    const held = heldAs({ type }, this.#context) ?? "number";
    const { text, held: given, guard } = this.operands.expression(operand, familyOf(type) ?? "int", held);
    if (guard === undefined && given === held && held !== "bytes") {
      return `${x} ${rule === "in" ? "!==" : "==="} ${text}`;
    }
    return `${this.#context.file.runtime("equal")}(${x}, ${text}) === ${rule === "in" ? "false" : "true"}`;
  }

  /** The condition under which a rule is broken. */
  #broken(
    rule: ComparingRule,
    type: PlainType,
    x: string,
    r: string,
    operand: OperandExpression,
    held: Held,
  ): string {
    const { file } = this.#context;
    const isText = type.kind !== "binary";
    switch (rule) {
      case "const":
        if (held !== "bytes" && operand.held === held) return `${x} !== ${r}`;
        return `${file.runtime("equal")}(${x}, ${r}) === false`;
      case "lt":
        return `!(${x} < ${r})`;
      case "le":
        return `!(${x} <= ${r})`;
      case "gt":
        return `!(${x} > ${r})`;
      case "ge":
        return `!(${x} >= ${r})`;
      case "min_size":
        return `!(${this.#size(type, x)} >= ${r})`;
      case "max_size":
        return `!(${this.#size(type, x)} <= ${r})`;
      case "min_rune_size":
        return `!(${file.runtime(isText ? "runeCount" : "utf8RuneCount")}(${x}) >= ${r})`;
      case "max_rune_size":
        return `!(${file.runtime(isText ? "runeCount" : "utf8RuneCount")}(${x}) <= ${r})`;
      case "prefix":
        return isText ? `!${x}.startsWith(${r})` : `!${file.runtime("startsWithBytes")}(${x}, ${r})`;
      case "suffix":
        return isText ? `!${x}.endsWith(${r})` : `!${file.runtime("endsWithBytes")}(${x}, ${r})`;
      case "contains":
        return isText ? `!${x}.includes(${r})` : `!${file.runtime("includesBytes")}(${x}, ${r})`;
      case "not_contains":
        return isText ? `${x}.includes(${r})` : `${file.runtime("includesBytes")}(${x}, ${r})`;
    }
  }

  #size(type: PlainType, x: string): string {
    switch (type.kind) {
      case "string":
      case "uuid":
        return `${this.#context.file.runtime("utf8Size")}(${x})`;
      case "set":
        return `${x}.size`;
      case "map":
        return mapHeld(type, this.#context.options) === "object" ? `Object.keys(${x}).length` : `${x}.size`;
      default:
        return `${x}.length`;
    }
  }

  #violate(path: Path, rule: string, x: string, message: string): string {
    return `${this.#context.file.runtime("violate")}(v, ${this.#path(path)}, ${quoted(rule)}, ${x}, ${
      quoted(message)
    });`;
  }

  #path(path: Path): string {
    if (path.every((piece) => typeof piece === "string")) return quoted(path.join(""));
    // texts of a path are property names and brackets: nothing in them means anything to a template
    return `\`${path.map((piece) => typeof piece === "string" ? piece : `\${${piece.expression}}`).join("")}\``;
  }

  #variable(letter: string): string {
    return `${letter}${this.#count++}`;
  }
}

function widened(type: PlainType): string {
  return type.kind === "enum" ? ": number | undefined" : type.kind === "bool" ? ": boolean | undefined" : "";
}

/** The condition under which `x` fits its type, as far as rules need it to. */
function guard(type: PlainType, x: string, options: EmitOptions): string {
  switch (type.kind) {
    case "list":
      return `Array.isArray(${x})`;
    case "set":
      return `${x} instanceof Set`;
    case "map":
      if (mapHeld(type, options) === "map") return `${x} instanceof Map`;
      return `typeof ${x} === "object" && ${x} !== null`;
    case "struct":
      return `typeof ${x} === "object" && ${x} !== null`;
    case "i64":
      return `typeof ${x} === ${quoted(int64Held(type, options))}`;
    default:
      return guardOf(heldAs({ type: plainType(type) }, { options }))(x);
  }
}
