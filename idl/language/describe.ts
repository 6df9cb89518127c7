/**
 * What an editor shows of a named thing: how it is written, what is said about it, what its type comes to.
 *
 * @module
 */
import type { AnnotationNode, FieldNode, FunctionNode, TypeNode } from "../ast.ts";
import { describeType } from "../describe_type.ts";
import { docOf } from "../doc_comments.ts";
import { type Def, type EnumDef, type FieldDef, type Module, plainType, type Type, type Value } from "../model.ts";
import { identityOf, type Named, nameOf } from "./symbols.ts";

/** What is to be shown. */
export interface Description {
  /** As it is written in the IDL, in short. */
  readonly code: string;
  /** What its comment says. */
  readonly doc: string | undefined;
  /** What the compiler knows about it, one fact a line. */
  readonly facts: readonly string[];
}

/** Longest value that is shown whole. */
const MAX_VALUE = 200;
/** Members and fields that are shown of a definition. */
const MAX_ITEMS = 30;

/** Describes a named thing. */
export function describe(named: Named): Description {
  const { module } = named;
  if (named.kind === "file") return describeFile(module);
  const node = named.kind === "definition" ? named.def.node : named.node;
  const facts = [...factsOf(named), ...deprecation(node.annotations)];
  return { code: codeOf(named), doc: docOf(module.document, node), facts };
}

function describeFile(module: Module): Description {
  const namespaces = module.document.headers.filter((header) => header.kind === "namespace");
  return {
    code: [`include "${module.path}"`, ...namespaces.map(({ scope, name }) => `namespace ${scope.text} ${name.text}`)]
      .join("\n"),
    doc: undefined,
    facts: [`${module.definitions.length} definitions`],
  };
}

function codeOf(named: Exclude<Named, { kind: "file" }>): string {
  switch (named.kind) {
    case "definition":
      return definitionCode(named.def);
    case "member":
      return `${named.def.name}.${nameOf(named)}${memberNumber(named.def, named.node)}`;
    case "field":
      return fieldCode(named.node);
    case "method":
      return methodCode(named.node);
  }
}

function definitionCode(def: Def): string {
  switch (def.kind) {
    case "const":
      return `const ${typeCode(def.node.type)} ${def.name}${
        def.value === undefined ? "" : ` = ${valueCode(def.value)}`
      }`;
    case "typedef":
      return `typedef ${typeCode(def.node.type)} ${def.name}`;
    case "enum":
      return block(`enum ${def.name}`, def.members.map((member) => `${member.name} = ${member.value}`));
    case "service": {
      const base = def.node.base === undefined ? "" : ` extends ${def.node.base.text}`;
      return block(`service ${def.name}${base}`, def.node.functions.map(methodCode));
    }
    default:
      return block(`${def.kind} ${def.name}`, def.node.fields.map(fieldCode));
  }
}

function block(head: string, items: readonly string[]): string {
  if (items.length === 0) return `${head} {}`;
  const shown = items.slice(0, MAX_ITEMS).map((item) => `  ${item}`);
  const rest = items.length > MAX_ITEMS ? [`  // ${items.length - MAX_ITEMS} more`] : [];
  return [`${head} {`, ...shown, ...rest, "}"].join("\n");
}

function memberNumber(def: EnumDef, node: object): string {
  const member = def.members.find((each) => each.node === node);
  return member === undefined ? "" : ` = ${member.value}`;
}

/** A type as it was written, without annotations. */
export function typeCode(node: TypeNode): string {
  if (node.element === undefined) return node.name.text;
  const key = node.key === undefined ? "" : `${typeCode(node.key)}, `;
  return `${node.name.text}<${key}${typeCode(node.element)}>`;
}

/** A field, as it was written but for its default value. */
export function fieldCode(node: FieldNode): string {
  const id = node.id === undefined ? "" : `${node.id.text}: `;
  const word = node.requiredness === undefined ? "" : `${node.requiredness.text} `;
  return `${id}${word}${typeCode(node.type)} ${node.name.text}`;
}

/** A method in one line. */
export function methodCode(node: FunctionNode): string {
  const oneway = node.oneway === undefined ? "" : "oneway ";
  const returns = node.returns === undefined ? "void" : typeCode(node.returns);
  const throws = node.throws.length === 0 ? "" : ` throws (${node.throws.map(fieldCode).join(", ")})`;
  return `${oneway}${returns} ${node.name.text}(${node.args.map(fieldCode).join(", ")})${throws}`;
}

