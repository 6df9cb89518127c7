/**
 * How the messages of a method are written and read: Protocol Buffers as everywhere, Thrift as Kitex carries it over gRPC.
 *
 * Kitex's Thrift is Binary without an envelope: of methods that do not stream the records of arguments and of the outcome,
 * of those that do the bare structs.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { MethodSchema, PayloadKind, ServiceSchema } from "../../lib/schema/service.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import { declaredOutcome } from "../../lib/rpc/declared.ts";
import { completeLimits, type MessageLimits, MOST_MESSAGE_BYTES } from "../protobuf/limits.ts";
import type { MessageCodec } from "../protobuf/message_codec.ts";
import { type ProtobufMethod, REQUEST } from "../protobuf/service.ts";
import { type GrpcCodec, wireCodecOf } from "./codecs.ts";
import type { RawMethod } from "./raw.ts";
import { binary } from "../thrift/binary.ts";
import { applyLimits, type Limits, withDefaults } from "../thrift/limits.ts";
import type { Payload, StructCodec } from "../thrift/payload.ts";

/** Values by their names. */
type Values = Record<string, unknown>;

/** Writes and reads the messages of one direction. */
export interface WireCodec {
  /** Appends a message. Throws an `RpcError` of kind `"invalid"` for what does not fit. */
  encode(w: WriteBuffer, message: unknown): void;
  /** Reads the message in `bytes` from `start` to `end`; keeps nothing of them. Throws an `RpcError` of kind `"protocol"`. */
  decode(bytes: Uint8Array, start: number, end: number): unknown;
}

/** A method as gRPC carries it. */
export interface Binding {
  /** Its service. */
  readonly service: ServiceSchema;
  /** The method. */
  readonly method: MethodSchema;
  /** `/package.Service/Method`. */
  readonly path: string;
  /** The content-type of its messages when nothing else was asked for. */
  readonly contentType: string;
  /** What goes to the server. */
  readonly request: WireCodec;
  /** What comes back. */
  readonly response: WireCodec;
  /** The message that carries the arguments of a call that does not stream. */
  messageOf(args: Values): unknown;
  /** The arguments in such a message. Throws an `RpcError` of kind `"protocol"` if one is missing that must be there. */
  argsOf(message: unknown): Values;
  /** The message that carries what a handler gave. */
  answerOf(value: unknown): unknown;
  /** The message that carries an exception the method declares; `undefined` if `error` is none. */
  declared(error: unknown): unknown;
  /** What a caller gets from such a message. Throws the exception in it. */
  valueOf(message: unknown): unknown;
}

/** The bindings of methods, made when first asked for. */
export class Bindings {
  readonly #byMethod = new Map<MethodSchema, Binding>();
  readonly #byCodec = new Map<GrpcCodec, Map<MethodSchema, Binding>>();
  readonly #thrift: Payload;
  readonly #reader = new ReadBuffer();
  readonly #messages: MessageLimits;

