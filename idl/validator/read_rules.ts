/**
 * Reads the rules of a program from its annotations `vt.*`, and reports all that is wrong with them.
 *
 * @module
 */
import type { AnnotationNode, LiteralNode, TypeNode } from "../ast.ts";
import type { ReportExtra, Span } from "../diagnostics.ts";
import type { Document } from "../ast.ts";
import { describeType } from "../describe_type.ts";
import {
  type MethodDef,
  type Module,
  type PlainType,
  plainType,
  type Program,
  type StructDef,
  type Type,
} from "../model.ts";
import { type FieldShape, mayBeAbsent, ownMethods, type RecordShape, structShape } from "../shapes.ts";
import { decodeText } from "../strings.ts";
import { nearest } from "../suggest.ts";
import { re2Problem } from "../../lib/validation/re2.ts";
import type { ValidatorCode } from "./codes.ts";
import { parseBool } from "./literals.ts";
import { describeCheck } from "./messages.ts";
import {
  isProblem,
  type OperandContext,
  type OperandProblem,
  readAssertion,
  readOperand,
  unquoted,
} from "./read_operand.ts";
import {
  type Check,
  type ComparingRule,
  type MethodRules,
  type Operand,
  type RecordRules,
  RuleSet,
  type ValueRules,
} from "./rules.ts";

/** Where problems are reported. */
export interface RuleReporter {
  /** Reports an error. */
  error(code: ValidatorCode, document: Document, at: Span, message: string, extra?: ReportExtra): void;
  /** Reports a warning. */
  warning(code: ValidatorCode, document: Document, at: Span, message: string, extra?: ReportExtra): void;
}

/** Reads the rules of a program without errors; `functions` are the names of the user's own functions. */
export function readRules(program: Program, reporter: RuleReporter, functions: Iterable<string> = []): RuleSet {
  const names = new Set(functions);
  const structs = new Map<StructDef, RecordRules>();
  const methods = new Map<MethodDef, MethodRules>();
  for (const module of program.modules) {
    for (const def of module.definitions) {
      const reader = new RuleReader(module, names, reporter);
      if (def.kind === "struct" || def.kind === "union" || def.kind === "exception") {
        structs.set(def, reader.record(structShape(def), def.node.annotations));
      } else if (def.kind === "service") {
        reader.ignored(def.node.annotations);
        for (const { def: method, args } of ownMethods(def)) {
          reader.ignored(method.node.annotations);
          reader.ignoredIn(method.node.returns);
          for (const { node } of method.throws) {
            reader.ignored(node.annotations);
            reader.ignoredIn(node.type);
          }
          const result = method.returns && reader.plain(method.returns);
          methods.set(method, { args: reader.record(args, []), result });
        }
      } else {
        reader.ignored(def.node.annotations);
        if (def.kind === "enum") { for (const { node } of def.members) reader.ignored(node.annotations); }
        if (def.kind === "typedef" || def.kind === "const") reader.ignoredIn(def.node.type);
      }
    }
  }
  return new RuleSet(structs, methods);
}

/** A rule as written: the path that is left, and the annotations with this key. */
interface Written {
  readonly path: readonly string[];
  readonly nodes: readonly AnnotationNode[];
}

const COMPARED = ["const", "in", "not_in", "not_nil"];
const ORDERED = [...COMPARED, "lt", "le", "gt", "ge"];
const TEXTS = [
  ...COMPARED,
  "min_size",
  "max_size",
  "min_rune_size",
  "max_rune_size",
  "pattern",
  "prefix",
  "suffix",
  "contains",
  "not_contains",
];
const SIZED = ["not_nil", "min_size", "max_size"];

/** The rules for values of each kind of type. */
function rulesFor(type: PlainType): readonly string[] {
  switch (type.kind) {
    case "bool":
      return ["const", "not_nil"];
    case "enum":
      return [...COMPARED, "defined_only"];
    case "string":
    case "binary":
    case "uuid":
      return TEXTS;
    case "list":
    case "set":
      return [...SIZED, "elem"];
    case "map":
      return [...SIZED, "no_sparse", "key", "value"];
    case "struct":
      return ["not_nil", "skip"];
    default:
      return ORDERED;
  }
}

/** Every rule there is. */
const ALL_RULES = [
  ...new Set([...ORDERED, ...TEXTS, "defined_only", "no_sparse", "elem", "key", "value", "skip", "assert"]),
];

class RuleReader {
  readonly #module: Module;
  readonly #functions: ReadonlySet<string>;
  readonly #reporter: RuleReporter;
  #context: OperandContext;

  constructor(module: Module, functions: ReadonlySet<string>, reporter: RuleReporter) {
    this.#module = module;
    this.#functions = functions;
    this.#reporter = reporter;
    this.#context = { module, fields: new Map(), functions };
  }

