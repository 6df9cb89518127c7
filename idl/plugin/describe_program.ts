/**
 * A checked program as Thriftgo describes it to its plugins: syntax, with every reference resolved.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { AnnotationNode, LiteralNode, TypeNode, ValueNode } from "../ast.ts";
import { Diagnostics } from "../diagnostics.ts";
import { walk } from "../graph.ts";
import {
  annotationsOf,
  type ConstDef,
  type Def,
  type EnumDef,
  type FieldDef,
  type MethodDef,
  type Module,
  type PlainType,
  plainType,
  type ServiceDef,
  type StructDef,
  type TypedefDef,
} from "../model.ts";
import { readInt } from "../numbers.ts";
import { findDefinition, meaningsOf, splitName } from "../references.ts";
import { leadingComments, memberComments } from "./comments.ts";
import {
  type AstAnnotation,
  type AstConst,
  type AstConstant,
  type AstConstMeaning,
  type AstConstValue,
  type AstEnum,
  type AstField,
  AstFile,
  type AstFunction,
  type AstReference,
  type AstService,
  type AstStruct,
  AstType,
  type AstTypedef,
  Category,
  ConstKind,
  Requiredness,
} from "./gen/protocol.ts";
import { MAX_PLUGIN_BYTES, sizeOfFile } from "./protocol.ts";

/**
 * The description of a file and of all it includes; files that are included twice are one object. Throws an `RpcError` of kind
 * `"invalid"` for what the description has no form for.
 */
export function describeModule(main: Module): AstFile {
  const described = new Map<Module, AstFile>();
  for (const module of walk([main], ({ includes }) => includes.map((include) => include.module)).order) {
    described.set(module, describeFile(module, described));
  }
  checkSize(main, described);
  return described.get(main) ?? AstFile.create();
}

/** Describes a file; those it includes are in `described`. */
function describeFile(module: Module, described: ReadonlyMap<Module, AstFile>): AstFile {
  const { headers } = module.document;
  const all = <K extends Def["kind"]>(kind: K): Extract<Def, { kind: K }>[] =>
    module.definitions.filter((def): def is Extract<Def, { kind: K }> => def.kind === kind);
  const structs = (kind: StructDef["kind"]): AstStruct[] =>
    module.definitions.filter((def): def is StructDef => def.kind === kind).map(describeStruct);
  return AstFile.create({
    filename: module.path,
    includes: module.includes.map(({ node, module: included, used }) => ({
      path: node.path.raw,
      reference: described.get(included),
      used: used || undefined,
    })),
    cppIncludes: headers.filter((header) => header.kind === "cpp_include").map((header) => header.path.raw),
    namespaces: headers.filter((header) => header.kind === "namespace").map((header) => ({
      language: header.scope.text,
      name: header.name.text,
      annotations: describeAnnotations(header.annotations),
    })),
    typedefs: all("typedef").map(describeTypedef),
    constants: all("const").map(describeConstant),
    enums: all("enum").map(describeEnum),
    structs: structs("struct"),
    unions: structs("union"),
    exceptions: structs("exception"),
    services: all("service").map(describeService),
    categories: new Map(
      CATEGORY_ORDER.flatMap((kind) =>
        module.definitions.filter((def) => def.kind === kind).map((def) => [def.name, CATEGORIES[kind]])
      ),
    ),
  });
}

const CATEGORIES: Readonly<Record<Def["kind"], Category>> = {
  typedef: Category.TYPEDEF,
  const: Category.CONSTANT,
  enum: Category.ENUM,
  struct: Category.STRUCT,
  union: Category.UNION,
  exception: Category.EXCEPTION,
  service: Category.SERVICE,
};

const CATEGORY_ORDER = Object.keys(CATEGORIES) as Def["kind"][];

function describeTypedef({ module, node, name }: TypedefDef): AstTypedef {
  return {
    type: describeType(module, node.type),
    alias: name,
    annotations: describeAnnotations(node.annotations),
    comments: leadingComments(module.document, node),
  };
}

function describeConstant({ module, node, name }: ConstDef): AstConstant {
  return {
    name,
    type: describeType(module, node.type),
    value: describeValue(module, node.value),
    annotations: describeAnnotations(node.annotations),
    comments: leadingComments(module.document, node),
  };
}

