/**
 * Forms of messages other than gRPC's own: a codec belongs to the name that follows `application/grpc+`.
 *
 * Spec: gRPC's PROTOCOL-HTTP2, "Content-Type".
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import { decodeJson, encodeJson } from "../protobuf/json_codec.ts";
import type { MessageLimits } from "../protobuf/limits.ts";
import type { ProtobufMethod } from "../protobuf/service.ts";
import type { PayloadKind } from "../../lib/schema/service.ts";
import type { WireCodec } from "./bindings.ts";

/** A type of messages of Protocol Buffers. */
export type ProtobufType = ProtobufMethod["input"];

/** A form of the messages of services of Protocol Buffers. */
export interface ProtobufFormat {
  /** What follows `application/grpc+` in content types: lower-case letters, digits and `.+-_`. `"proto"` stands in for gRPC's own form. */
  readonly name: string;
  /** Whose messages it writes and reads. Default: those of Protocol Buffers. */
  readonly payload?: "protobuf" | undefined;
  /** A message as bytes, which are read before anything else is encoded. What it throws fails the call. */
  encode(type: ProtobufType, message: unknown): Uint8Array;
  /**
   * The message in bytes, which are its own to keep, within the limits of the protocol; how long it may be is seen to before. What it
   * throws fails the call.
   */
  decode(type: ProtobufType, bytes: Uint8Array, limits: MessageLimits): unknown;
}

/** A form of the messages of Thrift services: of structs of arguments and outcomes where nothing streams, else of bare structs. */
export interface ThriftFormat {
  /** What follows `application/grpc+` in content types: lower-case letters, digits and `.+-_`. `"thrift"` stands in for Kitex's own form. */
  readonly name: string;
  /** Whose messages it writes and reads. */
  readonly payload: "thrift";
  /** A struct as bytes, which are read before anything else is encoded. What it throws fails the call. */
  encode(type: StructSchema<Record<string, unknown>>, message: unknown): Uint8Array;
  /** The struct in bytes, which are its own to keep. What it throws fails the call. */
  decode(type: StructSchema<Record<string, unknown>>, bytes: Uint8Array): unknown;
}

/** A form of messages that servers and clients of `grpc()` may be given: `codec` and `codecs`. */
export type GrpcCodec = ProtobufFormat | ThriftFormat;

const NAME = /^[0-9a-z._+-]{1,64}$/;
const SUBTYPE = /^application\/grpc(?:\+([0-9A-Za-z._+-]{1,64}))?\s*(?:;|$)/;

/** Protocol Buffers in their JSON form, as `application/grpc+json`; fields that are not known are passed over. */
export function grpcJson(): ProtobufFormat {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return {
    name: "json",
    encode: (type, message) => encoder.encode(encodeJson(type, message)),
    decode: (type, bytes, { maxNested }) => decodeJson(type, decoder.decode(bytes), undefined, maxNested),
  };
}

/** A form of messages as a server knows it. */
export interface Form {
  /** Whose messages it is for. */
  readonly payload: Exclude<PayloadKind, "raw">;
  /** What writes and reads it; `undefined` for gRPC's own and Kitex's. */
  readonly codec: GrpcCodec | undefined;
}

/** The forms that a server knows, by name. */
export class Forms {
  /** The names, for people. */
  readonly names: string;
  readonly #byName = new Map<string, Form>([
    ["proto", { payload: "protobuf", codec: undefined }],
    ["thrift", { payload: "thrift", codec: undefined }],
  ]);

  /** Those of `codecs` beside `proto` and `thrift`, or in their place. */
  constructor(codecs: readonly GrpcCodec[]) {
    for (const codec of codecs) this.#byName.set(codec.name, { payload: codec.payload ?? "protobuf", codec });
    this.names = [...this.#byName.keys()].join(", ");
  }

  /** The form of a name; `undefined` if it is not there. */
  find(name: string): Form | undefined {
    return this.#byName.get(name);
  }
}

/** The name of a form in a content-type: `proto` if there is none, `undefined` if it cannot be read. */
export function formOf(contentType: string): string | undefined {
  const found = SUBTYPE.exec(contentType);
  return found === null ? undefined : (found[1] ?? "proto").toLowerCase();
}

/** Throws an `RpcError` of kind `"invalid"` for a name that a content-type cannot have, and for two codecs of one name. */
export function checkCodecs(codecs: readonly GrpcCodec[]): void {
  const names = new Set<string>();
  for (const { name, payload = "protobuf" } of codecs) {
    if (!NAME.test(name)) throw new RpcError("invalid", `codec ${JSON.stringify(name)} has no name for a content-type`);
    const owner = name === "proto" ? "protobuf" : name === "thrift" ? "thrift" : payload;
    if (owner !== payload) throw new RpcError("invalid", `codec ${name} is for ${owner}, not ${payload}`);
    if (names.has(name)) throw new RpcError("invalid", `two codecs have the name ${name}`);
    names.add(name);
  }
}

/** Writes and reads the messages of one type by a codec. */
export function wireCodecOf<T>(
  codec: {
    readonly name: string;
    encode(type: T, message: unknown): Uint8Array;
    decode(type: T, bytes: Uint8Array, limits: MessageLimits): unknown;
  },
  type: T,
  limits: MessageLimits,
): WireCodec {
  return {
    encode(w, message) {
      const bytes = bytesOf(() => codec.encode(type, message), codec.name);
      w.reserve(bytes.length);
      w.bytes.set(bytes, w.pos);
      w.pos += bytes.length;
    },
    decode(bytes, start, end) {
      try {
        return codec.decode(type, bytes.slice(start, end), limits);
      } catch (reason) {
        throw RpcError.from(reason, "protocol");
      }
    },
  };
}

function bytesOf(encode: () => unknown, name: string): Uint8Array {
  let bytes: unknown;
  try {
    bytes = encode();
  } catch (reason) {
    throw RpcError.from(reason, "invalid");
  }
  if (bytes instanceof Uint8Array) return bytes;
  throw new RpcError("invalid", `codec ${name} gave no Uint8Array`);
}
