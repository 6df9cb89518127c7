/**
 * The Binary protocol for generated code alone: a bundle has nothing that makes codecs from schemas.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import type { MessagePayload } from "../message/payload.ts";
import { binaryMessages, type BinaryOptions } from "./binary_messages.ts";
import type { StructCodec } from "./payload.ts";
import { thriftPayload } from "./thrift_payload.ts";
import { isThriftStruct } from "./thrift_struct.ts";

/** Binary, for services whose structs bring their codec; others are refused with kind `"invalid"`. */
export function generatedBinary(options: BinaryOptions = {}): MessagePayload {
  return thriftPayload({
    ...binaryMessages(options),
    codec<T>(schema: StructSchema<T>): StructCodec<T> {
      if (isThriftStruct(schema)) return schema;
      throw new RpcError(
        "invalid",
        `${schema.name} has no generated code, which only \`payload: binary()\` can do without`,
      );
    },
  });
}
