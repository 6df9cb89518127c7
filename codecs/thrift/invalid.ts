/**
 * What writers of every payload refuse.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

/** How deep values may nest when written; peers refuse deeper ones. */
export const MAX_WRITE_DEPTH = 64;

/** Thrown when a value does not fit its type. One instance: who catches it looks for the reason. */
export const INVALID: RpcError = Object.freeze(new RpcError("invalid", "value does not fit its type"));

/** The i64 that decimal text says. Throws `INVALID` unless it is one. */
export function parseI64(value: string): bigint {
  if (typeof value !== "string" || !/^[+-]?[0-9]{1,19}$/.test(value)) throw INVALID;
  const number = BigInt(value);
  if (BigInt.asIntN(64, number) !== number) throw INVALID;
  return number;
}

/** True for a UUID as text: 32 hexadecimal digits with four hyphens, in either case. */
export function isUuid(value: unknown): boolean {
  return typeof value === "string" &&
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}
