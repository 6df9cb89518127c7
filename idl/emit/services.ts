/**
 * Services: what a server implements, what a caller gets, and the schema that binds both to the wire.
 *
 * @module
 */
import { docOf } from "../doc_comments.ts";
import { annotationsOf, type ServiceDef } from "../model.ts";
import { type FieldShape, type MethodShape, ownMethods, type RecordShape } from "../shapes.ts";
import { arrayLiteral, type Literal, objectLiteral, propertyName, quoted } from "./code.ts";
import { argumentsLiteral, outcomeLiteral } from "./call_structs.ts";
import { parameterName } from "./names.ts";
import { emitCodec, emitSchema, propertyType } from "./structs.ts";
import { annotationsSchema, tsType } from "./types.ts";
import type { RecordNames, ServiceNames, Unit } from "./unit.ts";

/** Adds a service. Its base, if it is in the same file, must be there already. */
export function emitService(unit: Unit, def: ServiceDef): void {
  const names = unit.namesOf(def).service;
  if (names === undefined) return;
  const methods = ownMethods(def);
  emitInterface(unit, def, methods, "handlers");
  emitInterface(unit, def, methods, "client");
  for (const method of methods) {
    const { args, result } = names.methods.get(method.def) ?? {};
    if (args !== undefined) emitRecord(unit, method.args, args);
    if (result !== undefined) emitRecord(unit, method.result, result);
  }
  emitServiceSchema(unit, def, methods, names);
}

function emitInterface(
  unit: Unit,
  def: ServiceDef,
  methods: readonly MethodShape[],
  which: "handlers" | "client",
): void {
  const { code } = unit;
  const { document } = def.module;
  const base = def.base === undefined ? "" : ` extends ${unit.serviceType(def.base, which)}`;
  const point = `${which === "handlers" ? "service" : "client"}.${unit.namesOf(def).name}`;
  code.point(point);
  code.doc(which === "handlers" ? `What a server of ${def.name} implements.` : `What a caller of ${def.name} gets.`);
  const head = `export interface ${unit.namesOf(def).service?.[which]}${base}`;
  if (methods.length === 0) {
    code.hollow(head, `${point}.$body`);
  } else {
    code.open(`${head} {`);
    for (const method of methods) {
      code.point(`${point}.${method.def.name}`);
      const doc = docOf(document, method.def.node);
      if (doc !== undefined) code.doc(doc);
      code.line(which === "handlers" ? handlerSignature(unit, method) : clientSignature(unit, method));
    }
    code.point(`${point}.$body`);
    code.close();
  }
  code.line();
}

function handlerSignature(unit: Unit, method: MethodShape): string {
  const { streaming } = method.def;
  const returned = returnType(unit, method);
  const outcome = streaming === "server" || streaming === "bidi"
    ? `AsyncIterable<${returned}>`
    : `${returned} | Promise<${returned}>`;
  const sends = streaming === "client" || streaming === "bidi" ? (type: string) => `AsyncIterable<${type}>` : undefined;
  const parameters = methodParameters(unit, method, sends, "context", unit.runtimeType("CallContext"));
  return `${propertyName(method.key)}(${parameters}): ${outcome};`;
}

function clientSignature(unit: Unit, method: MethodShape): string {
  const { streaming } = method.def;
  const returned = returnType(unit, method);
  const outcome = streaming === "server" || streaming === "bidi"
    ? `AsyncIterable<${returned}>`
    : `Promise<${returned}>`;
  const sends = streaming === "client" || streaming === "bidi"
    ? (type: string) => `AsyncIterable<${type}> | Iterable<${type}>`
    : undefined;
  const parameters = methodParameters(unit, method, sends, "options?", unit.runtimeType("CallOptions"));
  return `${propertyName(method.key)}(${parameters}): ${outcome};`;
}

function returnType(unit: Unit, { def }: MethodShape): string {
  return def.returns === undefined ? "void" : tsType(unit, def.returns);
}

/** The arguments, then one parameter of ours, which gives way where an argument has its name. */
function methodParameters(
  unit: Unit,
  method: MethodShape,
  wrap: ((type: string) => string) | undefined,
  last: string,
  lastType: string,
): string {
  const { fields } = method.args;
  const keys = new Set(fields.map((field) => field.key));
  const parameters = fields.map((field) => `${parameterName(field.key, keys)}: ${argumentType(unit, field, wrap)}`);
  const optional = last.endsWith("?") ? "?" : "";
  let name = last.replace("?", "");
  while (keys.has(name)) name += "_";
  return [...parameters, `${name}${optional}: ${lastType}`].join(", ");
}

function argumentType(unit: Unit, field: FieldShape, wrap: ((type: string) => string) | undefined): string {
  const type = tsType(unit, field.type);
  return wrap === undefined ? type : wrap(type);
}

/** The arguments or the outcome of a method: a record nobody outside sees. */
function emitRecord(unit: Unit, shape: RecordShape, names: RecordNames): void {
  const { code } = unit;
  const items = shape.fields.map((field) => {
    const { mark, type } = propertyType(unit, field);
    return `${propertyName(field.key)}${mark}: ${type}`;
  });
  const flat = `type ${names.type} = { ${items.join("; ")} };`;
  if (items.length === 0) {
    code.line(`type ${names.type} = Record<never, never>;`);
  } else if (flat.length <= 120) {
    code.line(flat);
  } else {
    code.open(`type ${names.type} = {`);
    for (const item of items) code.line(`${item};`);
    code.close("};");
  }
  code.line();
  emitSchema(unit, shape, names, false);
  emitCodec(unit, shape, names);
}

function emitServiceSchema(
  unit: Unit,
  def: ServiceDef,
  methods: readonly MethodShape[],
  names: ServiceNames,
): void {
  const { code } = unit;
  const inherited: Literal[] = def.base === undefined ? [] : [`...${unit.value(def.base)}.methods`];
  code.doc(docOf(def.module.document, def.node) ?? `The service ${def.name}.`);
  code.open(
    `export const ${names.schema}: ${unit.runtimeType("ServiceSchema")}<${names.handlers}, ${names.client}> = {`,
  );
  code.line(`name: ${quoted(def.name)},`);
  code.line('payload: "thrift",');
  code.literal(
    "methods: ",
    arrayLiteral([...inherited, ...methods.map((method) => methodSchema(unit, method, names))]),
    ",",
  );
  const annotations = annotationsSchema(annotationsOf(def.node.annotations));
  if (annotations !== undefined) code.literal("annotations: ", annotations, ",");
  code.close("};");
  code.line();
  code.point(`service.${unit.namesOf(def).name}.$end`);
}

function methodSchema(unit: Unit, method: MethodShape, names: ServiceNames): Literal {
  const { def, key } = method;
  const { args, result } = names.methods.get(def) ?? {};
  return objectLiteral({
    name: quoted(def.name),
    key: quoted(key),
    streaming: quoted(def.streaming),
    oneway: String(def.oneway),
    args: args?.schema ?? argumentsLiteral(unit, method.args),
    result: result?.schema ?? outcomeLiteral(unit, method.result),
    annotations: annotationsSchema(annotationsOf(def.node.annotations)),
  });
}
