/**
 * What plugins give is checked where it comes in: one of JavaScript is held to no types.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

/** Gives the text back. Throws an `RpcError` of kind `"invalid"` that says `what` it is not. */
export function mustBeText(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw new RpcError("invalid", `${what} must be a string, and is ${value === null ? "null" : typeof value}`);
}
