/**
 * The parts of a file that rules look at.
 *
 * @module
 */
import type { AnnotationNode, TypeNode } from "../ast.ts";
import type { EnumDef, FieldDef, MethodDef, Module, ServiceDef, StructDef } from "../model.ts";

/** The structs, unions and exceptions of a file. */
export function* structsOf(module: Module): Generator<StructDef> {
  for (const def of module.definitions) {
    if (def.kind === "struct" || def.kind === "union" || def.kind === "exception") yield def;
  }
}

/** The enums of a file. */
export function* enumsOf(module: Module): Generator<EnumDef> {
  for (const def of module.definitions) if (def.kind === "enum") yield def;
}

/** The services of a file. */
export function* servicesOf(module: Module): Generator<ServiceDef> {
  for (const def of module.definitions) if (def.kind === "service") yield def;
}

/** The functions of a file. */
export function* methodsOf(module: Module): Generator<MethodDef> {
  for (const service of servicesOf(module)) yield* service.methods;
}

/** The fields of a file's structs. */
export function* fieldsOf(module: Module): Generator<FieldDef> {
  for (const def of structsOf(module)) yield* def.fields;
}

/** The arguments and declared exceptions of a file's functions. */
export function* argumentsOf(module: Module): Generator<FieldDef> {
  for (const method of methodsOf(module)) {
    yield* method.args;
    yield* method.throws;
  }
}

/** Every type that is written in a file, also within others. */
export function* typesOf(module: Module): Generator<TypeNode> {
  for (const def of module.definitions) {
    if (def.kind === "const" || def.kind === "typedef") yield* typesIn(def.node.type);
  }
  for (const field of fieldsOf(module)) yield* typesIn(field.node.type);
  for (const field of argumentsOf(module)) yield* typesIn(field.node.type);
  for (const { node } of methodsOf(module)) if (node.returns !== undefined) yield* typesIn(node.returns);
}

/** Every annotation of a file. */
export function* annotationsIn(module: Module): Generator<AnnotationNode> {
  for (const header of module.document.headers) if (header.kind === "namespace") yield* header.annotations;
  for (const def of module.definitions) {
    yield* def.node.annotations;
    if (def.kind === "enum") { for (const member of def.members) yield* member.node.annotations; }
  }
  for (const type of typesOf(module)) yield* type.annotations;
  for (const field of fieldsOf(module)) yield* field.node.annotations;
  for (const field of argumentsOf(module)) yield* field.node.annotations;
  for (const { node } of methodsOf(module)) yield* node.annotations;
}

function* typesIn(node: TypeNode): Generator<TypeNode> {
  yield node;
  if (node.key !== undefined) yield* typesIn(node.key);
  if (node.element !== undefined) yield* typesIn(node.element);
}
