/**
 * Errors with details: messages that say more than a status, `google.rpc`'s own or any others.
 *
 * Spec: gRPC's richer error model; google.aip.dev/193.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { type OutgoingDetail, packStatus, unpackDetails, unpackKnownDetails } from "../protobuf/status_details.ts";
import { GrpcError } from "./status.ts";

/**
 * An error with details, for a handler to throw: they travel as `grpc-status-details-bin`. Each detail is a message and its
 * description, `{ desc: BadRequestSchema, value: { ... } }`. Throws an `RpcError` of kind `"invalid"` for a value that does not fit.
 */
export function errorWithDetails(code: number, message: string, details: readonly OutgoingDetail[]): GrpcError {
  try {
    return new GrpcError(code, message, { details: packStatus(code, message, details) });
  } catch (cause) {
    throw new RpcError("invalid", `details cannot be sent: ${RpcError.from(cause).message}`, { cause });
  }
}

/**
 * The details of one type that an error carries, in their order; none if it is no `GrpcError` or has none. The type is a message's
 * description of generated code.
 */
export function findDetails<Desc extends OutgoingDetail["desc"]>(
  error: unknown,
  desc: Desc,
): ReturnType<typeof unpackDetails<Desc>> {
  const status = statusIn(error);
  return status === undefined ? [] : unpackDetails(status, desc);
}

/** All details that an error carries and whose types a registry of protobuf-es knows, in their order. */
export function detailsOf(
  error: unknown,
  registry: Parameters<typeof unpackKnownDetails>[1],
): ReturnType<typeof unpackKnownDetails> {
  const status = statusIn(error);
  return status === undefined ? [] : unpackKnownDetails(status, registry);
}

function statusIn(error: unknown): Uint8Array | undefined {
  return error instanceof GrpcError ? error.details : undefined;
}
