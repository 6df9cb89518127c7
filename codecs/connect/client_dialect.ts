/**
 * What a client of `fetch` has to know of a protocol.
 *
 * @module
 */
import type { Call } from "../../lib/rpc/call.ts";
import { contentOf as readContent, discard } from "../../lib/rpc/fetch_body.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";
import { type Codec, type CodecName } from "./codec.ts";

/** One call over `fetch`. */
export interface Exchange {
  /** The call. */
  readonly call: Call;
  /** Form of its messages. */
  readonly codec: CodecName;
  /** Writes the request. */
  readonly request: Codec;
  /** Reads responses. */
  readonly response: Codec;
  /** The request. */
  readonly message: unknown;
  /** Bytes of the largest message taken. */
  readonly maxReceiveBytes: number;
  /** Sends the request with these fields and the call's metadata. */
  post(contentType: string, fields: Readonly<Record<string, string>>, body: Uint8Array): Promise<Response>;
}

/** A protocol over `fetch`. */
export interface ClientDialect {
  /** Makes a call with one answer. */
  unary(exchange: Exchange): Promise<unknown>;
  /** Makes a call whose server streams. */
  stream(exchange: Exchange): AsyncIterable<unknown>;
}

/** Milliseconds that a call may still take, at least 1; `undefined` if any. */
export function timeLeft({ deadline, clock }: Call): number | undefined {
  return deadline === Infinity ? undefined : Math.max(1, Math.ceil(deadline - clock.now()));
}

/** The whole content of an answer. Rejects with a `GrpcError` if it is larger than the call takes. */
export function contentOf(response: Response, { call, maxReceiveBytes }: Exchange): Promise<Uint8Array> {
  return readContent(response, call, maxReceiveBytes, () => {
    return new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `answer of more than ${maxReceiveBytes} bytes`);
  });
}

/** The only one of `messages`. Rejects with a `GrpcError` if there is none, or another. */
export async function onlyOne(messages: AsyncIterable<unknown>): Promise<unknown> {
  let found: { readonly message: unknown } | undefined;
  for await (const message of messages) {
    if (found !== undefined) throw new GrpcError(GrpcStatus.UNIMPLEMENTED, "the answer has more than one message");
    found = { message };
  }
  if (found === undefined) throw new GrpcError(GrpcStatus.UNIMPLEMENTED, "the answer has no message");
  return found.message;
}

/** The error of an answer that is not the protocol's own, whose content is let go. */
export function foreignAnswer(response: Response, status: number): GrpcError {
  discard(response);
  const type = response.headers.get("content-type") ?? "none";
  return new GrpcError(status, `HTTP status ${response.status}, content-type ${type}`, { remote: true });
}