  /**
   * `limits` are those on Thrift values; `maxNested` of them is that of Protocol Buffers too. How long messages may be is looked after
   * by who reads them from the wire.
   */
  constructor(limits: Partial<Limits> | undefined) {
    const thrift = withDefaults(limits);
    this.#messages = completeLimits({ maxMessageBytes: MOST_MESSAGE_BYTES, maxNested: thrift.maxNested });
    this.#thrift = binary({ limits: thrift });
    applyLimits(this.#reader, thrift);
  }

  /**
   * The binding of a method of `service`, its messages in the form of `codec`, else in gRPC's or Kitex's own. Throws an `RpcError` of
   * kind `"invalid"` for a codec of other messages.
   */
  of(service: ServiceSchema, method: MethodSchema, codec?: GrpcCodec): Binding {
    const byMethod = codec === undefined ? this.#byMethod : this.#of(codec);
    let binding = byMethod.get(method);
    if (binding === undefined) {
      // Those of raw calls are as many as there are paths: they are not kept here.
      if (service.payload === "raw") return (method as RawMethod).binding;
      if (codec !== undefined) binding = this.#codecBinding(service, method, codec);
      else if (service.payload === "protobuf") {
        binding = protobufBinding(service, method as ProtobufMethod, this.#messages);
      } else binding = this.#thriftBinding(service, method);
      byMethod.set(method, binding);
    }
    return binding;
  }

  #of(codec: GrpcCodec): Map<MethodSchema, Binding> {
    let found = this.#byCodec.get(codec);
    if (found === undefined) this.#byCodec.set(codec, found = new Map());
    return found;
  }

  #codecBinding(service: ServiceSchema, method: MethodSchema, codec: GrpcCodec): Binding {
    const { name, payload = "protobuf" } = codec;
    if (payload !== service.payload) {
      throw new RpcError("invalid", `codec ${name} is for ${payload}, and ${service.name} speaks ${service.payload}`);
    }
    const common = { ...this.of(service, method), contentType: `application/grpc+${name}` };
    if (codec.payload !== "thrift") {
      const { input, output } = method as ProtobufMethod;
      const of = (type: ProtobufMethod["input"]): WireCodec => wireCodecOf(codec, type, this.#messages);
      return { ...common, request: of(input), response: of(output) };
    }
    const { args, result } = messageTypes(method);
    const of = (type: StructSchema<Values>): WireCodec => wireCodecOf(codec, type, this.#messages);
    return { ...common, request: of(args), response: of(result) };
  }

  #thriftBinding(service: ServiceSchema, method: MethodSchema): Binding {
    const common = { service, method, path: `/${service.name}/${method.name}`, contentType: contentTypeOf("thrift") };
    const { args, result } = messageTypes(method);
    const codecs = { request: this.#struct(args), response: this.#struct(result) };
    if (method.streaming !== "unary") return { ...common, ...plain(method.args.fields[0]?.key ?? ""), ...codecs };
    const mustBe = args.fields.filter((field) => field.type.kind === "struct").map((field) => field.key);
    const exceptions = result.fields.filter((field) => field.id !== 0).map((field) => field.key);
    const isVoid = exceptions.length === result.fields.length;
    return {
      ...common,
      ...codecs,
      messageOf: (values) => values,
      argsOf: (message) => {
        for (const key of mustBe) {
          if ((message as Values)[key] === undefined) throw new RpcError("protocol", `${key} is missing`);
        }
        return message as Values;
      },
      answerOf: (value) => isVoid ? {} : { success: value },
      declared: (error) => declaredOutcome(method, error),
      valueOf: (message) => {
        for (const key of exceptions) if ((message as Values)[key] !== undefined) throw (message as Values)[key];
        const { success } = message as Values;
        if (success !== undefined || isVoid) return success;
        throw new RpcError("protocol", `answer of ${service.name}.${method.name} has neither a value nor an exception`);
      },
    };
  }

  #struct(schema: StructSchema<Values>): WireCodec {
    const codec: StructCodec<Values> = this.#thrift.codec(schema);
    return {
      encode: (w, message) => codec.encode(w, message as Values),
      decode: (bytes, start, end) => {
        const reader = this.#reader.reset(bytes, start, end);
        const value = codec.decode(reader);
        if (reader.pos !== end) throw new RpcError("protocol", `${end - reader.pos} bytes follow ${schema.name}`);
        return value;
      },
    };
  }
}

/** The content-type of a payload when nothing else was asked for. */
export function contentTypeOf(payload: PayloadKind): string {
  return payload === "thrift" ? "application/grpc+thrift" : "application/grpc";
}

function protobufBinding(service: ServiceSchema, method: ProtobufMethod, limits: MessageLimits): Binding {
  return {
    service,
    method,
    path: `/${service.fullName ?? service.name}/${method.name}`,
    contentType: contentTypeOf("protobuf"),
    request: codecOf(method.requests.within(limits)),
    response: codecOf(method.responses.within(limits)),
    ...plain(REQUEST),
  };
}

function codecOf(codec: MessageCodec): WireCodec {
  return {
    encode: (w, message) => codec.encode(w, message),
    decode: (bytes, start, end) => codec.decode(bytes, start, end),
  };
}

/** Messages that are the values themselves. */
function plain(key: string): Pick<Binding, "messageOf" | "argsOf" | "answerOf" | "declared" | "valueOf"> {
  return {
    messageOf: (args) => args[key],
    argsOf: (message) => ({ [key]: message }),
    answerOf: (value) => value,
    declared: () => undefined,
    valueOf: (message) => message,
  };
}

/** What the messages of a method of Thrift are: records where nothing streams, else bare structs. */
function messageTypes(method: MethodSchema): Pick<MethodSchema, "args" | "result"> {
  const { args, result, streaming } = method;
  if (streaming === "unary") return { args, result };
  return { args: bareStruct(method, args, 1), result: bareStruct(method, result, 0) };
}

function bareStruct(method: MethodSchema, record: StructSchema, id: number): StructSchema<Values> {
  const field = record.fields.find((field) => field.id === id) ?? record.fields[0];
  if (field?.type.kind !== "struct") {
    throw new RpcError("invalid", `${method.name} streams, so its messages must be structs`);
  }
  return field.type.of() as StructSchema<Values>;
}
