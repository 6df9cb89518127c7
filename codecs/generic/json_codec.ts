/**
 * JSON to the bytes of a struct and back, without a call.
 *
 * @module
 */
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import { binary } from "../thrift/binary.ts";
import { applyLimits, type Limits, withDefaults } from "../thrift/limits.ts";
import type { Payload } from "../thrift/payload.ts";
import { GenericStructs } from "./generic_struct.ts";
import { type GenericOptions, settingsOf } from "./options.ts";

/** Options of `jsonCodec`. */
export interface JsonCodecOptions extends GenericOptions {
  /** How the bytes are written. Default `binary()`. */
  readonly payload?: Payload | undefined;
  /** Limits on what is decoded. */
  readonly limits?: Partial<Limits> | undefined;
}

/** Encodes and decodes one struct. */
export interface JsonCodec {
  /** The bytes of a value (of JSON text with `form: "text"`). Throws an `RpcError` of kind `"invalid"` that names the path. */
  encode(value: unknown): Uint8Array;
  /** The value in `bytes`; what lies behind the struct is not looked at. Throws an `RpcError` of kind `"protocol"`. */
  decode(bytes: Uint8Array): unknown;
}

/** The codec of a struct, union or exception. Throws an `RpcError` of kind `"invalid"` for options that cannot be used. */
export function jsonCodec(schema: StructSchema, options: JsonCodecOptions = {}): JsonCodec {
  const payload = options.payload ?? binary();
  const limits = withDefaults(options.limits);
  const codec = payload.codec(new GenericStructs(settingsOf(options)).struct(schema));
  return {
    encode(value: unknown): Uint8Array {
      const w = new WriteBuffer(256);
      codec.encode(w, value);
      return w.written();
    },
    decode(bytes: Uint8Array): unknown {
      const r = new ReadBuffer();
      applyLimits(r, limits);
      return codec.decode(r.reset(bytes));
    },
  };
}
