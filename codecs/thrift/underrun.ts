/**
 * The two ways in which bytes can be no value: they end early, or they never will be one.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

/**
 * Thrown when the bytes end before the value does. One instance, so that throwing it costs no stack and testing for
 * it is `===`: on an unframed connection it means "more is to come".
 */
export const UNDERRUN: RpcError = Object.freeze(new RpcError("protocol", "the bytes end before the value does"));

/** What counts from `start`: a `ReadBuffer`, a scanner's cursor. */
export interface Origin {
  /** Index of the first byte of the message. */
  readonly start: number;
}

/** An error for bytes that no more bytes can make good; `at` is the index of the first wrong one. */
export function malformed(from: Origin, what: string, at: number): RpcError {
  return new RpcError("protocol", `${what} at byte ${at - from.start}`);
}

/** An error for a required field that did not come. */
export function missingField(struct: string, field: string): RpcError {
  return new RpcError("protocol", `required field ${struct}.${field} is not set`);
}
