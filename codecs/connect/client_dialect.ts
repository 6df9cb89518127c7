/**
 * What a client of `fetch` has to know of a protocol.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Call } from "../../lib/rpc/call.ts";
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

/** The chunks of an answer. Rejects with what ended the call, if something did. */
export async function* chunksOf(response: Response, call: Call): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  let over = false;
  try {
    for (let step; (step = await reader.read()).done !== true;) yield step.value;
    over = true;
  } catch (reason) {
    throw call.reason ?? RpcError.from(reason, "transport");
  } finally {
    // Left before the end: the server hears that nobody reads any more.
    if (!over) reader.cancel().catch(() => {});
  }
}

/** The whole content of an answer; no more than `maxBytes` of it are ever kept. */
export async function contentOf(response: Response, call: Call, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(response, call)) {
    length += chunk.length;
    if (length > maxBytes) throw new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
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

/** The error of an answer that is not the protocol's own. */
export function foreignAnswer(response: Response, status: number): GrpcError {
  const type = response.headers.get("content-type") ?? "none";
  return new GrpcError(status, `HTTP status ${response.status}, content-type ${type}`, { remote: true });
}
