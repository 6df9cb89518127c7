/**
 * The arguments and outcomes of methods that are one value: put together at run time from parts that all share
 * (`codecs/thrift/call_structs.ts`), instead of having code of their own.
 *
 * @module
 */
import type { Type } from "../model.ts";
import type { FieldShape, RecordShape } from "../shapes.ts";
import { arrayLiteral, callLiteral, type Literal, objectLiteral, propertyName, quoted } from "./code.ts";
import { maker } from "./structs.ts";
import { annotationsSchema, known } from "./types.ts";
import type { Unit } from "./unit.ts";
import { valueExpression } from "./values.ts";

/** True for arguments of at most one value, and that without elements. */
export function isOneArgument({ fields }: RecordShape): boolean {
  return fields.length <= 1 && !fields.some(isContainer);
}

/** True for an outcome whose value, if there is one, has no elements. */
export function isPlainOutcome({ fields }: RecordShape): boolean {
  return !fields.some(isContainer);
}

/** The arguments as an expression. */
export function argumentsLiteral(unit: Unit, { name, fields: [field] }: RecordShape): Literal {
  if (field === undefined) return pureCall(unit, "noArguments", [quoted(name)]);
  return pureCall(unit, "oneArgument", [
    quoted(name),
    String(field.id),
    quoted(field.key),
    valueOf(unit, field.type),
    `(value) => ({ ${propertyName(field.key)}: value })`,
    ...factsOf(unit, field, "default"),
  ]);
}

/** The outcome as an expression. */
export function outcomeLiteral(unit: Unit, { name, fields }: RecordShape): Literal {
  const success = fields.find(isSuccess);
  const exceptions = fields.filter((field) => !isSuccess(field)).map((field) => thrownLiteral(unit, field));
  const parts: Literal[] = [quoted(name)];
  if (success !== undefined) parts.push(valueOf(unit, success.type));
  else if (exceptions.length > 0) parts.push("undefined");
  if (exceptions.length > 0) parts.push(arrayLiteral(exceptions));
  return pureCall(unit, "outcome", parts);
}

function thrownLiteral(unit: Unit, field: FieldShape): Literal {
  const type = known(field.type);
  if (type.kind !== "struct") throw new Error(`${field.name} is thrown and no struct`); // the checks let nothing else through
  const of = `() => ${unit.schema(type.def)}`;
  const parts = [String(field.id), quoted(field.key), of, ...factsOf(unit, field, "optional")];
  return pureCall(unit, "thrown", parts);
}

/** What the IDL says of a field beyond its id, key and type; nothing, where that is the usual. */
function factsOf(unit: Unit, field: FieldShape, requiredness: FieldShape["requiredness"]): Literal[] {
  const facts = objectLiteral({
    name: field.name === field.key ? undefined : quoted(field.name),
    requiredness: field.requiredness === requiredness ? undefined : quoted(field.requiredness),
    default: field.default && maker(valueExpression(unit, field.default, field.type)),
    annotations: annotationsSchema(field.annotations),
  });
  return facts.items.length === 0 ? [] : [facts];
}

/** The part of the runtime that writes and reads values of the type. */
function valueOf(unit: Unit, type: Type): string {
  const plain = known(type);
  switch (plain.kind) {
    case "struct":
    case "enum":
      return `/* @__PURE__ */ ${unit.runtime(`${plain.kind}Value`)}(() => ${unit.schema(plain.def)})`;
    case "i64":
      return unit.runtime(
        { bigint: "i64Value", number: "i64NumberValue", string: "i64TextValue" }[unit.int64As(plain)],
      );
    default:
      return unit.runtime(`${plain.kind}Value`);
  }
}

/** A call that bundlers may drop with what holds its result. */
function pureCall(unit: Unit, name: string, parts: readonly Literal[]): Literal {
  return callLiteral(`/* @__PURE__ */ ${unit.runtime(name)}`, parts);
}

function isSuccess(field: FieldShape): boolean {
  return field.def === undefined;
}

function isContainer({ type }: FieldShape): boolean {
  const { kind } = known(type);
  return kind === "list" || kind === "set" || kind === "map";
}
