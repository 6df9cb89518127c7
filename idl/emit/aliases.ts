/**
 * Typedefs and constants.
 *
 * @module
 */
import { docOf } from "../doc_comments.ts";
import { type ConstDef, plainType, type TypedefDef } from "../model.ts";
import { tsType } from "./types.ts";
import type { Unit } from "./unit.ts";
import { valueLiteral } from "./values.ts";

/** Adds the type that a typedef stands for. */
export function emitTypedef(unit: Unit, def: TypedefDef): void {
  const { code } = unit;
  const { name } = unit.namesOf(def);
  code.point(`typedef.${name}`);
  code.doc(docOf(def.module.document, def.node) ?? `The typedef ${def.name}.`);
  code.line(`export type ${name} = ${tsType(unit, def.type)};`);
  code.line();
}

/** Adds the value a typedef of an enum, struct, union or exception stands for; these must be there already. */
export function emitTypedefValue(unit: Unit, def: TypedefDef): void {
  const { code } = unit;
  const type = plainType(def.type);
  if (type.kind !== "enum" && type.kind !== "struct") return;
  const { name } = unit.namesOf(def);
  const value = unit.value(type.def);
  code.doc(`The typedef ${def.name}.`);
  const isPlainStruct = type.kind === "struct" && type.def.kind !== "exception";
  const valueType = isPlainStruct ? `${unit.runtimeType("ThriftStruct")}<${unit.type(type.def)}>` : `typeof ${value}`;
  code.line(`export const ${name}: ${valueType} = ${value};`);
  code.line();
}

/** Adds a constant; the structs in it must be there already. */
export function emitConst(unit: Unit, def: ConstDef): void {
  if (def.value === undefined) return;
  const { code } = unit;
  const { name } = unit.namesOf(def);
  code.point(`constant.${name}`);
  code.doc(docOf(def.module.document, def.node) ?? `The constant ${def.name}.`);
  const value = valueLiteral(unit, def.value, def.type);
  const pure = /^(?:new |[\w.]+\()/.test(typeof value === "string" ? value : value.open) ? "/* @__PURE__ */ " : "";
  code.literal(`export const ${name}: ${tsType(unit, def.type)} = ${pure}`, value, ";");
  code.line();
}
