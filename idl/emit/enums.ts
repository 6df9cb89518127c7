/**
 * Enums: an object of numbers and a type of the same name. Numbers that are no members pass through.
 *
 * @module
 */
import { docOf } from "../doc_comments.ts";
import { annotationsOf, type EnumDef } from "../model.ts";
import { objectLiteral, propertyName, quoted } from "./code.ts";
import { annotationsSchema } from "./types.ts";
import type { Unit } from "./unit.ts";

/** Adds an enum. */
export function emitEnum(unit: Unit, def: EnumDef): void {
  const { code } = unit;
  const { document } = def.module;
  const { name, enumSchema } = unit.namesOf(def);
  const doc = docOf(document, def.node) ?? `The enum ${def.name}.`;
  code.point(`enum.${name}`);
  code.doc(doc);
  if (def.members.length === 0) {
    // without members the type of the values would be never
    code.line(`export const ${name}: Record<never, never> = {};`);
    code.doc(doc);
    code.line(`export type ${name} = number;`);
  } else {
    code.open(`export const ${name}: {`);
    for (const member of def.members) {
      const memberDoc = docOf(document, member.node);
      if (memberDoc !== undefined) code.doc(memberDoc);
      code.line(`readonly ${propertyName(member.name)}: ${member.value};`);
    }
    code.turn("} = {");
    for (const member of def.members) code.line(`${propertyName(member.name)}: ${member.value},`);
    code.close("};");
    code.doc(doc);
    code.line(`export type ${name} = (typeof ${name})[keyof typeof ${name}];`);
  }
  code.doc(`What the IDL says about \`${def.name}\`.`);
  const schema = objectLiteral({
    name: quoted(def.name),
    values: name,
    annotations: annotationsSchema(annotationsOf(def.node.annotations)),
  });
  code.literal(`export const ${enumSchema}: ${unit.runtimeType("EnumSchema")} = `, schema, ";");
  code.line();
  code.point(`enum.${name}.$end`);
}
