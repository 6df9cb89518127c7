/**
 * What an IDL says about services: the methods, their arguments and their outcomes.
 *
 * @module
 */
import type { Annotations, StructSchema } from "./types.ts";

/** Which sides of a method send more than one message. */
export type Streaming = "unary" | "client" | "server" | "bidi";

/** What the bytes of a service's messages are, `"raw"` where nobody here knows; method names are told apart within one of them. */
export type PayloadKind = "thrift" | "protobuf" | "raw";

/** A method of a service. */
export interface MethodSchema {
  /** Name on the wire. */
  readonly name: string;
  /** Property name in TypeScript; differs from `name` only where TypeScript cannot take it. */
  readonly key: string;
  /** Which sides stream. */
  readonly streaming: Streaming;
  /** True if the caller waits for no answer. */
  readonly oneway: boolean;
  /** The arguments: one field a parameter. */
  readonly args: StructSchema<Record<string, unknown>>;
  /** The outcome: field 0 (`success`) unless void, then the declared exceptions. */
  readonly result: StructSchema<Record<string, unknown>>;
  /** Annotations of the method. */
  readonly annotations?: Annotations;
  /** The service it is of, where that is not the client's, which cannot know it. */
  readonly service?: ServiceSchema;
}

/** Makes a call of a method that streams to its caller; see `ServiceSchema.functions`. `options` are the call's. */
export type StreamMaker = (
  method: MethodSchema,
  args: Record<string, unknown>,
  options: object | undefined,
) => AsyncIterable<unknown>;

/**
 * A service, as `createServer().add` and `createClient` take it. `Handlers` and `Client` exist only as types: what a
 * server must implement, and what a caller gets.
 */
export interface ServiceSchema<Handlers = unknown, Client = unknown> {
  /** Name in the IDL, sent where the protocol has room for it. */
  readonly name: string;
  /** Name with its package (`pkg.Echo`), as gRPC's paths have it. Default: `name`. */
  readonly fullName?: string;
  /** Which wire payload the methods describe. */
  readonly payload: PayloadKind;
  /** All methods, those of the base services first. */
  readonly methods: readonly MethodSchema[];
  /** Annotations of the definition. */
  readonly annotations?: Annotations;
  /** Makes a client's functions for methods that are named with each call. Default: a client has those of `methods` alone. */
  readonly functions?: (stream: StreamMaker) => object;
  /** Never set: carries the two types. */
  readonly types?: { readonly handlers: Handlers; readonly client: Client };
}
