/**
 * What an IDL means: modules with their definitions, every reference resolved, every constant evaluated.
 *
 * Built from syntax trees by `compile`; the emitter, the runtime schema and the plugins read it. Each part keeps the
 * node it came from, and so its place.
 *
 * @module
 */
import type {
  AnnotationNode,
  ConstNode,
  Document,
  EnumMemberNode,
  EnumNode,
  FieldNode,
  FunctionNode,
  IncludeNode,
  ServiceNode,
  StructNode,
  TypedefNode,
} from "./ast.ts";
import type { Streaming } from "../lib/schema/service.ts";

/** A whole compilation. */
export interface Program {
  /** Every file, each after the files it includes. */
  readonly modules: readonly Module[];
  /** The files asked for. */
  readonly mains: readonly Module[];
}

/** One IDL file. */
export interface Module {
  /** Its path, as in diagnostics. */
  readonly path: string;
  /** Its syntax tree. */
  readonly document: Document;
  /** What it includes. */
  readonly includes: readonly ModuleInclude[];
  /** The same by prefix; two files may share one. */
  readonly byPrefix: ReadonlyMap<string, readonly ModuleInclude[]>;
  /** Its definitions, in order; a name defined twice is there once. Trimming takes some away. */
  readonly definitions: Def[];
  /** The same by name. */
  readonly scope: ReadonlyMap<string, Def>;
}

/** An include of a module. */
export interface ModuleInclude {
  /** Where it is written. */
  readonly node: IncludeNode;
  /** How references name it. */
  readonly prefix: string;
  /** The included module. */
  readonly module: Module;
  /** True once something refers to it. */
  used: boolean;
}

/** A definition. */
export type Def = ConstDef | TypedefDef | EnumDef | StructDef | ServiceDef;

/** Annotations: each key with all its values, in order. */
export type AnnotationMap = ReadonlyMap<string, readonly string[]>;

/** A constant. */
export interface ConstDef {
  /** Tells it from the other definitions. */
  readonly kind: "const";
  /** The module it is defined in. */
  readonly module: Module;
  /** Its node. */
  readonly node: ConstNode;
  /** Its name. */
  readonly name: string;
  /** Its type. */
  type: Type;
  /** Its value; `undefined` if it could not be evaluated. */
  value: Value | undefined;
}

/** A typedef. */
export interface TypedefDef {
  /** Tells it from the other definitions. */
  readonly kind: "typedef";
  /** The module it is defined in. */
  readonly module: Module;
  /** Its node. */
  readonly node: TypedefNode;
  /** Its name. */
  readonly name: string;
  /** What it stands for. */
  type: Type;
  /** The same with its aliases seen through. */
  plain: PlainType;
}

/** An enum. */
export interface EnumDef {
  /** Tells it from the other definitions. */
  readonly kind: "enum";
  /** The module it is defined in. */
  readonly module: Module;
  /** Its node. */
  readonly node: EnumNode;
  /** Its name. */
  readonly name: string;
  /** Its members, in order. */
  readonly members: readonly EnumMember[];
  /** The same by name. */
  readonly byName: ReadonlyMap<string, EnumMember>;
  /** All numbers that have a member. */
  readonly numbers: ReadonlySet<number>;
}

/** A member of an enum. */
export interface EnumMember {
  /** Its node. */
  readonly node: EnumMemberNode;
  /** Its name. */
  readonly name: string;
  /** Its number, an int32. */
  readonly value: number;
}

/** A struct, union or exception. */
export interface StructDef {
  /** Which of the three. */
  readonly kind: "struct" | "union" | "exception";
  /** The module it is defined in. */
  readonly module: Module;
  /** Its node. */
  readonly node: StructNode;
  /** Its name. */
  readonly name: string;
  /** Its fields, in order. */
  readonly fields: FieldDef[];
}

/** A field, an argument or a declared exception. */
export interface FieldDef {
  /** Its node. */
  readonly node: FieldNode;
  /** Its id on the wire. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** Its type. */
  readonly type: Type;
  /** What holds for it, after the rules for unions, arguments and throws. */
  readonly requiredness: "required" | "optional" | "default";
  /** Its default value; `undefined` if it has none. */
  default: Value | undefined;
}

/** A service. */
export interface ServiceDef {
  /** Tells it from the other definitions. */
  readonly kind: "service";
  /** The module it is defined in. */
  readonly module: Module;
  /** Its node. */
  readonly node: ServiceNode;
  /** Its name. */
  readonly name: string;
  /** The service it extends. */
  base: ServiceDef | undefined;
  /** Its own methods, in order. */
  readonly methods: MethodDef[];
}

/** A method of a service. */
export interface MethodDef {
  /** Its node. */
  readonly node: FunctionNode;
  /** Its name. */
  readonly name: string;
  /** Its arguments, in order. */
  readonly args: readonly FieldDef[];
  /** What it returns; `undefined` for void. */
  readonly returns: Type | undefined;
  /** The exceptions it declares, in order. */
  readonly throws: readonly FieldDef[];
  /** True if the caller waits for no answer. */
  readonly oneway: boolean;
  /** Which sides stream. */
  readonly streaming: Streaming;
}

/** How an i64 is held in TypeScript. */
export type Int64As = "bigint" | "number" | "string";

/** How a map is held in TypeScript: plain objects only for maps with string keys. */
export type MapAs = "map" | "object";

/** A resolved type. */
export type Type =
  | { readonly kind: "bool" | "i8" | "i16" | "i32" | "double" | "string" | "binary" | "uuid" }
  | { readonly kind: "i64"; readonly as?: Int64As }
  | { readonly kind: "list" | "set"; readonly element: Type }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type; readonly as?: MapAs }
  | { readonly kind: "enum"; readonly def: EnumDef }
  | { readonly kind: "struct"; readonly def: StructDef }
  | { readonly kind: "typedef"; readonly def: TypedefDef }
  /** Could not be resolved; a diagnostic says why. */
  | { readonly kind: "unknown" };

/** A resolved type with its aliases seen through at the top. */
export type PlainType = Exclude<Type, { kind: "typedef" }>;

/** An evaluated constant value, in the shape its declared type asks for. */
export type Value =
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "binary"; readonly value: Uint8Array }
  | { readonly kind: "enum"; readonly def: EnumDef; readonly value: number }
  | { readonly kind: "list" | "set"; readonly items: readonly Value[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Value, Value])[] }
  | { readonly kind: "struct"; readonly def: StructDef; readonly fields: ReadonlyMap<FieldDef, Value> };

/** Sees through typedefs. */
export function plainType(type: Type): PlainType {
  return type.kind === "typedef" ? type.def.plain : type;
}

/** Gathers an annotation list into a map; a bare key means "1". */
export function annotationsOf(nodes: readonly AnnotationNode[]): AnnotationMap {
  if (nodes.length === 0) return NO_ANNOTATIONS;
  const map = new Map<string, string[]>();
  for (const { key, value } of nodes) {
    const text = value === undefined ? "1" : value.raw.replaceAll("\\" + value.quote, value.quote);
    const values = map.get(key.text);
    if (values === undefined) map.set(key.text, [text]);
    else values.push(text);
  }
  return map;
}

const NO_ANNOTATIONS: AnnotationMap = new Map();

/** The namespace a module declares for the first of `scopes` that it knows, or `undefined`. */
export function namespaceOf(module: Module, scopes: readonly string[]): string | undefined {
  for (const scope of scopes) {
    for (const header of module.document.headers) {
      if (header.kind === "namespace" && header.scope.text === scope) return header.name.text;
    }
  }
  return undefined;
}