function describeEnum({ module, node, name, members }: EnumDef): AstEnum {
  return {
    name,
    values: members.map((member) => ({
      name: member.name,
      value: BigInt(member.value),
      annotations: describeAnnotations(member.node.annotations),
      comments: memberComments(module.document, member.node),
    })),
    annotations: describeAnnotations(node.annotations),
    comments: leadingComments(module.document, node),
  };
}

function describeStruct({ kind, module, node, name, fields }: StructDef): AstStruct {
  return {
    category: kind,
    name,
    fields: fields.map((field) => describeField(module, field)),
    annotations: describeAnnotations(node.annotations),
    comments: leadingComments(module.document, node),
  };
}

const REQUIREDNESS: Readonly<Record<FieldDef["requiredness"], Requiredness>> = {
  default: Requiredness.DEFAULT,
  required: Requiredness.REQUIRED,
  optional: Requiredness.OPTIONAL,
};

function describeField(module: Module, { node, id, name, requiredness }: FieldDef): AstField {
  return {
    id,
    name,
    requiredness: REQUIREDNESS[requiredness],
    type: describeType(module, node.type),
    preset: node.default && describeValue(module, node.default),
    annotations: describeAnnotations(node.annotations),
    comments: memberComments(module.document, node),
  };
}

function describeService({ module, node, name, methods }: ServiceDef): AstService {
  const base = node.base?.text ?? "";
  return {
    name,
    base,
    functions: methods.map((method) => describeFunction(module, method)),
    annotations: describeAnnotations(node.annotations),
    reference: referenceOf(module, base),
    comments: leadingComments(module.document, node),
  };
}

function describeFunction(module: Module, { node, name, args, throws, oneway }: MethodDef): AstFunction {
  return {
    name,
    oneway,
    isVoid: node.returns === undefined,
    returns: node.returns === undefined ? AstType.create({ name: "void" }) : describeType(module, node.returns),
    arguments: args.map((field) => describeField(module, field)),
    throws: throws.map((field) => describeField(module, field)),
    annotations: describeAnnotations(node.annotations),
    comments: leadingComments(module.document, node),
  };
}

function describeAnnotations(nodes: readonly AnnotationNode[]): AstAnnotation[] {
  return Array.from(annotationsOf(nodes), ([key, values]) => ({ key, values: [...values] }));
}

function describeType(module: Module, node: TypeNode): AstType {
  const { text } = node.name;
  const base = {
    name: text,
    cppType: node.cppType === undefined ? "" : literalText(node.cppType),
    annotations: describeAnnotations(node.annotations),
  };
  if (node.element !== undefined) {
    return AstType.create({
      ...base,
      keyType: node.key && describeType(module, node.key),
      valueType: describeType(module, node.element),
      category: TYPE_CATEGORIES.get(text) ?? Category.LIST,
    });
  }
  const category = TYPE_CATEGORIES.get(text);
  if (category !== undefined) return AstType.create({ ...base, category });
  const def = findDefinition(module, node.name);
  return AstType.create({
    ...base,
    category: def === undefined ? undeclared(module, text) : categoryOf(module, def),
    reference: referenceOf(module, text),
    isTypedef: def?.kind === "typedef" || undefined,
  });
}

const TYPE_CATEGORIES: ReadonlyMap<string, Category> = new Map([
  ["bool", Category.BOOL],
  ["byte", Category.I8],
  ["i8", Category.I8],
  ["i16", Category.I16],
  ["i32", Category.I32],
  ["i64", Category.I64],
  ["double", Category.DOUBLE],
  ["string", Category.STRING],
  ["binary", Category.BINARY],
  ["map", Category.MAP],
  ["list", Category.LIST],
  ["set", Category.SET],
]);

function undeclared(module: Module, text: string): never {
  throw new RpcError("invalid", `${module.path} has the type ${text}, which Thriftgo's plugins do not know`);
}

/** The category of what a definition stands for, typedefs seen through. */
function categoryOf(module: Module, def: Def): Category {
  if (def.kind !== "typedef") return CATEGORIES[def.kind];
  const plain: PlainType = plainType(def.type);
  switch (plain.kind) {
    case "enum":
    case "struct":
      return CATEGORIES[plain.def.kind];
    default:
      return TYPE_CATEGORIES.get(plain.kind) ?? undeclared(module, plain.kind);
  }
}

