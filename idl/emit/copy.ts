/**
 * The function that makes a deep copy of a struct, by option.
 *
 * @module
 */
import type { Type } from "../model.ts";
import { type FieldShape, mayBeAbsent, type RecordShape } from "../shapes.ts";
import { objectLiteral, quoted } from "./code.ts";
import { isScalar, known } from "./types.ts";
import type { RecordNames, Unit } from "./unit.ts";
import { keepsUnknown } from "./write.ts";

/** Adds the function, if the option is set. */
export function emitCopy(unit: Unit, shape: RecordShape, names: RecordNames): void {
  const name = names.extras?.copy;
  if (name === undefined) return;
  const { code } = unit;
  code.doc(`A deep copy.`);
  const unknown = keepsUnknown(unit, names) ? "o.$unknown && o.$unknown.slice()" : undefined;
  const isBlank = shape.kind !== "struct" && shape.fields.length === 0 && unknown === undefined;
  code.open(`export function ${name}(${isBlank ? "_o" : "o"}: ${names.type}): ${names.type} {`);
  if (isBlank) code.line(shape.kind === "union" ? 'return { kind: "" };' : `return new ${names.type}({});`);
  else if (shape.kind === "union") {
    code.open("switch (o.kind) {");
    for (const field of shape.fields) {
      const value = copyOf(unit, field.type, "o.value", 1);
      code.literal(
        `case ${quoted(field.key)}: return `,
        objectLiteral({ kind: quoted(field.key), value, $unknown: unknown }),
        ";",
      );
    }
    code.literal("default: return ", objectLiteral({ kind: '""', $unknown: unknown }), ";");
    code.close();
  } else {
    const parts = Object.fromEntries(shape.fields.map((field) => [field.key, copyOfField(unit, field)]));
    const literal = objectLiteral({ ...parts, $unknown: unknown });
    if (shape.kind === "exception") code.literal(`return new ${names.type}(`, literal, ");");
    else if (shape.fields.length === 0 && unknown === undefined) code.line("return { ...o };");
    else code.literal("return ", literal, ";");
  }
  code.close();
  code.line();
}

function copyOfField(unit: Unit, field: FieldShape): string {
  const x = `o.${field.key}`;
  const copy = copyOf(unit, field.type, x, 1);
  const canBeAbsent = mayBeAbsent(field) || unit.options.fieldMask === true;
  return copy === x || !canBeAbsent ? copy : `${x} && ${copy}`;
}

/** A copy of `x`: itself where it cannot change. Variables at `depth` and below are free. */
function copyOf(unit: Unit, type: Type, x: string, depth: number): string {
  const plain = known(type);
  const [e, k] = [`e${depth}`, `k${depth}`];
  switch (plain.kind) {
    case "binary":
      return `${x}.slice()`;
    case "struct":
      return `${unit.extra(plain.def, "copy")}(${x})`;
    case "list":
      return isScalar(plain.element)
        ? `${x}.slice()`
        : `${x}.map((${e}) => ${copyOf(unit, plain.element, e, depth + 1)})`;
    case "set":
      if (isScalar(plain.element)) return `new Set(${x})`;
      return `new Set(Array.from(${x}, (${e}) => ${copyOf(unit, plain.element, e, depth + 1)}))`;
    case "map": {
      const pair = `[${copyOf(unit, plain.key, k, depth + 1)}, ${copyOf(unit, plain.value, e, depth + 1)}]`;
      const isFlat = isScalar(plain.key) && isScalar(plain.value);
      if (unit.mapAs(plain) === "map") {
        return isFlat ? `new Map(${x})` : `new Map(Array.from(${x}, ([${k}, ${e}]) => ${pair} as const))`;
      }
      const flat = isFlat ? x : `Object.fromEntries(Object.entries(${x}).map(([${k}, ${e}]) => ${pair}))`;
      return `Object.assign(Object.create(null), ${flat})`;
    }
    default:
      return x;
  }
}
