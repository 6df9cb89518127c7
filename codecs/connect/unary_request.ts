/**
 * Where the message of a call that does not stream is: in the content of a POST, or in the query of a GET.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { HttpBody, HttpRequest } from "../../lib/http/message.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";
import type { CodecName } from "./codec.ts";

/** A call that does not stream. */
export interface UnaryRequest {
  /** Form of its message. */
  readonly codec: CodecName;
  /** How it is compressed. */
  readonly encoding: string | undefined;
  /** The message of a GET; `undefined`: it is in the content. */
  readonly message: Uint8Array | undefined;
}

/** What the query of a GET says. Throws a `GrpcError` of `INVALID_ARGUMENT`. */
export function readQuery(request: HttpRequest): UnaryRequest {
  const { path } = request;
  const query = new URLSearchParams(path.includes("?") ? path.slice(path.indexOf("?")) : "");
  const codec = query.get("encoding");
  const version = query.get("connect");
  const message = query.get("message");
  if (codec !== "proto" && codec !== "json") throw refusal(`unknown encoding ${JSON.stringify(codec)}`);
  if (version !== null && version !== "v1") throw refusal(`unknown version ${JSON.stringify(version)} of Connect`);
  if (message === null) throw refusal("no message in the query");
  const bytes = query.get("base64") === "1" ? fromBase64Url(message) : new TextEncoder().encode(message);
  return { codec, encoding: query.get("compression") ?? undefined, message: bytes };
}

/** The bytes of the message, as they were sent. Rejects with a `GrpcError` if there are more than `maxBytes`. */
export async function readMessage(unary: UnaryRequest, body: HttpBody, maxBytes: number): Promise<Uint8Array> {
  const { message } = unary;
  if (message !== undefined && message.length > maxBytes) throw tooLarge(maxBytes);
  if (message !== undefined) return message;
  try {
    return await body.bytes(maxBytes);
  } catch (reason) {
    const error = RpcError.from(reason, "transport");
    throw error.kind === "protocol" ? tooLarge(maxBytes, reason) : error;
  }
}

function tooLarge(maxBytes: number, cause?: unknown): GrpcError {
  return new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `message of more than ${maxBytes} bytes`, { cause });
}

function fromBase64Url(text: string): Uint8Array {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    throw refusal("the message is no base64");
  }
}

function refusal(text: string): GrpcError {
  return new GrpcError(GrpcStatus.INVALID_ARGUMENT, text);
}
