/**
 * How the cases see a client of gRPC's interop contract, whatever it is made of.
 *
 * @module
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  SimpleRequestSchema,
  StreamingInputCallRequestSchema,
  StreamingOutputCallRequestSchema,
} from "../gen/grpc_testing_pb.ts";

/** What servers send back of a request's header: this in theirs, that in their trailers. */
export const ECHO_INITIAL = "x-grpc-test-echo-initial";
export const ECHO_TRAILING = "x-grpc-test-echo-trailing-bin";
/** What the details of statuses say, as a `google.protobuf.StringValue`. */
export const DETAIL = "more on that";

/** Pairs of a header; bytes where the name ends with `-bin`. */
export type Fields = Readonly<Record<string, string | Uint8Array>>;

/** What a call is given beside its message. */
export interface CaseOptions {
  readonly headers?: Fields;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What came beside the messages of an answer. */
export interface Seen {
  /** A field of the header. */
  headers(name: string): string | Uint8Array | undefined;
  /** A field of the trailers. */
  trailers(name: string): string | Uint8Array | undefined;
}

/** A message with content. */
export interface Sized {
  readonly payload?: { readonly body: Uint8Array } | undefined;
}

/** An answer. */
export interface CaseAnswer<T> extends Seen {
  readonly value: T;
}

/** How calls fail: `code` is gRPC's, `details` the text of the `StringValue` among them. */
export interface CaseError {
  readonly code: number;
  readonly message: string;
  readonly details?: string | undefined;
}

/** A request of a stream. */
export type OutputRequest = MessageInitShape<typeof StreamingOutputCallRequestSchema>;

/** A client. What fails rejects with a `CaseError`. */
export interface CaseClient {
  empty(options?: CaseOptions): Promise<CaseAnswer<{ readonly $typeName: string }>>;
  unary(request: MessageInitShape<typeof SimpleRequestSchema>, options?: CaseOptions): Promise<CaseAnswer<Sized>>;
  /** The method without side effects. */
  cacheable(request: MessageInitShape<typeof SimpleRequestSchema>, options?: CaseOptions): Promise<CaseAnswer<Sized>>;
  unimplemented(options?: CaseOptions): Promise<unknown>;
  input(
    requests: AsyncIterable<MessageInitShape<typeof StreamingInputCallRequestSchema>>,
    options?: CaseOptions,
  ): Promise<CaseAnswer<{ readonly aggregatedPayloadSize: number }>>;
  /** `report` is told what came beside the messages, once they all came. */
  output(request: OutputRequest, options?: CaseOptions, report?: (seen: Seen) => void): AsyncIterable<Sized>;
  duplex(
    requests: AsyncIterable<OutputRequest>,
    options?: CaseOptions,
    report?: (seen: Seen) => void,
  ): AsyncIterable<Sized>;
  /** The methods of HTTP that its calls went by, if it knows. */
  methods?(): readonly string[];
  close(): unknown;
}
