/**
 * Errors as Connect's JSON, and back.
 *
 * Spec: connectrpc.com/docs/protocol, "Error end-stream" and "Unary-Error".
 *
 * @module
 */
import type { RpcError } from "../../lib/errors.ts";
import { decodeBinary, encodeBinary } from "../grpc/metadata.ts";
import { GrpcError, GrpcStatus, statusOf } from "../grpc/status.ts";
import { readStatusDetails, type StatusDetail, writeStatus } from "../protobuf/rpc_status.ts";
import { codeName, statusOfCode } from "./code.ts";

/** An error in JSON. */
export interface ErrorJson {
  /** One of Connect's codes. */
  readonly code: string;
  /** What happened. */
  readonly message?: string;
  /** More, as messages of any type; `value` is base64. */
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

/** The JSON of an error. */
export function errorJson(error: RpcError): ErrorJson {
  const details = error instanceof GrpcError && error.details !== undefined ? readStatusDetails(error.details) : [];
  return {
    code: codeName(statusOf(error)),
    ...(error.message === "" ? {} : { message: error.message }),
    ...(details.length === 0
      ? {}
      : { details: details.map(({ type, value }) => ({ type, value: encodeBinary(value) })) }),
  };
}

/** The error that JSON tells of; its status is `fallback` where that has no code. */
export function errorOf(json: unknown, fallback: number): RpcError {
  const { code, message, details } = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const status = (typeof code === "string" ? statusOfCode(code) : undefined) ?? fallback;
  const text = typeof message === "string" ? message : codeName(status);
  const known = Array.isArray(details) ? details.flatMap(detailOf) : [];
  const more = known.length === 0 ? {} : { details: writeStatus(status, text, known) };
  return new GrpcError(status, text, { remote: true, ...more });
}

/** The text as JSON. Throws a `GrpcError` if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GrpcError(GrpcStatus.INTERNAL, "what should be JSON is not", { cause });
  }
}

/** A detail that can be read; others are passed over. */
function detailOf(detail: unknown): StatusDetail[] {
  const { type, value } = (typeof detail === "object" && detail !== null ? detail : {}) as Record<string, unknown>;
  if (typeof type !== "string" || typeof value !== "string") return [];
  try {
    return [{ type, value: decodeBinary(value) }];
  } catch {
    return [];
  }
}
