/**
 * gRPC's status codes, the error that carries one, and how both go with the kinds of `RpcError`.
 *
 * Spec: grpc.github.io/grpc/core/md_doc_statuscodes; mappings of HTTP and HTTP/2 codes as in PROTOCOL-HTTP2.
 *
 * @module
 */
import { type ErrorKind, RpcError, type RpcErrorOptions } from "../../lib/errors.ts";
import { GrpcStatus } from "../../lib/governance/grpc_status.ts";

export { GrpcStatus };

const NAMES: readonly string[] = Object.keys(GrpcStatus);

/** What else a `GrpcError` may have. */
export interface GrpcErrorOptions extends Pick<RpcErrorOptions, "cause" | "remote" | "retryable"> {
  /** A serialized `google.rpc.Status`, sent and received as `grpc-status-details-bin`. */
  readonly details?: Uint8Array | undefined;
}

/** An error with a status: what a handler throws to answer with it, and what a caller gets. `code` is the status. */
export class GrpcError extends RpcError {
  /** The status. */
  declare readonly code: number;
  /** A serialized `google.rpc.Status`. */
  readonly details: Uint8Array | undefined;

  /** Makes an error; its kind follows from the status. */
  constructor(code: number, message: string, options: GrpcErrorOptions = {}) {
    super(kindOf(code), message, { ...options, code });
    this.details = options.details;
  }
}

/** The name of a status; the number in digits for one that gRPC does not know. */
export function statusName(code: number): string {
  return NAMES[code] ?? String(code);
}

/** The kind of error that a status tells of. */
export function kindOf(code: number): ErrorKind {
  switch (code) {
    case GrpcStatus.CANCELLED:
      return "canceled";
    case GrpcStatus.INVALID_ARGUMENT:
      return "invalid";
    case GrpcStatus.DEADLINE_EXCEEDED:
      return "timeout";
    case GrpcStatus.PERMISSION_DENIED:
    case GrpcStatus.UNAUTHENTICATED:
      return "forbidden";
    case GrpcStatus.RESOURCE_EXHAUSTED:
      return "overload";
    case GrpcStatus.UNIMPLEMENTED:
      return "unimplemented";
    case GrpcStatus.UNAVAILABLE:
      return "unavailable";
    default:
      return "internal";
  }
}

/**
 * The status that tells of an error: its own, or the one that goes with its kind. So also of what failed on this side, as a
 * deadline that passed or a connection that could not be made, which have no `code`.
 */
export function statusOf(error: RpcError): number {
  if (error instanceof GrpcError) return error.code;
  switch (error.kind) {
    case "canceled":
      return GrpcStatus.CANCELLED;
    case "invalid":
      return GrpcStatus.INVALID_ARGUMENT;
    case "timeout":
      return GrpcStatus.DEADLINE_EXCEEDED;
    case "forbidden":
      return GrpcStatus.PERMISSION_DENIED;
    case "overload":
      return GrpcStatus.RESOURCE_EXHAUSTED;
    case "unimplemented":
      return GrpcStatus.UNIMPLEMENTED;
    case "connect":
    case "transport":
    case "unavailable":
      return GrpcStatus.UNAVAILABLE;
    default:
      return GrpcStatus.INTERNAL;
  }
}

/** The status of an answer that is HTTP and not gRPC: a proxy's, say. */
export function statusOfHttp(status: number): number {
  switch (status) {
    case 400:
      return GrpcStatus.INTERNAL;
    case 401:
      return GrpcStatus.UNAUTHENTICATED;
    case 403:
      return GrpcStatus.PERMISSION_DENIED;
    case 404:
      return GrpcStatus.UNIMPLEMENTED;
    case 431:
      return GrpcStatus.RESOURCE_EXHAUSTED;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcStatus.UNAVAILABLE;
    default:
      return GrpcStatus.UNKNOWN;
  }
}

/** The status of a stream that was reset with an HTTP/2 code. 0x3e8 is what Kitex sends when it shuts down. */
export function statusOfReset(code: number): number {
  switch (code) {
    case 7:
    case 0x3e8:
      return GrpcStatus.UNAVAILABLE;
    case 8:
      return GrpcStatus.CANCELLED;
    case 11:
      return GrpcStatus.RESOURCE_EXHAUSTED;
    case 12:
      return GrpcStatus.PERMISSION_DENIED;
    default:
      return code <= 13 ? GrpcStatus.INTERNAL : GrpcStatus.UNKNOWN;
  }
}
