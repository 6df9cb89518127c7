/**
 * First look at the files: which names each one defines. Types, values and bases are filled in by later steps.
 *
 * @module
 */
import type { Definition, EnumNode } from "./ast.ts";
import { type Diagnostics, place } from "./diagnostics.ts";
import type { FileSet, LoadedFile } from "./load.ts";
import type { Def, EnumDef, EnumMember, Module, ModuleInclude, Program } from "./model.ts";
import { annotationsOf } from "./model.ts";
import { readInt } from "./numbers.ts";

/** Names that always mean a base type or container, whatever a file defines. */
export const BASE_TYPE_NAMES: readonly string[] = [
  "bool",
  "byte",
  "i8",
  "i16",
  "i32",
  "i64",
  "double",
  "string",
  "binary",
];

interface OpenModule extends Module {
  readonly includes: ModuleInclude[];
  readonly byPrefix: Map<string, ModuleInclude[]>;
}

/** Makes a module of each file; reports names that are defined twice. */
export function declare(files: FileSet, diagnostics: Diagnostics): Program {
  const modules = new Map<LoadedFile, OpenModule>();
  for (const file of files.files) {
    const definitions: Def[] = [];
    const scope = new Map<string, Def>();
    const { path, document } = file;
    const module: OpenModule = { path, document, includes: [], byPrefix: new Map(), definitions, scope };
    for (const node of document.definitions) {
      if (isTaken(module, node, diagnostics)) continue;
      const def = declareOne(module, node, diagnostics);
      definitions.push(def);
      scope.set(def.name, def);
    }
    modules.set(file, module);
  }
  for (const [file, module] of modules) {
    for (const { node, prefix, file: target } of file.includes) {
      const included = modules.get(target);
      // the same file under two spellings is one include
      if (included === undefined || module.includes.some((other) => other.module === included)) continue;
      const include: ModuleInclude = { node, prefix, module: included, used: false };
      module.includes.push(include);
      const same = module.byPrefix.get(prefix);
      if (same === undefined) module.byPrefix.set(prefix, [include]);
      else same.push(include);
    }
  }
  const of = (list: readonly LoadedFile[]): Module[] =>
    list.map((file) => modules.get(file)).filter((module) => module !== undefined);
  return { modules: of(files.files), mains: of(files.mains) };
}

function isTaken(module: Module, node: Definition, diagnostics: Diagnostics): boolean {
  const { source } = module.document;
  const { name } = node;
  const first = module.scope.get(name.text);
  if (first !== undefined) {
    diagnostics.error("UT3001", source, name, `${name.text} is defined twice`, {
      related: [place(source, first.node.name, `first defined here, as ${article(first.kind)}`)],
    });
    return true;
  }
  if (BASE_TYPE_NAMES.includes(name.text)) {
    diagnostics.warning("UT3008", source, name, `${name.text} always means the base type, so this is never used`);
  }
  return false;
}

function article(kind: Def["kind"]): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

function declareOne(module: Module, node: Definition, diagnostics: Diagnostics): Def {
  const name = node.name.text;
  switch (node.kind) {
    case "const":
      return { kind: "const", module, node, name, type: { kind: "unknown" }, value: undefined };
    case "typedef":
      return { kind: "typedef", module, node, name, type: { kind: "unknown" }, plain: { kind: "unknown" } };
    case "enum":
      return declareEnum(module, node, diagnostics);
    case "service":
      return { kind: "service", module, node, name, base: undefined, methods: [] };
    default:
      return { kind: node.kind, module, node, name, fields: [] };
  }
}

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

function declareEnum(module: Module, node: EnumNode, diagnostics: Diagnostics): EnumDef {
  const { source } = module.document;
  const name = node.name.text;
  const members: EnumMember[] = [];
  const byName = new Map<string, EnumMember>();
  const byNumber = new Map<bigint, EnumMember>();
  const aliasesAllowed = annotationsOf(node.annotations).has("allow_alias");
  let next = 0n;
  for (const member of node.members) {
    const number = (member.value && readInt(member.value, source, diagnostics)) ?? next;
    next = number + 1n;
    const first = byName.get(member.name.text);
    if (first !== undefined) {
      diagnostics.error("UT3010", source, member.name, `${name}.${first.name} is defined twice`, {
        related: [place(source, first.node, "first defined here")],
      });
      continue;
    }
    if (number < INT32_MIN || number > INT32_MAX) {
      diagnostics.error("UT3012", source, member, `${name}.${member.name.text} is ${number}, which is not an int32`);
      next = 0n;
      continue;
    }
    const same = byNumber.get(number);
    if (same !== undefined && !aliasesAllowed) {
      diagnostics.warning(
        "UT3011",
        source,
        member,
        `${name}.${member.name.text} is ${number}, as is ${name}.${same.name}`,
        {
          suggestion: `Thriftgo rejects this; give it another number, or annotate ${name} with (allow_alias = "1")`,
          related: [place(source, same.node, `${same.name} is defined here`)],
        },
      );
    }
    const declared: EnumMember = { node: member, name: member.name.text, value: Number(number) };
    members.push(declared);
    byName.set(declared.name, declared);
    if (same === undefined) byNumber.set(number, declared);
  }
  return { kind: "enum", module, node, name, members, byName, numbers: new Set(members.map((member) => member.value)) };
}
