/**
 * Errors with details: messages that say more than a status, `google.rpc`'s own or any others.
 *
 * Spec: gRPC's richer error model; google.aip.dev/193.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { type OutgoingDetail, packStatus } from "../protobuf/status_details.ts";
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
