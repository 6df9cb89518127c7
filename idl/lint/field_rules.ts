/**
 * Rules about fields and enum members: their ids and numbers, and what must be there.
 *
 * @module
 */
import type { FieldDef, StructDef } from "../model.ts";
import { reservationsOf, RESERVED_ANNOTATION } from "./reservations.ts";
import type { LintContext, LintRule } from "./rule.ts";
import { argumentsOf, enumsOf, fieldsOf, structsOf } from "./visit.ts";

/** All of them, by code. */
export const FIELD_RULES: readonly LintRule[] = [
  {
    code: "UL2001",
    name: "field-id-missing",
    summary: "every field and argument has an id",
    reason:
      "Without one Thriftgo and Updraft count up from 1 and Apache Thrift down from -1: peers do not fit together.",
    preset: "recommended",
    level: "warn",
    fixable: true,
    bad: "struct User {\n  1: i64 id\n  string name\n}",
    good: "struct User {\n  1: i64 id\n  2: string name\n}",
    check(context) {
      for (const { node, id, name } of [...fieldsOf(context.module), ...argumentsOf(context.module)]) {
        if (node.id !== undefined) continue;
        context.report(node.name, `${name} has no id`, {
          suggestion: `write ${id}: before it`,
          fix: [{ start: node.start, end: node.start, text: `${id}: ` }],
        });
      }
    },
  },
  {
    code: "UL2002",
    name: "required-field",
    summary: "no field is required",
    reason:
      "A required field can never be removed or made optional: whoever still has the old IDL refuses the whole message.",
    preset: "recommended",
    level: "warn",
    bad: "struct User {\n  1: required i64 id\n}",
    good: "struct User {\n  1: i64 id\n}",
    check(context) {
      for (const { node, name, requiredness } of fieldsOf(context.module)) {
        if (requiredness !== "required") continue;
        context.report(node.requiredness ?? node.name, `${name} is required, for ever`, {
          suggestion: "leave required out, and check in the program what must be there",
        });
      }
    },
  },
  {
    code: "UL2003",
    name: "field-id-order",
    summary: "ids of fields ascend",
    reason: "The next free id, and one that is used twice, are then easy to see.",
    preset: "recommended",
    level: "warn",
    bad: "struct User {\n  2: i64 id\n  1: string name\n}",
    good: "struct User {\n  1: string name\n  2: i64 id\n}",
    check(context) {
      for (const { fields } of structsOf(context.module)) {
        fields.forEach(({ node, name, id }, i) => {
          const above = fields[i - 1];
          if (above === undefined || above.id < id) return;
          context.report(node.id ?? node.name, `id ${id} of ${name} is behind ${above.id} of ${above.name}`);
        });
      }
    },
  },
  {
    code: "UL2004",
    name: "field-id-gap",
    summary: "ids that fields do not use are reserved",
    reason:
      "A gap is where a field was removed. Used again with another meaning, its id makes old peers misread messages.",
    preset: "recommended",
    level: "warn",
    bad: "struct User {\n  1: i64 id\n  4: string name\n}",
    good: 'struct User {\n  1: i64 id\n  4: string name\n} (updraft.reserved = "2-3")',
    check(context) {
      for (const def of structsOf(context.module)) checkGaps(context, def);
    },
  },
  {
    code: "UL2005",
    name: "reserved-used",
    summary: `nothing uses ids, numbers and names that ${RESERVED_ANNOTATION} names`,
    reason: "They are reserved because messages and programs with their old meaning are still around.",
    preset: "recommended",
    level: "error",
    bad: 'struct User {\n  1: i64 id\n  2: string name\n} (updraft.reserved = "2")',
    good: 'struct User {\n  1: i64 id\n  3: string name\n} (updraft.reserved = "2")',
    check(context) {
      for (const def of structsOf(context.module)) {
        const reserved = reservationsOf(def.node.annotations);
        for (const { node, id, name } of reserved.any ? def.fields : []) {
          if (reserved.hasNumber(id)) context.report(node.id ?? node.name, `id ${id} is reserved in ${def.name}`);
          if (reserved.hasName(name)) context.report(node.name, `${name} is reserved in ${def.name}`);
        }
      }
      for (const def of enumsOf(context.module)) {
        const reserved = reservationsOf(def.node.annotations);
        for (const { node, value, name } of reserved.any ? def.members : []) {
          if (reserved.hasNumber(value)) context.report(node, `number ${value} is reserved in ${def.name}`);
          if (reserved.hasName(name)) context.report(node.name, `${name} is reserved in ${def.name}`);
        }
      }
    },
  },
  {
    code: "UL2006",
    name: "required-default",
    summary: "a required field has no default",
    reason: "It is always sent, so the default is never used by a reader.",
    preset: "recommended",
    level: "warn",
    bad: "struct Page {\n  1: required i32 size = 20\n}",
    good: "struct Page {\n  1: i32 size = 20\n}",
    check(context) {
      for (const { node, name, requiredness } of fieldsOf(context.module)) {
        if (requiredness !== "required" || node.default === undefined) continue;
        context.report(node.default, `the default of required field ${name} means nothing`);
      }
    },
  },
  {
    code: "UL3001",
    name: "enum-zero",
    summary: "every enum has a member for 0",
    reason: "0 is what a field holds that was not sent, in most languages; it should have a name, such as UNKNOWN.",
    preset: "recommended",
    level: "warn",
    bad: "enum State {\n  PAID = 1\n}",
    good: "enum State {\n  UNKNOWN = 0\n  PAID = 1\n}",
    check(context) {
      for (const def of enumsOf(context.module)) {
        if (def.members.length > 0 && !def.numbers.has(0)) {
          context.report(def.node.name, `${def.name} has no member for 0`);
        }
      }
    },
  },
  {
    code: "UL3002",
    name: "enum-value-missing",
    summary: "every enum member has its number",
    reason: "A member that is put in between would change the numbers of all that follow.",
    preset: "recommended",
    level: "warn",
    fixable: true,
    bad: "enum State {\n  UNKNOWN = 0\n  PAID\n}",
    good: "enum State {\n  UNKNOWN = 0\n  PAID = 1\n}",
    check(context) {
      for (const { members } of enumsOf(context.module)) {
        for (const { node, name, value } of members) {
          if (node.value !== undefined) continue;
          context.report(node.name, `${name} has no number`, {
            suggestion: `write ${name} = ${value}`,
            fix: [{ start: node.name.end, end: node.name.end, text: ` = ${value}` }],
          });
        }
      }
    },
  },
];

function checkGaps(context: LintContext, def: StructDef): void {
  const reserved = reservationsOf(def.node.annotations);
  const fields = def.fields.filter((field) => field.id > 0).sort((a, b) => a.id - b.id);
  fields.forEach((field, i) => {
    const above: FieldDef | undefined = fields[i - 1];
    if (above === undefined) return;
    const free: number[] = [];
    for (let id = above.id + 1; id < field.id; id++) if (!reserved.hasNumber(id)) free.push(id);
    const [first] = free;
    const last = free.at(-1);
    if (first === undefined || last === undefined) return;
    const ids = first === last ? `id ${first} is` : `ids ${first} to ${last} are`;
    context.report(field.node.id ?? field.node.name, `${ids} neither used nor reserved before ${field.name}`, {
      suggestion: `if they were used once, annotate ${def.name} with (${RESERVED_ANNOTATION} = "${
        first === last ? first : `${first}-${last}`
      }")`,
    });
  });
}
