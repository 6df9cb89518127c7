/**
 * Turns types as written into resolved ones, and typedefs into what they stand for.
 *
 * @module
 */
import type { TypeNode } from "./ast.ts";
import { type Diagnostics, place } from "./diagnostics.ts";
import { walk } from "./graph.ts";
import {
  type AnnotationMap,
  annotationsOf,
  type Int64As,
  type MapAs,
  type Module,
  plainType,
  type Program,
  type Type,
  type TypedefDef,
} from "./model.ts";
import { findDefinition, suggestType } from "./references.ts";

/** How deep a type may nest, typedefs seen through: as deep as decoders follow it. */
const MAX_DEPTH = 64;

const UNKNOWN: Type = { kind: "unknown" };

/** Resolves all typedefs of a program; reports the ones that stand for themselves. */
export function resolveTypedefs(program: Program, diagnostics: Diagnostics): void {
  const defs = program.modules.flatMap((module) => module.definitions.filter((def) => def.kind === "typedef"));
  const { order, cycles } = walk(defs, (def) => typedefsIn(def.module, def.node.type));
  const cyclic = new Set(cycles.flat());
  for (const cycle of cycles) reportCycle(cycle, diagnostics);
  const depths = new Map<TypedefDef, number>();
  for (const def of order) {
    if (cyclic.has(def)) continue;
    const type = resolveType(def.module, def.node.type, diagnostics);
    const depth = depthOf(type, depths);
    depths.set(def, depth);
    if (depth > MAX_DEPTH) {
      const message = `${def.name} nests deeper than ${MAX_DEPTH} levels`;
      diagnostics.error("UT1007", def.module.document.source, def.node.type, message);
    } else {
      def.type = applyJsType(def.module, type, annotationsOf(def.node.annotations), def.node, diagnostics);
      def.plain = plainType(def.type);
    }
  }
}

function reportCycle(cycle: readonly TypedefDef[], diagnostics: Diagnostics): void {
  const [first] = cycle;
  if (first === undefined) return;
  const names = [...cycle, first].map((def) => def.name).join(" -> ");
  const related = cycle.slice(1).map((def) => place(def.module.document.source, def.node.name, `through ${def.name}`));
  diagnostics.error("UT3005", first.module.document.source, first.node.name, `typedef stands for itself: ${names}`, {
    suggestion: "put a struct in between",
    related,
  });
}

/** The typedefs a type names, containers looked into. */
function* typedefsIn(module: Module, node: TypeNode): Generator<TypedefDef> {
  if (node.key !== undefined) yield* typedefsIn(module, node.key);
  if (node.element !== undefined) {
    yield* typedefsIn(module, node.element);
  } else {
    const def = baseType(node.name.text) === undefined ? findDefinition(module, node.name) : undefined;
    if (def?.kind === "typedef") yield def;
  }
}

/** Levels of containers in a type; the typedefs it names are in `depths` already. */
function depthOf(type: Type, depths: ReadonlyMap<TypedefDef, number>): number {
  switch (type.kind) {
    case "list":
    case "set":
      return 1 + depthOf(type.element, depths);
    case "map":
      return 1 + Math.max(depthOf(type.key, depths), depthOf(type.value, depths));
    case "typedef":
      return depths.get(type.def) ?? 0;
    default:
      return 0;
  }
}

/** The type a node means, with its own annotations applied; unknown names are reported. */
export function resolveType(module: Module, node: TypeNode, diagnostics: Diagnostics): Type {
  const type = resolvePlainly(module, node, diagnostics);
  return applyJsType(module, type, annotationsOf(node.annotations), node, diagnostics);
}

