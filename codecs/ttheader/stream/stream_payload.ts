/**
 * What the messages of streams are: bare structs of Thrift Binary here; `protobuf_payload.ts` has Protocol Buffers.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { MethodSchema, PayloadKind } from "../../../lib/schema/service.ts";
import type { StructSchema } from "../../../lib/schema/types.ts";
import { applyLimits, type Limits } from "../../thrift/limits.ts";
import type { Payload } from "../../thrift/payload.ts";
import { ProtocolId } from "../keys.ts";

/** Writes and reads the messages of one direction of a method. */
export interface StreamMessageCodec {
  /** Appends a message. Throws an `RpcError` of kind `"invalid"` that says what does not fit. */
  encode(w: WriteBuffer, message: unknown): void;
  /** Reads the message in `r`. It keeps nothing of the bytes. Throws an `RpcError` of kind `"protocol"`. */
  decode(r: ReadBuffer): unknown;
}

/** How the messages of a method are written and read. */
export interface StreamMethodCodec {
  /** What a client sends. */
  readonly request: StreamMessageCodec;
  /** What a server sends. */
  readonly response: StreamMessageCodec;
}

/** How messages are encoded. Holds no state of a connection. */
export interface StreamPayload {
  /** The services it can carry. */
  readonly kind: PayloadKind;
  /** What frames say of it. */
  readonly protocolId: number;
  /** The codecs of a method; asked for once. Throws an `RpcError` of kind `"invalid"` if a stream cannot carry it. */
  bind(method: MethodSchema): StreamMethodCodec;
}

/** Thrift Binary, as Kitex has it: the parameter itself, without the struct of arguments around it. */
export function thriftStreamPayload(payload: Payload, limits: Limits): StreamPayload {
  function codecOf(method: MethodSchema, schema: StructSchema | undefined, what: string): StreamMessageCodec {
    if (schema === undefined) {
      throw new RpcError("invalid", `${method.name} cannot be a stream: ${what} is not one struct`);
    }
    const codec = payload.codec(schema);
    return {
      encode: (w, message) => codec.encode(w, message),
      decode(r) {
        applyLimits(r, limits);
        return codec.decode(r);
      },
    };
  }
  return {
    kind: "thrift",
    protocolId: ProtocolId.THRIFT_STRUCT,
    bind: (method) => ({
      request: codecOf(method, onlyStruct(method.args.fields), "its parameter"),
      response: codecOf(method, onlyStruct(method.result.fields.filter(({ id }) => id === 0)), "what it gives"),
    }),
  };
}

function onlyStruct(fields: StructSchema["fields"]): StructSchema | undefined {
  const type = fields[0]?.type;
  return fields.length === 1 && type?.kind === "struct" ? type.of() : undefined;
}
