/**
 * The function that says whether two structs are equal in all their parts, by option.
 *
 * @module
 */
import type { Type } from "../model.ts";
import { type FieldShape, mayBeAbsent, type RecordShape } from "../shapes.ts";
import { quoted } from "./code.ts";
import { isScalar, known, tsType } from "./types.ts";
import type { RecordNames, Unit } from "./unit.ts";
import { keepsUnknown } from "./write.ts";

/** Adds the function, if the option is set. */
export function emitEqual(unit: Unit, shape: RecordShape, names: RecordNames): void {
  const name = names.extras?.equal;
  if (name === undefined) return;
  const { code } = unit;
  code.doc("Are both equal in all their parts? A double that is NaN is equal to itself; sets and maps have no order.");
  code.open(`export function ${name}(a: ${names.type}, b: ${names.type}): boolean {`);
  const unknown = keepsUnknown(unit, names) ? absentOr("a.$unknown", "b.$unknown", equalBytes(unit)) : undefined;
  if (shape.kind === "union") {
    code.line(`if (a.kind !== b.kind${unknown === undefined ? "" : ` || !${unknown}`}) return false;`);
    code.open("switch (a.kind) {");
    for (const field of shape.fields) {
      const other = `b.value as ${tsType(unit, field.type)}`;
      code.line(`case ${quoted(field.key)}: return ${equality(unit, field.type, "a.value", `(${other})`, 1)};`);
    }
    code.line("default: return true;");
    code.close();
  } else {
    const terms = shape.fields.map((field) => equalityOfField(unit, field));
    if (unknown !== undefined) terms.push(unknown);
    if (terms.length === 0) code.line("return a === b || typeof a === typeof b;");
    else {
      code.open("return a === b || (");
      terms.forEach((term, i) => code.line(i < terms.length - 1 ? `${term} &&` : term));
      code.close(");");
    }
  }
  code.close();
  code.line();
}

function equalityOfField(unit: Unit, field: FieldShape): string {
  const [a, b] = [`a.${field.key}`, `b.${field.key}`];
  const canBeAbsent = mayBeAbsent(field) || unit.options.fieldMask === true;
  if (!canBeAbsent || isScalar(field.type)) return equality(unit, field.type, a, b, 1);
  return absentOr(a, b, (x, y) => equality(unit, field.type, x, y, 1));
}

/** Both absent, or both there and equal. */
function absentOr(a: string, b: string, equal: (a: string, b: string) => string): string {
  return `(${a} === ${b} || (!!${a} && !!${b} && ${equal(a, b)}))`;
}

function equalBytes(unit: Unit): (a: string, b: string) => string {
  return (a, b) => `${unit.runtime("equalBytes")}(${a}, ${b})`;
}

/** An expression that is true if `a` and `b` are equal. Variables at `depth` and below are free. */
function equality(unit: Unit, type: Type, a: string, b: string, depth: number): string {
  const plain = known(type);
  const inner = (part: Type): string => {
    const [x, y] = [`x${depth}`, `y${depth}`];
    return `(${x}, ${y}) => ${equality(unit, part, x, y, depth + 1)}`;
  };
  switch (plain.kind) {
    case "double":
      return `(${a} === ${b} || (${a} !== ${a} && ${b} !== ${b}))`;
    case "binary":
      return equalBytes(unit)(a, b);
    case "struct":
      return `${unit.extra(plain.def, "equal")}(${a}, ${b})`;
    case "list":
      return `${unit.runtime("equalLists")}(${a}, ${b}, ${inner(plain.element)})`;
    case "set":
      return `${unit.runtime("equalSets")}(${a}, ${b}${isScalar(plain.element) ? "" : `, ${inner(plain.element)}`})`;
    case "map": {
      if (unit.mapAs(plain) === "object") return `${unit.runtime("equalObjects")}(${a}, ${b}, ${inner(plain.value)})`;
      const keys = isScalar(plain.key) ? "" : `, ${inner(plain.key)}`;
      return `${unit.runtime("equalMaps")}(${a}, ${b}, ${inner(plain.value)}${keys})`;
    }
    default:
      return `${a} === ${b}`;
  }
}
