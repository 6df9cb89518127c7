/**
 * What names refer to: definitions of the same file by their name, those of included files by prefix and name.
 *
 * @module
 */
import { BASE_TYPE_NAMES } from "./declare.ts";
import type { Diagnostics, Span } from "./diagnostics.ts";
import { type ConstDef, type Def, type EnumDef, type EnumMember, type Module, plainType } from "./model.ts";
import { nearest } from "./suggest.ts";

/** A name split at its last dot. */
export interface SplitName {
  /** What is before the last dot; `undefined` for a name of the same file. */
  readonly prefix: string | undefined;
  /** What is behind it. */
  readonly name: string;
}

/** Splits a reference at its last dot. */
export function splitName(text: string): SplitName {
  const dot = text.lastIndexOf(".");
  return dot < 0 ? { prefix: undefined, name: text } : { prefix: text.slice(0, dot), name: text.slice(dot + 1) };
}

/**
 * The definition a reference means, or `undefined`. Marks the include it comes through as used. When two includes of
 * one prefix define the name, the first wins, as in Thriftgo, with a warning.
 */
export function findDefinition(
  module: Module,
  reference: Span & { readonly text: string },
  diagnostics?: Diagnostics,
): Def | undefined {
  const { prefix, name } = splitName(reference.text);
  if (prefix === undefined) return module.scope.get(name);
  const found = (module.byPrefix.get(prefix) ?? []).filter((include) => include.module.scope.has(name));
  const [first, second] = found;
  if (first === undefined) return undefined;
  first.used = true;
  if (second !== undefined) {
    diagnostics?.warning(
      "UT3004",
      module.document.source,
      reference,
      `${reference.text} is defined in ${first.module.path}, which is used, and in ${second.module.path}`,
      { suggestion: "rename one of the two files" },
    );
  }
  return first.module.scope.get(name);
}

/** What a value's identifier may mean. */
export type Meaning =
  | { readonly kind: "const"; readonly def: ConstDef }
  | { readonly kind: "member"; readonly def: EnumDef; readonly member: EnumMember };

/** Everything an identifier in a value may mean, `true` and `false` apart. More than one is an error. */
export function meaningsOf(module: Module, text: string): Meaning[] {
  const { prefix, name } = splitName(text);
  if (prefix === undefined) return constants(module, name);
  const found = members(module, prefix, name);
  for (const include of module.byPrefix.get(prefix) ?? []) {
    const consts = constants(include.module, name);
    if (consts.length > 0) include.used = true;
    found.push(...consts);
  }
  const outer = splitName(prefix);
  if (outer.prefix !== undefined) {
    for (const include of module.byPrefix.get(outer.prefix) ?? []) {
      const inner = members(include.module, outer.name, name);
      if (inner.length > 0) include.used = true;
      found.push(...inner);
    }
  }
  return found;
}

/**
 * The member of `wanted` that Apache Thrift would take for a name whose first part is another enum, an include without the
 * enum's name, or the enum's name without its include.
 */
export function memberMeant(module: Module, text: string, wanted: EnumDef): EnumMember | undefined {
  const { prefix, name } = splitName(text);
  if (prefix === undefined) return undefined;
  const isEnum = prefix === wanted.name || module.scope.get(prefix)?.kind === "enum";
  return isEnum || module.byPrefix.has(prefix) ? wanted.byName.get(name) : undefined;
}

function constants(module: Module, name: string): Meaning[] {
  const def = module.scope.get(name);
  return def?.kind === "const" ? [{ kind: "const", def }] : [];
}

/** Members of a local enum, or of an enum behind a local typedef. */
function members(module: Module, enumName: string, name: string): Meaning[] {
  let def = module.scope.get(enumName);
  if (def?.kind === "typedef") {
    const type = plainType(def.type);
    def = type.kind === "enum" ? type.def : undefined;
  }
  if (def?.kind !== "enum") return [];
  const member = def.byName.get(name);
  return member === undefined ? [] : [{ kind: "member", def, member }];
}

const OTHER_LANGUAGES: ReadonlyMap<string, string> = new Map([
  ["int", "i32"],
  ["int8", "i8"],
  ["int16", "i16"],
  ["int32", "i32"],
  ["int64", "i64"],
  ["short", "i16"],
  ["long", "i64"],
  ["float", "double"],
  ["float64", "double"],
  ["boolean", "bool"],
  ["bytes", "binary"],
  ["slist", "string"],
  ["array", "list<...>"],
]);

/** What was probably meant by a type that is not defined. */
export function suggestType(module: Module, text: string): string | undefined {
  const { prefix, name } = splitName(text);
  const other = OTHER_LANGUAGES.get(text);
  const glued = /^(required|optional)(.+)$/.exec(text);
  if (glued !== null) return `did you mean ${glued[1]} ${glued[2]}?`;
  if (other !== undefined) return `did you mean ${other}?`;
  if (prefix !== undefined) {
    const includes = module.byPrefix.get(prefix);
    if (includes === undefined) return suggestInclude(module, prefix, text);
    return nearest(text, includes.flatMap((include) => typeNames(include.module).map((other) => `${prefix}.${other}`)));
  }
  const through = module.includes.find((include) => isType(include.module.scope.get(name)));
  if (through !== undefined) return `did you mean ${through.prefix}.${name}?`;
  // "requird i32 a" is a field called i32 to the parser
  return nearest(text, [...typeNames(module), ...BASE_TYPE_NAMES]) ?? nearest(text, ["required", "optional"]);
}

function suggestInclude(module: Module, prefix: string, text: string): string {
  for (const { module: included } of module.includes) {
    const indirect = included.includes.find((include) => include.prefix === prefix);
    if (indirect !== undefined) return `includes do not carry over: include "${indirect.node.path.raw}" here as well`;
  }
  const known = module.includes.flatMap((include) =>
    typeNames(include.module).map((name) => `${include.prefix}.${name}`)
  );
  return nearest(text, known) ?? `include the file: include "${prefix}.thrift"`;
}

function isType(def: Def | undefined): boolean {
  return def !== undefined && def.kind !== "const" && def.kind !== "service";
}

function typeNames(module: Module): string[] {
  return module.definitions.filter(isType).map((def) => def.name);
}

/** What was probably meant by a value that is not defined. */
export function suggestValue(module: Module, text: string): string | undefined {
  if (/^(true|false)$/i.test(text)) return `did you mean ${text.toLowerCase()}?`;
  const names: string[] = [];
  for (const def of module.definitions) {
    if (def.kind === "const") names.push(def.name);
    if (def.kind !== "enum") continue;
    if (def.byName.has(text)) return `did you mean ${def.name}.${text}?`;
    for (const member of def.members) names.push(`${def.name}.${member.name}`);
  }
  for (const { prefix, module: included } of module.includes) {
    for (const def of included.definitions) {
      if (def.kind === "const") names.push(`${prefix}.${def.name}`);
      if (def.kind === "enum") names.push(...def.members.map((member) => `${prefix}.${def.name}.${member.name}`));
    }
  }
  return nearest(text, names);
}
