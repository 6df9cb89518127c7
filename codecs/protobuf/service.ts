/**
 * Services of Protocol Buffers: what the descriptors of protobuf-es say, in the form that servers and clients take.
 *
 * @module
 */
import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { GenService, GenServiceMethods } from "@bufbuild/protobuf/codegenv2";
import { RpcError } from "../../lib/errors.ts";
import type { CallContext, CallOptions } from "../../lib/rpc/call.ts";
import { protobufMethodKey } from "../../lib/schema/protobuf_method_key.ts";
import type { MethodSchema, ServiceSchema, Streaming } from "../../lib/schema/service.ts";
import type { FieldSchema, StructSchema } from "../../lib/schema/types.ts";
import { type MessageCodec, messageCodec } from "./message_codec.ts";

/** The key under which a call's arguments have the request; where the client streams, the iterable of requests. */
export const REQUEST = "request";

/** The key under which a call's outcome has the response. */
export const RESPONSE = "success";

/** A method of a Protocol Buffers service. */
export interface ProtobufMethod extends MethodSchema {
  /** The type of its requests. */
  readonly input: DescMessage;
  /** The type of its responses. */
  readonly output: DescMessage;
  /** Writes and reads its requests. */
  readonly requests: MessageCodec;
  /** Writes and reads its responses. */
  readonly responses: MessageCodec;
  /** All that the file says of it. */
  readonly desc: DescMethod;
}

/** A Protocol Buffers service. */
export interface ProtobufService<Handlers = unknown, Client = unknown> extends ServiceSchema<Handlers, Client> {
  /** Its messages are Protocol Buffers. */
  readonly payload: "protobuf";
  /** Name with its package. */
  readonly fullName: string;
  /** Its methods, in the order of the file. */
  readonly methods: readonly ProtobufMethod[];
  /** All that the file says of it. */
  readonly desc: DescService;
}

/** What a server of a service implements. Responses may be messages, or plain objects that messages can be made of. */
export type ProtobufHandlers<M extends GenServiceMethods> = {
  [K in keyof M as K extends "then" ? "then$" : K]: M[K]["methodKind"] extends "unary" ? (
      request: MessageShape<M[K]["input"]>,
      context: CallContext,
    ) => MessageInitShape<M[K]["output"]> | Promise<MessageInitShape<M[K]["output"]>>
    : M[K]["methodKind"] extends "server_streaming"
      ? (request: MessageShape<M[K]["input"]>, context: CallContext) => AsyncIterable<MessageInitShape<M[K]["output"]>>
    : M[K]["methodKind"] extends "client_streaming" ? (
        requests: AsyncIterable<MessageShape<M[K]["input"]>>,
        context: CallContext,
      ) => MessageInitShape<M[K]["output"]> | Promise<MessageInitShape<M[K]["output"]>>
    : (
      requests: AsyncIterable<MessageShape<M[K]["input"]>>,
      context: CallContext,
    ) => AsyncIterable<MessageInitShape<M[K]["output"]>>;
};

/** What a caller of a service gets. Requests may be messages, or plain objects that messages can be made of. */
export type ProtobufClient<M extends GenServiceMethods> = {
  [K in keyof M as K extends "then" ? "then$" : K]: M[K]["methodKind"] extends "unary"
    ? (request: MessageInitShape<M[K]["input"]>, options?: CallOptions) => Promise<MessageShape<M[K]["output"]>>
    : M[K]["methodKind"] extends "server_streaming"
      ? (request: MessageInitShape<M[K]["input"]>, options?: CallOptions) => AsyncIterable<MessageShape<M[K]["output"]>>
    : M[K]["methodKind"] extends "client_streaming" ? (
        requests: AsyncIterable<MessageInitShape<M[K]["input"]>> | Iterable<MessageInitShape<M[K]["input"]>>,
        options?: CallOptions,
      ) => Promise<MessageShape<M[K]["output"]>>
    : (
      requests: AsyncIterable<MessageInitShape<M[K]["input"]>> | Iterable<MessageInitShape<M[K]["input"]>>,
      options?: CallOptions,
    ) => AsyncIterable<MessageShape<M[K]["output"]>>;
};

/**
 * The service of a descriptor, for `createServer().add` and `createClient`. The descriptor is what protoc-gen-es generated
 * (`GenService`), and then handlers and callers are typed; or one made at run time.
 */
export function protobufService<M extends GenServiceMethods>(
  desc: GenService<M>,
): ProtobufService<ProtobufHandlers<M>, ProtobufClient<M>>;
/** The same of a descriptor that was made at run time. */
export function protobufService(desc: DescService): ProtobufService;
export function protobufService(desc: DescService): ProtobufService {
  return {
    name: desc.name,
    fullName: desc.typeName,
    payload: "protobuf",
    methods: desc.methods.map(methodOf),
    desc,
  };
}

/** The service as one of Protocol Buffers. Throws an `RpcError` of kind `"invalid"` if it is none. */
export function asProtobufService(service: ServiceSchema): ProtobufService {
  if (service.payload === "protobuf") return service as ProtobufService;
  throw new RpcError("invalid", `service ${service.name} speaks ${service.payload}, not Protocol Buffers`);
}

const STREAMING: Readonly<Record<DescMethod["methodKind"], Streaming>> = {
  unary: "unary",
  client_streaming: "client",
  server_streaming: "server",
  bidi_streaming: "bidi",
};

function methodOf(desc: DescMethod): ProtobufMethod {
  return {
    name: desc.name,
    key: protobufMethodKey(desc.localName),
    streaming: STREAMING[desc.methodKind],
    oneway: false,
    args: recordOf(`${desc.name}_args`, 1, REQUEST, desc.input),
    result: recordOf(`${desc.name}_result`, 0, RESPONSE, desc.output),
    input: desc.input,
    output: desc.output,
    requests: messageCodec(desc.input),
    responses: messageCodec(desc.output),
    desc,
  };
}

/** A record with one field, so that what looks at arguments and outcomes finds its way; it never goes on a wire. */
function recordOf(name: string, id: number, key: string, message: DescMessage): StructSchema<Record<string, unknown>> {
  const of = (): StructSchema => ({ kind: "struct", name: message.typeName, fields: [] });
  const field: FieldSchema = { id, name: key, key, type: { kind: "struct", of }, requiredness: "default" };
  return { kind: "struct", name, fields: [field] };
}
