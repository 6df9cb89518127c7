/**
 * The services of Thrift IDL, as a new project sees them.
 *
 * @module
 */
import { docOf } from "../../idl/doc_comments.ts";
import { propertyName } from "../../idl/emit/code.ts";
import { emitUnits } from "../../idl/emit/emit.ts";
import { parameterName } from "../../idl/emit/names.ts";
import type { EmitOptions } from "../../idl/emit/options.ts";
import { int64Held, mapHeld } from "../../idl/js_values.ts";
import { plainType, type Program, type ServiceDef, type StructDef, type Type } from "../../idl/model.ts";
import { allMethods, mayBeAbsent, type MethodShape, structShape } from "../../idl/shapes.ts";
import { camelCase, type ScaffoldMethod, type ScaffoldService, snakeCase } from "./model.ts";

/** The services of the files asked for, in order; the program must have no errors. */
export function thriftServices(program: Program, options: EmitOptions): ScaffoldService[] {
  const { value: units } = emitUnits(program, options);
  const defs = program.mains.flatMap((module) => module.definitions.filter((def) => def.kind === "service"));
  return defs.flatMap((def): ScaffoldService[] => {
    const unit = units.find(({ plan }) => plan.definitions.includes(def));
    const names = unit?.namesOf(def).service;
    if (unit === undefined || names === undefined) return [];
    return [{
      name: def.name,
      schema: names.schema,
      handlers: names.handlers,
      constant: camelCase(def.name),
      file: snakeCase(def.name),
      module: unit.plan.path,
      doc: docOf(def.module.document, def.node) ?? "",
      methods: allMethods(def).map((method) => methodOf(method, options)),
    }];
  });
}

function methodOf({ def, service, key, args }: MethodShape, options: EmitOptions): ScaffoldMethod {
  const keys = new Set(args.fields.map((field) => field.key));
  const values = args.fields.map((field) => zero(field.type, options, new Set()));
  return {
    name: def.name,
    key,
    doc: docOf((service satisfies ServiceDef).module.document, def.node) ?? "",
    parameters: args.fields.map((field) => parameterName(field.key, keys)),
    arguments: def.streaming !== "unary" || values.includes(undefined) ? null : values.join(", "),
    streaming: def.streaming,
    oneway: def.oneway,
  };
}

/** A value of the type as TypeScript, with as little in it as the type allows; `undefined` if there is none. */
function zero(type: Type, options: EmitOptions, around: ReadonlySet<StructDef>): string | undefined {
  const plain = plainType(type);
  switch (plain.kind) {
    case "bool":
      return "false";
    case "i64":
      return { bigint: "0n", number: "0", string: '"0"' }[int64Held(type, options)];
    case "string":
      return '""';
    case "uuid":
      return '"00000000-0000-0000-0000-000000000000"';
    case "binary":
      return "new Uint8Array()";
    case "list":
      return "[]";
    case "set":
      return "new Set()";
    case "map":
      return mapHeld(type, options) === "map" ? "new Map()" : "{}";
    case "enum":
      return plain.def.members[0] === undefined ? undefined : String(plain.def.members[0].value);
    case "struct":
      return zeroStruct(plain.def, options, around);
    case "unknown":
      return undefined;
    default:
      return "0";
  }
}

function zeroStruct(def: StructDef, options: EmitOptions, around: ReadonlySet<StructDef>): string | undefined {
  if (def.kind === "exception" || around.has(def)) return undefined;
  const inner = new Set([...around, def]);
  const { fields } = structShape(def);
  if (def.kind === "union") {
    const [first] = fields;
    const value = first === undefined ? undefined : zero(first.type, options, inner);
    return first === undefined || value === undefined
      ? undefined
      : `{ kind: ${JSON.stringify(first.key)}, value: ${value} }`;
  }
  const items: string[] = [];
  for (const field of fields) {
    if (mayBeAbsent(field)) continue;
    const value = zero(field.type, options, inner);
    if (value === undefined) return undefined;
    items.push(`${propertyName(field.key)}: ${value}`);
  }
  return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
}
