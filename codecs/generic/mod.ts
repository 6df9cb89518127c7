/**
 * Generic calls: services without generated code, with JSON or plain bytes for arguments and answers.
 *
 * ```ts ignore
 * import { createClient } from "@updraft/rpc";
 * import { genericService } from "@updraft/rpc/generic";
 * import { loadSchemas, memoryReader } from "@updraft/rpc/idl";
 *
 * const schemas = await loadSchemas(["hello.thrift"], memoryReader({ "hello.thrift": idl }));
 * const Hello = genericService<"hello">(schemas.services[0]!);
 * await using client = createClient(Hello, { to: "127.0.0.1:8888" });
 * console.log(await client.hello({ name: "Ada" }));
 * ```
 *
 * @module
 */
export type { MethodSchema, PayloadKind, ServiceSchema, Streaming } from "../../lib/schema/service.ts";
export type { Annotations, EnumSchema, FieldSchema, StructSchema, TypeSchema } from "../../lib/schema/types.ts";
export { GenericException } from "./generic_exception.ts";
export {
  exceptionOf,
  type GenericHandler,
  type GenericMethod,
  type GenericService,
  genericService,
} from "./generic_service.ts";
export { type JsonCodec, jsonCodec, type JsonCodecOptions } from "./json_codec.ts";
export { JsonNumber, type JsonValue, parseJson, stringifyJson, type StringifyOptions } from "./json_text.ts";
export type { GenericOptions } from "./options.ts";
export { type RawHandler, type RawMethod, type RawMethodInit, type RawService, rawService } from "./raw_service.ts";