/** Which include a name with a prefix comes through. */
function referenceOf(module: Module, text: string): AstReference | undefined {
  const { prefix, name } = splitName(text);
  if (prefix === undefined) return undefined;
  return { name, index: includeIndex(module, prefix, name) };
}

function includeIndex(module: Module, prefix: string, name: string): number {
  return module.includes.findIndex((include) => include.prefix === prefix && include.module.scope.has(name));
}

function describeValue(module: Module, node: ValueNode): AstConst {
  switch (node.kind) {
    case "int": {
      // what is wrong with a number was reported before
      const value = readInt(node, module.document.source, new Diagnostics());
      // more than an i64 can only be meant as a double
      return BigInt.asIntN(64, value) === value
        ? written(ConstKind.INT, { kind: "int", value })
        : written(ConstKind.DOUBLE, { kind: "number", value: Number(value) });
    }
    case "double":
      return written(ConstKind.DOUBLE, { kind: "number", value: Number(node.text) });
    case "literal":
      return written(ConstKind.LITERAL, { kind: "literal", value: literalText(node) });
    case "identifier": {
      const meaning = meaningOf(module, node.text);
      return { kind: ConstKind.IDENTIFIER, value: { kind: "identifier", value: node.text }, meaning };
    }
    case "list":
      return written(ConstKind.LIST, { kind: "list", value: node.items.map((item) => describeValue(module, item)) });
    case "map": {
      const entries = node.entries.map(({ key, value }) => ({
        key: describeValue(module, key),
        value: describeValue(module, value),
      }));
      return written(ConstKind.MAP, { kind: "map", value: entries });
    }
  }
}

function written(kind: ConstKind, value: AstConstValue): AstConst {
  return { kind, value, meaning: undefined };
}

/** The text of a literal as Thriftgo keeps it: escapes of its own quote are undone, all others stay. */
function literalText({ raw, quote }: LiteralNode): string {
  return raw.replace(/\\([\s\S])/g, (escape, character: string) => character === quote ? quote : escape);
}

function meaningOf(module: Module, text: string): AstConstMeaning | undefined {
  const [meaning] = text === "true" || text === "false" ? [] : meaningsOf(module, text);
  if (meaning === undefined) return undefined;
  const { prefix = "", name } = splitName(text);
  if (meaning.kind === "const") {
    const index = prefix === "" ? -1 : includeIndex(module, prefix, name);
    return { isEnum: false, index, name, selector: prefix };
  }
  const outer = splitName(prefix);
  return outer.prefix === undefined
    ? { isEnum: true, index: enumIndex(module, prefix), name, selector: prefix }
    : { isEnum: true, index: includeIndex(module, outer.prefix, outer.name), name, selector: outer.name };
}

/** The include an enum comes from that is named in this file, itself or by typedefs; -1 if it is defined in this file. */
function enumIndex(module: Module, name: string): number {
  for (let def = module.scope.get(name); def?.kind === "typedef"; def = module.scope.get(def.node.type.name.text)) {
    const reference = referenceOf(module, def.node.type.name.text);
    if (reference !== undefined) return reference.index;
  }
  return -1;
}

/** A file is written as often as there are ways to it through includes, which may be too often. */
function checkSize(main: Module, described: ReadonlyMap<Module, AstFile>): void {
  const ways = new Map<Module, number>([[main, 1]]);
  // the map has each module after those it includes
  const order = [...described].reverse();
  for (const [module] of order) {
    for (const include of module.includes) {
      ways.set(include.module, (ways.get(include.module) ?? 0) + (ways.get(module) ?? 0));
    }
  }
  if (![...ways.values()].some((count) => count > 1)) return;
  let bytes = 0;
  for (const [module, file] of order) bytes += (ways.get(module) ?? 0) * sizeOfFile(file);
  if (bytes > MAX_PLUGIN_BYTES) {
    const text = bytes.toLocaleString("en-US", { maximumFractionDigits: 0 });
    throw new RpcError(
      "invalid",
      `${main.path} describes its includes once for each way to them, which is ${text} bytes; plugins get at most ` +
        `${MAX_PLUGIN_BYTES}`,
    );
  }
}
