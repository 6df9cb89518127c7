/**
 * What generated code imports, and nothing else.
 *
 * @module
 */
export type { ReadBuffer } from "../lib/io/read_buffer.ts";
export type { WriteBuffer } from "../lib/io/write_buffer.ts";
export type { CallContext, CallOptions } from "../lib/rpc/call.ts";
export type { MethodSchema, ServiceSchema } from "../lib/schema/service.ts";
export type { Annotations, EnumSchema, FieldSchema, StructSchema, TypeSchema } from "../lib/schema/types.ts";
export type { MethodValidators, ServiceValidators, Validator, Violation } from "../lib/schema/violation.ts";
export {
  add,
  concat,
  equal,
  int64Of,
  lengthOf,
  mod,
  nowUnixNano,
  type Numeric,
  textOf,
} from "../lib/validation/functions.ts";
export { type Pattern, re2 } from "../lib/validation/re2.ts";
export {
  MAX_VALIDATED_DEPTH,
  MAX_VIOLATIONS,
  nestedTooDeep,
  showValue,
  violate,
  within,
} from "../lib/validation/report.ts";
export {
  endsWithBytes,
  includesBytes,
  runeCount,
  startsWithBytes,
  utf8RuneCount,
  utf8Size,
} from "../lib/validation/sizes.ts";
export { sprintf } from "../lib/validation/sprintf.ts";
export {
  getI64Number,
  getUuid,
  readBinary,
  readLastStop,
  readListSize,
  readMapSize,
  readString,
} from "./thrift/binary_reader.ts";
export { skip } from "./thrift/binary_skip.ts";
export { room, setI64Number, setI64Text, setUuid, writeBinary, writeString } from "./thrift/binary_writer.ts";
export {
  type CallField,
  type CallValues,
  type FieldFacts,
  noArguments,
  oneArgument,
  outcome,
  thrown,
} from "./thrift/call_structs.ts";
export { equalBytes, equalLists, equalMaps, equalObjects, equalSets } from "./thrift/equal.ts";
export { INVALID, MAX_WRITE_DEPTH } from "./thrift/invalid.ts";
export { objectKeys } from "./thrift/map_object.ts";
export { type ListMask, type MapMask, maskList, maskMap, maskObject, maskSet, type SetMask } from "./thrift/mask.ts";
export { tooDeep } from "./thrift/reader_guards.ts";
export { ThriftException } from "./thrift/thrift_exception.ts";
export { type ThriftStruct, thriftStruct, type ThriftStructParts } from "./thrift/thrift_struct.ts";
export { missingField, UNDERRUN } from "./thrift/underrun.ts";
export { noteUnknown, takeUnknown, writeUnknown } from "./thrift/unknown_fields.ts";
export {
  binaryValue,
  boolValue,
  doubleValue,
  enumValue,
  i16Value,
  i32Value,
  i64NumberValue,
  i64TextValue,
  i64Value,
  i8Value,
  stringValue,
  structValue,
  type ThriftValue,
  uuidValue,
} from "./thrift/values.ts";