  record(shape: RecordShape, annotations: readonly AnnotationNode[]): RecordRules {
    const fields = new Map(shape.fields.map((field) => [field.name, field]));
    this.#context = { module: this.#module, fields, functions: this.#functions };
    return {
      shape,
      fields: shape.fields.map((field) => ({ field, rules: this.#field(field, shape) })),
      asserts: writtenRules(annotations).flatMap((written) => this.#asserts(written)),
    };
  }

  /** What is asked of a value that has no annotations of its own. */
  plain(type: Type): ValueRules {
    return this.#value(type, []);
  }

  /** Warns of rules where none is looked for. */
  ignored(annotations: readonly AnnotationNode[]): void {
    for (const { key } of annotations) {
      if (!key.text.startsWith("vt.")) continue;
      this.#warn(key, `${key.text} does nothing here: rules are for fields, arguments and structs`);
    }
  }

  /** Warns of rules behind a type, and behind those in it. */
  ignoredIn(node: TypeNode | undefined): void {
    if (node === undefined) return;
    this.ignored(node.annotations);
    this.ignoredIn(node.key);
    this.ignoredIn(node.element);
  }

  #field(field: FieldShape, shape: RecordShape): ValueRules {
    const { def } = field;
    if (def === undefined) return this.plain(field.type);
    this.ignoredIn(def.node.type);
    const written = writtenRules(def.node.annotations);
    const notNil = written.find(({ path }) => path[0] === "not_nil");
    const key = notNil?.nodes[0]?.key;
    if (key !== undefined && shape.kind !== "union" && !mayBeAbsent(field)) {
      this.#warn(key, `${field.name} is always there: it is not optional`);
    }
    return this.#value(field.type, written);
  }

  #value(type: Type, written: readonly Written[]): ValueRules {
    const plain = plainType(type);
    const known = rulesFor(plain);
    const inner = (part: Type, name: string): ValueRules =>
      this.#value(part, written.filter(({ path }) => path[0] === name && path.length > 1).map(deeper));
    const flags = new Map<string, boolean>();
    const checks: Check[] = [];
    for (const { path, nodes } of written) {
      const [name = "", ...rest] = path;
      const [first] = nodes;
      if (first === undefined) continue;
      const isInner = name === "elem" || name === "key" || name === "value";
      if (!known.includes(name)) this.#unknown(first, name, plain, known);
      else if (isInner) {
        if (rest.length === 0) {
          this.#error("unknown-rule", first.key, `${first.key.text} names no rule for what is inside`);
        }
      } else if (rest.length > 0) {
        const suggestion = `write ${first.key.text.slice(0, -rest.join(".").length - 1)}`;
        this.#error("unknown-rule", first.key, `nothing can follow ${name} in ${first.key.text}`, { suggestion });
      } else if (FLAGS.includes(name)) {
        const isSet = this.#flag(nodes);
        flags.set(name, isSet);
        if (isSet && name === "defined_only") checks.push(complete({ rule: "defined_only" }, plain));
      } else checks.push(...this.#checks(name, nodes, plain));
    }
    const sparse = flags.get("no_sparse") === true;
    const key = plain.kind === "map" ? inner(plain.key, "key") : undefined;
    const element = plain.kind === "map"
      ? inner(plain.value, "value")
      : plain.kind === "list" || plain.kind === "set"
      ? inner(plain.element, "elem")
      : undefined;
    return {
      type: plain,
      presence: flags.get("not_nil") === true ? "not_nil" : undefined,
      checks,
      key,
      element: element !== undefined && sparse ? { ...element, presence: element.presence ?? "no_sparse" } : element,
      struct: plain.kind === "struct" && flags.get("skip") !== true ? plain.def : undefined,
    };
  }

  #checks(name: string, nodes: readonly AnnotationNode[], type: PlainType): Check[] {
    if (name === "pattern") return nodes.flatMap((node) => this.#pattern(node, type));
    const compared: PlainType = /size$/.test(name) ? { kind: "i64" } : type;
    const operands = nodes.flatMap((node) => this.#operand(node, compared, name === "not_in"));
    if (name === "in" || name === "not_in") {
      return operands.length > 0 ? [complete({ rule: name, operands }, type)] : [];
    }
    for (const [i, operand] of operands.entries()) {
      const isNegative = operand.kind === "literal" && compared !== type && (operand.value as bigint) < 0n;
      const node = nodes[i];
      if (isNegative && node !== undefined) {
        this.#warn(node, `no size is less than 0, so ${node.key.text} does nothing or always fails`);
      }
    }
    return operands.map((operand) => complete({ rule: name as ComparingRule, operand }, type));
  }

  /** The operand, if it is one. To exclude what is no member of an enum is harmless, and often meant for later. */
  #operand(node: AnnotationNode, type: PlainType, excludes = false): Operand[] {
    const value = this.#valueOf(node);
    if (value === undefined) return [];
    const operand = readOperand(this.#context, value, type);
    if (!isProblem(operand)) return [operand];
    if (excludes && type.kind === "enum" && operand.code === "validator/bad-value") this.#warn(value, operand.message);
    else this.#report(value, operand);
    return [];
  }

  #pattern(node: AnnotationNode, type: PlainType): Check[] {
    const value = this.#valueOf(node);
    if (value === undefined) return [];
    if (/^(?:\$[A-Za-z_]\w*$|@[A-Za-z_]\w*\()/.test(unquoted(value))) {
      this.#error("bad-pattern", value, "a pattern is written out: one that comes with the value could be anybody's");
      return [];
    }
    const source = decodeText(value);
    if (typeof source !== "string") {
      this.#error("bad-value", source, source.message, { suggestion: "write \\\\ for a backslash" });
      return [];
    }
    const problem = re2Problem(source);
    if (problem === undefined) return [complete({ rule: "pattern", source }, type)];
    this.#error("bad-pattern", value, `${JSON.stringify(source)} is no regular expression: ${problem}`);
    return [];
  }

  #asserts({ path, nodes }: Written): RecordRules["asserts"] {
    return nodes.flatMap((node) => {
      if (path[0] !== "assert" || path.length > 1) {
        const suggestion = nearest(path[0] ?? "", ["assert"]) ?? "rules for a field stand behind that field";
        this.#error("unknown-rule", node.key, `a struct has no rule ${node.key.text}, only vt.assert`, { suggestion });
        return [];
      }
      const value = this.#valueOf(node);
      if (value === undefined) return [];
      const operand = readAssertion(this.#context, value);
      if (!isProblem(operand)) return [{ operand, message: `must satisfy ${unquoted(value)}`.slice(0, 200) }];
      this.#report(value, operand);
      return [];
    });
  }

  #flag(nodes: readonly AnnotationNode[]): boolean {
    let isSet = false;
    for (const node of nodes) {
      const value = node.value === undefined ? true : parseBool(unquoted(node.value));
      if (value === undefined) {
        const text = `${node.key.text} is either true or false`;
        this.#error("bad-value", node.value ?? node.key, text, { suggestion: 'write "true"' });
      } else isSet ||= value;
    }
    return isSet;
  }

  #valueOf(node: AnnotationNode): LiteralNode | undefined {
    if (node.value === undefined) {
      this.#error("bad-value", node.key, `${node.key.text} needs a value`, {
        suggestion: `write ${node.key.text} = "..."`,
      });
    }
    return node.value;
  }