function resolvePlainly(module: Module, node: TypeNode, diagnostics: Diagnostics): Type {
  const { text } = node.name;
  if (node.element !== undefined) {
    const element = resolveType(module, node.element, diagnostics);
    if (node.key === undefined) {
      const kind = text === "set" ? "set" : "list";
      if (kind === "set") warnOfIdentity(module, node.element, element, "set element", diagnostics);
      return { kind, element };
    }
    const key = resolveType(module, node.key, diagnostics);
    warnOfIdentity(module, node.key, key, "map key", diagnostics);
    return { kind: "map", key, value: element };
  }
  const base = baseType(text);
  if (base !== undefined) return base;
  const def = findDefinition(module, node.name, diagnostics);
  if (def === undefined) return undefinedType(module, node, diagnostics);
  switch (def.kind) {
    case "typedef":
      return { kind: "typedef", def };
    case "enum":
      return { kind: "enum", def };
    case "const":
    case "service": {
      const what = def.kind === "const" ? "a constant" : "a service";
      diagnostics.error("UT3003", module.document.source, node.name, `${text} is ${what}, not a type`, {
        related: [place(def.module.document.source, def.node.name, "defined here")],
      });
      return UNKNOWN;
    }
    default:
      return { kind: "struct", def };
  }
}

function undefinedType(module: Module, node: TypeNode, diagnostics: Diagnostics): Type {
  const { text } = node.name;
  const { source } = module.document;
  if (text === "uuid") {
    diagnostics.warning("UT3007", source, node.name, "uuid is not known to Thriftgo and Kitex");
    return { kind: "uuid" };
  }
  const message = text === "void" ? "void is not a type of values" : `type ${text} is not defined`;
  const suggestion = diagnostics.suggesting ? suggestType(module, text) : undefined;
  diagnostics.error("UT3002", source, node.name, message, { suggestion });
  return UNKNOWN;
}

function baseType(name: string): Type | undefined {
  switch (name) {
    case "byte":
      return { kind: "i8" };
    case "bool":
    case "i8":
    case "i16":
    case "i32":
    case "i64":
    case "double":
    case "string":
    case "binary":
      return { kind: name };
    default:
      return undefined;
  }
}

/** Objects are equal in a Map or Set of JavaScript only if they are the same object. */
function warnOfIdentity(module: Module, node: TypeNode, type: Type, what: string, diagnostics: Diagnostics): void {
  const { kind } = plainType(type);
  if (kind === "struct" || kind === "list" || kind === "set" || kind === "map" || kind === "binary") {
    diagnostics.warning("UT3009", module.document.source, node, `a ${what} of this type is compared by identity`);
  }
}

/**
 * Applies the annotation `js.type`: `bigint`, `number` or `string` to every i64 in the type that has none of its own,
 * `Map` or `object` to the map. Typedefs that change by it are replaced by what they stand for.
 */
export function applyJsType(
  module: Module,
  type: Type,
  annotations: AnnotationMap,
  at: { readonly start: number; readonly end: number },
  diagnostics: Diagnostics,
): Type {
  const wanted = annotations.get("js.type")?.at(-1);
  if (wanted === undefined) return type;
  let applied: Type | undefined;
  if (wanted === "bigint" || wanted === "number" || wanted === "string") applied = withInt64(type, wanted);
  if (wanted === "Map" || wanted === "object") applied = withMap(type, wanted === "Map" ? "map" : "object");
  if (applied !== undefined) return applied;
  diagnostics.warning("UT3006", module.document.source, at, `js.type = "${wanted}" means nothing here`, {
    suggestion: "use bigint, number or string for an i64, Map or object for a map with string keys",
  });
  return type;
}

/** The type with its i64s held as `as`; `undefined` if it has none to change. */
function withInt64(type: Type, as: Int64As): Type | undefined {
  switch (type.kind) {
    case "i64":
      return type.as === undefined ? { kind: "i64", as } : undefined;
    case "typedef":
      return withInt64(plainType(type), as);
    case "list":
    case "set": {
      const element = withInt64(type.element, as);
      return element && { ...type, element };
    }
    case "map": {
      const key = withInt64(type.key, as);
      const value = withInt64(type.value, as);
      return key || value ? { ...type, key: key ?? type.key, value: value ?? type.value } : undefined;
    }
    default:
      return undefined;
  }
}

function withMap(type: Type, as: MapAs): Type | undefined {
  const plain = plainType(type);
  if (plain.kind !== "map") return undefined;
  return as === "map" || plainType(plain.key).kind === "string" ? { ...plain, as } : undefined;
}
