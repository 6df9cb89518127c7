/**
 * Structs, unions and exceptions: their types, schemas and codecs.
 *
 * @module
 */
import type { StructDef } from "../model.ts";
import { type FieldShape, mayBeAbsent, type RecordShape, structShape } from "../shapes.ts";
import { arrayLiteral, type Literal, objectLiteral, propertyName, quoted } from "./code.ts";
import { absentValue, emitRead } from "./read.ts";
import { annotationsSchema, known, tsType, typeSchema } from "./types.ts";
import type { RecordNames, Unit } from "./unit.ts";
import { valueExpression } from "./values.ts";
import { docOf } from "../doc_comments.ts";
import { emitCopy } from "./copy.ts";
import { emitEqual } from "./equal.ts";
import { emitMask } from "./mask.ts";
import { emitWrite, keepsUnknown } from "./write.ts";

/** Adds a definition with everything that belongs to it. */
export function emitStruct(unit: Unit, def: StructDef): void {
  const names = unit.namesOf(def).record;
  if (names === undefined) return;
  const shape = structShape(def);
  const doc = docOf(def.module.document, def.node) ?? `The ${def.kind} ${def.name}.`;
  const point = pointOf(unit, def);
  unit.code.point(point);
  unit.code.doc(doc);
  if (def.kind === "union") emitUnionType(unit, shape, names, def);
  else if (def.kind === "exception") emitExceptionClass(unit, shape, names, def);
  else emitInterface(unit, shape, names, def);
  unit.code.line();
  unit.code.doc(`What the IDL says about \`${def.name}\`, and its codec.`);
  emitSchema(unit, shape, names, true);
  emitCodec(unit, shape, names);
  emitCopy(unit, shape, names);
  emitEqual(unit, shape, names);
  emitMask(unit, shape, names);
  unit.code.point(`${point}.$end`);
}

/** Adds the schema of a record. */
export function emitSchema(unit: Unit, shape: RecordShape, names: RecordNames, isPublic: boolean): void {
  const { code } = unit;
  const struct = `${unit.runtimeType("ThriftStruct")}<${names.type}>`;
  const make = `/* @__PURE__ */ ${unit.runtime("thriftStruct")}<${names.type}>({`;
  code.open(`${isPublic ? "export " : ""}const ${names.schema}: ${struct} = ${make}`);
  code.line(`kind: ${quoted(shape.kind)},`);
  code.line(`name: ${quoted(shape.name)},`);
  code.literal("fields: ", arrayLiteral(shape.fields.map((field) => fieldSchema(unit, field))), ",");
  const annotations = annotationsSchema(shape.annotations);
  if (annotations !== undefined) code.literal("annotations: ", annotations, ",");
  if (keepsUnknown(unit, names)) code.line("keepsUnknown: true,");
  if (names.extras?.mask !== undefined) code.line("maskable: true,");
  if (shape.kind === "exception") code.line(`make: (fields) => new ${names.type}(fields),`);
  emitCreate(unit, shape, names);
  code.line(`write: ${names.write},`);
  code.line(`read: ${names.read},`);
  code.close("});");
}

/** Adds the functions of a record. */
export function emitCodec(unit: Unit, shape: RecordShape, names: RecordNames): void {
  unit.code.line();
  emitWrite(unit, shape, names);
  unit.code.line();
  emitRead(unit, shape, names);
  unit.code.line();
}

/** The type of a property, and whether it may be left out. */
export function propertyType(unit: Unit, field: FieldShape): { mark: string; type: string } {
  const type = tsType(unit, field.type);
  return mayBeAbsent(field) ? { mark: "?", type: `${type} | undefined` } : { mark: "", type };
}

function emitCreate(unit: Unit, shape: RecordShape, names: RecordNames): void {
  const { code } = unit;
  switch (shape.kind) {
    case "exception":
      return code.line(`create: (init) => new ${names.type}(init),`);
    case "union": {
      const preset = shape.fields.find((field) => field.default !== undefined);
      const empty = preset?.default === undefined
        ? '{ kind: "" }'
        : `{ kind: ${quoted(preset.key)}, value: ${valueExpression(unit, preset.default, preset.type)} }`;
      return code.line(`create: (init) => (init ?? ${empty}) as ${names.type},`);
    }
    default: {
      const kept = keepsUnknown(unit, names);
      if (shape.fields.length === 0 && !kept) return code.line("create: () => ({}),");
      const properties = Object.fromEntries(
        shape.fields.map((field) => [field.key, `init?.${field.key}${otherwise(unit, field)}`]),
      );
      const literal = objectLiteral({ ...properties, $unknown: kept ? "init?.$unknown" : undefined });
      const inParentheses: Literal = typeof literal === "string" ? literal : { ...literal, open: "({", close: "})" };
      return code.literal("create: (init) => ", inParentheses, ",");
    }
  }
}

function fieldSchema(unit: Unit, field: FieldShape): Literal {
  const { id, name, key, requiredness } = field;
  return objectLiteral({
    id: String(id),
    name: quoted(name),
    key: quoted(key),
    type: typeSchema(unit, field.type),
    requiredness: quoted(requiredness),
    default: field.default && maker(valueExpression(unit, field.default, field.type)),
    annotations: annotationsSchema(field.annotations),
  });
}