  #unknown(node: AnnotationNode, name: string, type: PlainType, known: readonly string[]): void {
    const what = describeType(type);
    if (ALL_RULES.includes(name)) {
      const suggestion = `rules for ${what}: ${known.join(", ")}`;
      return this.#error("wrong-type", node.key, `vt.${name} is not for ${what}`, { suggestion });
    }
    const suggestion = nearest(name, known) ?? `rules for ${what}: ${known.join(", ")}`;
    this.#error("unknown-rule", node.key, `there is no rule ${node.key.text}`, { suggestion });
  }

  #report(at: Span, { code, message, suggestion }: OperandProblem): void {
    this.#reporter.error(code, this.#module.document, at, message, { suggestion });
  }

  #error(code: string, at: Span, message: string, extra?: ReportExtra): void {
    this.#reporter.error(`validator/${code}` as ValidatorCode, this.#module.document, at, message, extra);
  }

  #warn(at: Span, message: string): void {
    this.#reporter.warning("validator/no-effect", this.#module.document, at, message);
  }
}

/** Rules that are either on or off. */
const FLAGS = ["not_nil", "defined_only", "no_sparse", "skip"];

/** The annotations that are rules, by key, in the order of each key's first. */
function writtenRules(annotations: readonly AnnotationNode[]): Written[] {
  const byKey = new Map<string, AnnotationNode[]>();
  for (const node of annotations) {
    if (!node.key.text.startsWith("vt.")) continue;
    const nodes = byKey.get(node.key.text);
    if (nodes === undefined) byKey.set(node.key.text, [node]);
    else nodes.push(node);
  }
  return [...byKey].map(([key, nodes]) => ({ path: key.split(".").slice(1), nodes }));
}

function deeper({ path, nodes }: Written): Written {
  return { path: path.slice(1), nodes };
}

type Unworded<C> = C extends { readonly message: string } ? Omit<C, "message"> : never;

function complete(check: Unworded<Check>, type: PlainType): Check {
  return { ...check, message: describeCheck(check, type) } as Check;
}