function factsOf(named: Exclude<Named, { kind: "file" }>): string[] {
  switch (named.kind) {
    case "definition": {
      const { def } = named;
      const facts = [`defined in ${def.module.path}`];
      if (def.kind === "typedef") facts.unshift(...resolved(def.node.type, def.type));
      if (def.kind === "const") facts.unshift(...resolved(def.node.type, def.type));
      return facts;
    }
    case "member":
      return [`member of enum ${named.def.name}`];
    case "method":
      return [`method of service ${named.def.name}`];
    case "field": {
      const field = fieldOf(named);
      const { owner } = named;
      const where = owner.kind === "fields"
        ? `field of ${owner.def.kind} ${owner.def.name}`
        : `${owner.kind === "args" ? "argument" : "exception"} of ${owner.def.name}.${owner.method.name.text}`;
      if (field === undefined) return [where];
      const facts = [`${where}, id ${field.id}${named.node.id === undefined ? " (not written)" : ""}`];
      facts.push(...resolved(field.node.type, field.type));
      if (field.default !== undefined) facts.push(`default: \`${valueCode(field.default)}\``);
      return facts;
    }
  }
}

function fieldOf(named: Named & { kind: "field" }): FieldDef | undefined {
  const { owner } = named;
  const identity = identityOf(named);
  const isIt = (field: FieldDef): boolean => field.node === identity;
  if (owner.kind === "fields") return owner.def.fields.find(isIt);
  return owner.def.methods.find((method) => method.node === owner.method)?.[owner.kind].find(isIt);
}

/** What a type is behind its typedefs, where that is not what is written. */
function resolved(node: TypeNode, type: Type): string[] {
  const plain = plainType(type);
  if (plain.kind === "unknown") return [];
  const name = describeDeep(plain);
  const kind = plain.kind === "enum" ? "enum " : plain.kind === "struct" ? `${plain.def.kind} ` : "";
  const held = plain.kind === "i64" && plain.as !== undefined ? `, a ${plain.as} in TypeScript` : "";
  return name === typeCode(node) && held === "" ? [] : [`type: \`${kind}${name}\`${held}`];
}

function describeDeep(type: Type): string {
  const plain = plainType(type);
  switch (plain.kind) {
    case "list":
    case "set":
      return `${plain.kind}<${describeDeep(plain.element)}>`;
    case "map":
      return `map<${describeDeep(plain.key)}, ${describeDeep(plain.value)}>`;
    default:
      return describeType(plain);
  }
}

function deprecation(annotations: readonly AnnotationNode[]): string[] {
  const found = annotations.find(({ key }) => key.text === "deprecated");
  if (found === undefined) return [];
  return [found.value === undefined || found.value.raw === "" ? "deprecated" : `deprecated: ${found.value.raw}`];
}

/** A value as the IDL would write it, cut when it is long. */
function valueCode(value: Value): string {
  const text = writeValue(value, MAX_VALUE);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}...` : text;
}

/** Writes a value, at least `budget` characters of it. */
function writeValue(value: Value, budget: number): string {
  switch (value.kind) {
    case "bool":
    case "int":
    case "double":
      return String(value.value);
    case "string":
      return JSON.stringify(value.value.slice(0, budget));
    case "binary":
      return `${value.value.length} bytes`;
    case "enum": {
      const member = value.def.members.find((each) => each.value === value.value);
      return member === undefined ? String(value.value) : `${value.def.name}.${member.name}`;
    }
    case "list":
    case "set":
      return `[${writeAll(value.items, budget, (item, rest) => writeValue(item, rest))}]`;
    case "map":
      return `{${writeAll(value.entries, budget, ([key, item], rest) => pair(writeValue(key, rest), item, rest))}}`;
    case "struct":
      return `{${
        writeAll([...value.fields], budget, ([field, item], rest) => pair(JSON.stringify(field.name), item, rest))
      }}`;
  }
}

function pair(key: string, item: Value, budget: number): string {
  return `${key}: ${writeValue(item, budget)}`;
}

function writeAll<T>(items: readonly T[], budget: number, write: (item: T, budget: number) => string): string {
  let text = "";
  for (const item of items) {
    if (text.length > budget) break;
    text += `${text === "" ? "" : ", "}${write(item, budget - text.length)}`;
  }
  return text;
}
