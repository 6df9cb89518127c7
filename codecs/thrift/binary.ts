/**
 * The Binary protocol of Thrift: the payload that Kitex speaks.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import { binaryGrammar } from "./binary_grammar.ts";
import { binaryMessages, type BinaryOptions } from "./binary_messages.ts";
import { skipStruct } from "./binary_skip.ts";
import { binaryWire } from "./binary_wire.ts";
import { isCustomStruct } from "./custom_struct.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { Payload, StructCodec } from "./payload.ts";
import { SchemaCompiler } from "./schema_compiler.ts";
import { thriftPayload } from "./thrift_payload.ts";
import { isThriftStruct } from "./thrift_struct.ts";
import { TreeScanner } from "./tree_scanner.ts";
import { wireParts } from "./wire_codecs.ts";

export type { BinaryOptions } from "./binary_messages.ts";

/** The Binary payload. */
export function binary(options: BinaryOptions = {}): Payload {
  const { acceptOld = false, limits = DEFAULT_LIMITS } = options;
  const compiler = new SchemaCompiler(wireParts(binaryWire));
  const grammar = binaryGrammar(acceptOld);
  const payload: Payload = thriftPayload({
    ...binaryMessages(options),
    codec<T>(schema: StructSchema<T>): StructCodec<T> {
      if (isThriftStruct(schema)) return schema;
      return isCustomStruct(schema) ? schema.codecFor(payload) : compiler.codec(schema);
    },
    skipStruct: (r: ReadBuffer): void => skipStruct(r, 0),
    scanner: (limitsOfScan: Limits = limits): TreeScanner => new TreeScanner(grammar, limitsOfScan),
  });
  return payload;
}
