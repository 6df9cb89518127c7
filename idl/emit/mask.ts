/**
 * Field masks, by option: a type that says which parts of a struct to keep, and a function that keeps only those.
 *
 * Required fields are always kept. Exceptions are kept whole.
 *
 * @module
 */
import type { Type } from "../model.ts";
import type { FieldShape, RecordShape } from "../shapes.ts";
import { objectLiteral, propertyName, quoted } from "./code.ts";
import { known, tsType } from "./types.ts";
import type { RecordNames, Unit } from "./unit.ts";
import { keepsUnknown } from "./write.ts";

/** Adds the type and the function, if the option is set. */
export function emitMask(unit: Unit, shape: RecordShape, names: RecordNames): void {
  const { mask, maskType } = names.extras ?? {};
  if (mask === undefined || maskType === undefined || shape.kind === "exception") return;
  const { code } = unit;
  code.doc(`Which parts of ${shape.name} to keep.`);
  if (shape.fields.length === 0) {
    code.line(`export interface ${maskType} {}`);
  } else {
    code.open(`export interface ${maskType} {`);
    for (const field of shape.fields) {
      code.line(`readonly ${propertyName(field.key)}?: ${partMask(unit, field.type)} | undefined;`);
    }
    code.close();
  }
  code.line();
  code.doc("The parts of `o` that `m` names, and the required ones. What is left out is undefined, and is not sent.");
  if (shape.fields.length === 0) {
    code.open(`export function ${mask}(o: ${names.type}, _m: ${maskType}): ${names.type} {`);
    code.line("return o;");
  } else {
    // of a struct whose fields are all required and have no parts, nothing can be left out
    const m = shape.kind === "struct" && shape.fields.every(isAlwaysWhole) ? "_m" : "m";
    code.open(`export function ${mask}(o: ${names.type}, ${m}: ${maskType}): ${names.type} {`);
    if (shape.kind === "union") emitUnionBody(unit, shape);
    else emitStructBody(unit, shape, names);
  }
  code.close();
  code.line();
}

function isAlwaysWhole({ requiredness, type }: FieldShape): boolean {
  return requiredness === "required" && !hasParts(type);
}

function emitStructBody(unit: Unit, shape: RecordShape, names: RecordNames): void {
  const parts = Object.fromEntries(shape.fields.map((field) => [field.key, keptField(unit, field)]));
  const unknown = keepsUnknown(unit, names) ? "o.$unknown" : undefined;
  unit.code.literal("return ", objectLiteral({ ...parts, $unknown: unknown }), ` as ${names.type};`);
}

function emitUnionBody(unit: Unit, shape: RecordShape): void {
  const { code } = unit;
  code.open("switch (o.kind) {");
  for (const field of shape.fields) {
    const m = `m.${field.key}`;
    const part = hasParts(field.type)
      ? `${m} === true ? o : { ...o, value: ${kept(unit, field.type, "o.value", m, 1)} }`
      : "o";
    code.line(`case ${quoted(field.key)}: return ${m} === undefined ? { kind: "" } : ${part};`);
  }
  code.line("default: return o;");
  code.close();
}

function keptField(unit: Unit, field: FieldShape): string {
  const [o, m] = [`o.${field.key}`, `m.${field.key}`];
  if (field.requiredness === "required") {
    if (!hasParts(field.type)) return o;
    return `${m} === undefined || ${m} === true ? ${o} : ${kept(unit, field.type, o, m, 1)}`;
  }
  if (!hasParts(field.type)) return `${m} && ${o}`;
  return `${m} === true ? ${o} : ${m} && ${o} && ${kept(unit, field.type, o, m, 1)}`;
}

/** The mask of a part: `true`, or more about its own parts. */
function partMask(unit: Unit, type: Type): string {
  const plain = known(type);
  switch (plain.kind) {
    case "struct":
      return plain.def.kind === "exception" ? "true" : `true | ${unit.extra(plain.def, "maskType")}`;
    case "list":
      return `true | ${unit.runtimeType("ListMask")}<${partMask(unit, plain.element)}>`;
    case "set":
      return `true | ${unit.runtimeType("SetMask")}<${partMask(unit, plain.element)}>`;
    case "map": {
      const key = unit.mapAs(plain) === "object" ? "string" : tsType(unit, plain.key);
      return `true | ${unit.runtimeType("MapMask")}<${key}, ${partMask(unit, plain.value)}>`;
    }
    default:
      return "true";
  }
}

function hasParts(type: Type): boolean {
  const plain = known(type);
  if (plain.kind === "struct") return plain.def.kind !== "exception";
  return plain.kind === "list" || plain.kind === "set" || plain.kind === "map";
}

/** What the mask `m`, which is more than `true`, keeps of `x`. Variables at `depth` and below are free. */
function kept(unit: Unit, type: Type, x: string, m: string, depth: number): string {
  const plain = known(type);
  const each = (part: Type): string => {
    const [e, n] = [`e${depth}`, `m${depth}`];
    if (!hasParts(part)) return `(${e}) => ${e}`;
    return `(${e}, ${n}) => ${n} === true ? ${e} : ${kept(unit, part, e, n, depth + 1)}`;
  };
  switch (plain.kind) {
    case "struct":
      return `${unit.extra(plain.def, "mask")}(${x}, ${m})`;
    case "list":
      return `${unit.runtime("maskList")}(${x}, ${m}, ${each(plain.element)})`;
    case "set":
      return `${unit.runtime("maskSet")}(${x}, ${m}, ${each(plain.element)})`;
    case "map":
      return `${unit.runtime(unit.mapAs(plain) === "map" ? "maskMap" : "maskObject")}(${x}, ${m}, ${
        each(plain.value)
      })`;
    default:
      return x;
  }
}
