/**
 * What services take and give, for people: signatures, and an example of a request.
 *
 * @module
 */
import type { MethodSchema, ServiceSchema } from "../../lib/schema/service.ts";
import type { FieldSchema, StructSchema, TypeSchema } from "../../lib/schema/types.ts";

/** All methods of a service with their types, one a line. */
export function describeService(service: ServiceSchema): string {
  return `service ${service.fullName ?? service.name}\n${
    service.methods.map((method) => `  ${describeMethod(method)}\n`).join("")
  }`;
}

/** A method with its types, in one line. */
export function describeMethod({ name, args, result, oneway, streaming }: MethodSchema): string {
  const success = result.fields.find(({ id }) => id === 0);
  const throwing = result.fields.filter(({ id }) => id !== 0).map(({ type }) => nameOf(type));
  const parts = [
    oneway ? "oneway " : "",
    streaming === "unary" ? "" : `${streaming} stream `,
    success === undefined ? "void" : nameOf(success.type),
    ` ${name}(${args.fields.map((field) => `${field.name}: ${nameOf(field.type)}`).join(", ")})`,
    throwing.length === 0 ? "" : ` throws ${throwing.join(", ")}`,
  ];
  return parts.join("");
}

/** A request of a method with every field, as values of JSON: the zero values, and one element in each container. */
export function exampleRequest({ args }: MethodSchema): unknown {
  const [first, second] = args.fields;
  if (first === undefined) return null;
  return second === undefined ? exampleOf(first.type, []) : exampleFields(args.fields, []);
}

function exampleFields(fields: readonly FieldSchema[], above: readonly StructSchema[]): Record<string, unknown> {
  const finite = fields.filter(({ type }) => !isNested(type, above));
  return Object.fromEntries(finite.map((field) => [field.name, defaultOf(field) ?? exampleOf(field.type, above)]));
}

/** The IDL's default of a field, where that is the same in JSON. */
function defaultOf(field: FieldSchema): unknown {
  const value = field.default?.();
  return typeof value === "object" ? undefined : value;
}

/** Left out is what contains itself. */
function isNested(type: TypeSchema, above: readonly StructSchema[]): boolean {
  switch (type.kind) {
    case "struct":
      return above.includes(type.of()) || above.length > 8;
    case "list":
    case "set":
      return isNested(type.element, above);
    case "map":
      return isNested(type.value, above) || isNested(type.key, above);
    default:
      return false;
  }
}

function exampleOf(type: TypeSchema, above: readonly StructSchema[]): unknown {
  switch (type.kind) {
    case "bool":
      return false;
    case "string":
    case "binary":
      return "";
    case "uuid":
      return "00000000-0000-0000-0000-000000000000";
    case "enum":
      return Object.keys(type.of().values)[0] ?? 0;
    case "list":
    case "set":
      return [exampleOf(type.element, above)];
    case "map":
      return { [keyOf(type.key)]: exampleOf(type.value, above) };
    case "struct": {
      const struct = type.of();
      const fields = exampleFields(struct.fields, [...above, struct]);
      // of a union only one member may be there
      return struct.kind === "union" ? Object.fromEntries(Object.entries(fields).slice(0, 1)) : fields;
    }
    default:
      return 0;
  }
}

function keyOf(type: TypeSchema): string {
  const key = exampleOf(type, []);
  return type.kind === "string" ? "key" : typeof key === "object" ? JSON.stringify(key) : String(key);
}

function nameOf(type: TypeSchema): string {
  switch (type.kind) {
    case "struct":
    case "enum":
      return type.of().name;
    case "list":
    case "set":
      return `${type.kind}<${nameOf(type.element)}>`;
    case "map":
      return `map<${nameOf(type.key)}, ${nameOf(type.value)}>`;
    default:
      return type.kind;
  }
}
