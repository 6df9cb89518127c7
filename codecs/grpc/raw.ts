/**
 * Calls whose messages stay bytes, for methods that nobody has to know: what proxies of gRPC are made of.
 *
 * Whatever a method is, its call is carried as a stream both ways: a method with one message each way is one whose streams have one.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { CallContext, CallOptions } from "../../lib/rpc/call.ts";
import type { MethodSchema, ServiceSchema } from "../../lib/schema/service.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import type { Binding, WireCodec } from "./bindings.ts";

/** A call whose messages stay bytes. */
export interface RawRequest {
  /** The method, as gRPC's paths have it: `/package.Service/Method`. */
  readonly path: string;
  /** What the messages are: `application/grpc+thrift`. Default, and what a server is given where it is empty: `application/grpc`. */
  readonly contentType?: string | undefined;
  /**
   * The caller's messages, decompressed. Those that a server is given are the handler's to keep and change; those that a
   * client is given are read while they are sent, and the caller's again when the next one is asked for.
   */
  readonly messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** What a server is given of a call that none of its services has. */
export interface IncomingRawRequest extends RawRequest {
  /** What the messages are. */
  readonly contentType: string;
  /** The caller's messages, decompressed: the handler's to keep and change. */
  readonly messages: AsyncIterable<Uint8Array>;
}

/**
 * Answers calls of methods that no service of the server has (grpc-go's `UnknownServiceHandler`). Gives the answer's messages, which
 * are read while they are sent; to end with a status it throws a `GrpcError`. The context has all else: `meta` the metadata both
 * ways, `deadline`, `signal`.
 */
export type UnknownServiceHandler = (request: IncomingRawRequest, context: CallContext) => AsyncIterable<Uint8Array>;

/** A client of `RawGrpc`. */
export interface RawGrpcClient {
  /**
   * Makes a call, when the first message of its answer is asked for. The messages are the caller's to keep and change. It fails
   * with what any call fails with. Throws an `RpcError` of kind `"invalid"` for a path or content-type that is none.
   */
  call(request: RawRequest, options?: CallOptions): AsyncIterable<Uint8Array>;
}

/** Any method of any service, for clients over `grpc()`: `createClient(RawGrpc, { to, protocol: grpc() })`. */
export const RawGrpc: ServiceSchema<unknown, RawGrpcClient> = {
  name: "raw",
  payload: "raw",
  methods: [],
  functions(stream) {
    const methods = new Map<string, RawMethod>();
    return {
      call({ path, contentType = GRPC, messages }: RawRequest, options?: CallOptions) {
        return stream(rememberedMethod(methods, path, contentType), { [MESSAGES]: messages }, options) as AsyncIterable<
          Uint8Array
        >;
      },
    };
  },
};

/** A method whose messages stay bytes. */
export interface RawMethod extends MethodSchema {
  /** Its service, made up of the path. */
  readonly service: ServiceSchema;
  /** How its messages go. */
  readonly binding: Binding;
}

/** The key under which a call's arguments have the caller's messages. */
const MESSAGES = "messages";
const GRPC = "application/grpc";
/** Paths may be a peer's to choose: so many are remembered. */
const MAX_METHODS = 1_000;
const PATH = /^\/[\x21-\x7e]+\/[\x21-\x7e]*$/;
const CONTENT_TYPE = /^application\/grpc(?:[+;][\x20-\x7e]*)?$/;

const NO_FIELDS: StructSchema<Record<string, unknown>> = { kind: "struct", name: "raw", fields: [] };
const ONE_FIELD: StructSchema<Record<string, unknown>> = {
  kind: "struct",
  name: "raw",
  fields: [{ id: 1, name: MESSAGES, key: MESSAGES, type: { kind: "binary" }, requiredness: "default" }],
};

const BYTES: WireCodec = {
  encode(w, message) {
    if (!(message instanceof Uint8Array)) throw new RpcError("invalid", "a message of a raw call is no Uint8Array");
    w.reserve(message.length);
    w.bytes.set(message, w.pos);
    w.pos += message.length;
  },
  decode: (bytes, start, end) => bytes.slice(start, end),
};

/** The method of a path. */
export function rawMethod(path: string, contentType: string): RawMethod {
  const slash = path.lastIndexOf("/");
  const fullName = path.slice(1, slash);
  const name = path.slice(slash + 1);
  const service: ServiceSchema = {
    name: fullName.slice(fullName.lastIndexOf(".") + 1),
    fullName,
    payload: "raw",
    methods: [],
  };
  const schema: MethodSchema = {
    name,
    key: name,
    streaming: "bidi",
    oneway: false,
    args: ONE_FIELD,
    result: NO_FIELDS,
  };
  const binding: Binding = {
    service,
    method: schema,
    path,
    contentType,
    request: BYTES,
    response: BYTES,
    messageOf: (args) => args[MESSAGES],
    argsOf: (message) => ({ [MESSAGES]: message }),
    answerOf: (value) => value,
    declared: () => undefined,
    valueOf: (message) => message,
  };
  return { ...schema, service, binding };
}

/** The call that a handler of what no service has is given. */
export function rawRequestOf(method: RawMethod, args: Record<string, unknown>): IncomingRawRequest {
  const { path, contentType } = method.binding;
  return { path, contentType, messages: args[MESSAGES] as AsyncIterable<Uint8Array> };
}

function rememberedMethod(methods: Map<string, RawMethod>, path: string, contentType: string): RawMethod {
  const key = `${contentType} ${path}`;
  const known = methods.get(key);
  if (known !== undefined) return known;
  if (!PATH.test(path)) {
    throw new RpcError("invalid", `${JSON.stringify(path)} is no path: "/package.Service/Method" is`);
  }
  if (!CONTENT_TYPE.test(contentType)) {
    throw new RpcError("invalid", `content-type ${JSON.stringify(contentType)} is none of gRPC's`);
  }
  if (methods.size >= MAX_METHODS) methods.clear();
  const method = rawMethod(path, contentType);
  methods.set(key, method);
  return method;
}
