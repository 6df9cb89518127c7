/**
 * A message of Protocol Buffers with every field, in its JSON form: what a request looks like.
 *
 * @module
 */
import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** How deep messages are shown. */
const MAX_DEPTH = 8;

/** Messages whose JSON form is none of an object with their fields. */
const WELL_KNOWN: Readonly<Record<string, unknown>> = {
  "google.protobuf.Any": {},
  "google.protobuf.BoolValue": false,
  "google.protobuf.BytesValue": "",
  "google.protobuf.DoubleValue": 0,
  "google.protobuf.Duration": "0s",
  "google.protobuf.FieldMask": "",
  "google.protobuf.FloatValue": 0,
  "google.protobuf.Int32Value": 0,
  "google.protobuf.Int64Value": "0",
  "google.protobuf.ListValue": [],
  "google.protobuf.StringValue": "",
  "google.protobuf.Struct": {},
  "google.protobuf.Timestamp": "1970-01-01T00:00:00Z",
  "google.protobuf.UInt32Value": 0,
  "google.protobuf.UInt64Value": "0",
  "google.protobuf.Value": null,
};

/** The message as a value of JSON: zero values, one element in each list and map, of a oneof the first member. */
export function exampleMessage(message: DescMessage, above: readonly DescMessage[] = []): unknown {
  if (Object.hasOwn(WELL_KNOWN, message.typeName)) return WELL_KNOWN[message.typeName];
  const inside = [...above, message];
  const fields = message.fields.filter((field) => {
    if (field.oneof !== undefined && field.oneof.fields[0] !== field) return false;
    return field.message === undefined || (!inside.includes(field.message) && inside.length < MAX_DEPTH);
  });
  return Object.fromEntries(fields.map((field) => [field.jsonName, exampleOf(field, inside)]));
}

function exampleOf(field: DescField, above: readonly DescMessage[]): unknown {
  switch (field.fieldKind) {
    case "scalar":
      return exampleScalar(field.scalar);
    case "enum":
      return exampleEnum(field.enum);
    case "message":
      return exampleMessage(field.message, above);
    case "list":
      return [elementOf(field, above)];
    case "map":
      return { [keyOf(field.mapKey)]: elementOf(field, above) };
  }
}

function elementOf(field: DescField & { fieldKind: "list" | "map" }, above: readonly DescMessage[]): unknown {
  if (field.message !== undefined) return exampleMessage(field.message, above);
  return field.enum === undefined ? exampleScalar(field.scalar) : exampleEnum(field.enum);
}

function exampleEnum({ typeName, values }: DescEnum): unknown {
  return typeName === "google.protobuf.NullValue" ? null : values[0]?.name ?? 0;
}

/** Numbers of 64 bits are strings in JSON. */
function exampleScalar(type: ScalarType): unknown {
  switch (type) {
    case ScalarType.BOOL:
      return false;
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return "";
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return "0";
    default:
      return 0;
  }
}

function keyOf(type: ScalarType): string {
  return type === ScalarType.STRING ? "key" : type === ScalarType.BOOL ? "true" : "0";
}