/** A function that makes the value; an object needs parentheses, or it would be the function's body. */
export function maker(expression: string): string {
  return `() => ${expression.startsWith("{") ? `(${expression})` : expression}`;
}

function emitInterface(unit: Unit, shape: RecordShape, names: RecordNames, def: StructDef): void {
  const { code } = unit;
  const kept = keepsUnknown(unit, names);
  const body = `${pointOf(unit, def)}.$body`;
  if (shape.fields.length === 0 && !kept) return code.hollow(`export interface ${names.type}`, body);
  code.open(`export interface ${names.type} {`);
  for (const field of shape.fields) {
    emitFieldHead(unit, field, def);
    const { mark, type } = propertyType(unit, field);
    code.line(`${propertyName(field.key)}${mark}: ${type};`);
  }
  if (kept) emitUnknownProperty(unit);
  code.point(body);
  code.close();
}

/** What `create` and constructors put where the caller gives nothing. */
function otherwise(unit: Unit, field: FieldShape): string {
  const type = known(field.type);
  const absent = absentValue(unit, field);
  if (absent !== undefined) return ` ?? ${absent}`;
  if (field.requiredness !== "required" || type.kind !== "struct") return "";
  return type.def.kind === "exception" ? ` ?? new ${unit.value(type.def)}()` : ` ?? ${unit.schema(type.def)}.create()`;
}

/** What the places of a struct's code begin with. */
function pointOf(unit: Unit, def: StructDef): string {
  return `${def.kind}.${unit.namesOf(def).name}`;
}

/** Adds what stands above a field: its place to insert at, and its doc comment. */
function emitFieldHead(unit: Unit, field: FieldShape, def: StructDef): void {
  unit.code.point(`${pointOf(unit, def)}.${field.name}`);
  const doc = field.def && docOf(def.module.document, field.def.node);
  if (doc !== undefined) unit.code.doc(doc);
}

/** The property that holds what the IDL does not know; no field can have its name. */
function emitUnknownProperty(unit: Unit): void {
  unit.code.doc("Fields that the IDL does not know, as they came in the Binary protocol.");
  unit.code.line(`$unknown?: ${UNKNOWN_TYPE};`);
}

const UNKNOWN_TYPE = "Uint8Array | undefined";

function emitUnionType(unit: Unit, shape: RecordShape, names: RecordNames, def: StructDef): void {
  const { code } = unit;
  const unknown = keepsUnknown(unit, names) ? `; readonly $unknown?: ${UNKNOWN_TYPE}` : "";
  code.open(`export type ${names.type} =`);
  for (const field of shape.fields) {
    emitFieldHead(unit, field, def);
    code.line(`| { readonly kind: ${quoted(field.key)}; readonly value: ${tsType(unit, field.type)}${unknown} }`);
  }
  code.point(`${pointOf(unit, def)}.$body`);
  code.line(`| { readonly kind: ""; readonly value?: undefined${unknown} };`);
  code.higher();
}

function emitExceptionClass(unit: Unit, shape: RecordShape, names: RecordNames, def: StructDef): void {
  const { code } = unit;
  const message = shape.fields.find((field) => field.key === "message");
  const own = shape.fields.filter((field) => field !== message);
  code.open(`export class ${names.type} extends ${unit.runtime("ThriftException")} {`);
  code.line(`override readonly name = ${quoted(def.name)};`);
  for (const field of own) {
    emitFieldHead(unit, field, def);
    const { mark, type } = propertyType(unit, field);
    code.line(`${propertyName(field.key)}${mark}: ${type};`);
  }
  const kept = keepsUnknown(unit, names);
  if (kept) emitUnknownProperty(unit);
  code.line();
  code.doc("Makes one; fields that are left out have their default.");
  if (shape.fields.length === 0 && !kept) code.line("constructor(_init: Record<never, never> = {}) {");
  else emitConstructorHead(unit, shape, kept);
  code.deeper();
  code.line(`super(${message === undefined ? '""' : `init.message ?? ${absentValue(unit, message) ?? '""'}`});`);
  for (const field of own) {
    code.line(`this.${field.key} = init.${field.key}${otherwise(unit, field)};`);
  }
  if (kept) code.line("this.$unknown = init.$unknown;");
  code.close();
  code.line();
  code.doc("What the IDL says about it.");
  code.open(`override get schema(): ${unit.runtimeType("ThriftStruct")}<${names.type}> {`);
  code.line(`return ${names.schema};`);
  code.close();
  code.point(`${pointOf(unit, def)}.$body`);
  code.close();
}

function emitConstructorHead(unit: Unit, shape: RecordShape, keepsUnknown: boolean): void {
  const { code } = unit;
  const items = shape.fields.map((field) => `readonly ${field.key}?: ${tsType(unit, field.type)} | undefined`);
  if (keepsUnknown) items.push(`readonly $unknown?: ${UNKNOWN_TYPE}`);
  const flat = `constructor(init: { ${items.join("; ")} } = {}) {`;
  if (flat.length <= 118) return code.line(flat);
  code.open("constructor(init: {");
  for (const item of items) code.line(`${item};`);
  code.close("} = {}) {");
}
