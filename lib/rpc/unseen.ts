/**
 * Calls that their server provably did not see: sending them again changes nothing for it.
 *
 * Spec: gRFC A6, "Transparent Retries".
 *
 * @module
 */
import { RpcError } from "../errors.ts";

/** How often a call is sent again that its server never saw: more often and the server takes none. */
export const MAX_AGAIN = 3;

/** Does an error of a connection say that its server cannot have run the call? */
export function isUnseen(error: unknown): error is RpcError {
  return error instanceof RpcError && error.kind === "unavailable" && error.retryable;
}
