/**
 * Options that are numbers: a time or a count that is none would be no limit without a word, as `NaN > 0` is false.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Clock } from "../io/clock.ts";

/** Throws an `RpcError` of kind `"invalid"` if one of the options `names` is there and no number from `least` up. */
export function checkNumbers<K extends string>(
  options: { readonly [N in K]?: number | undefined },
  names: readonly K[],
  least = 0,
): void {
  for (const name of names) {
    const value: unknown = options[name];
    if (value !== undefined) checkNumber(name, value, least);
  }
}

/** When a call is over that may take `timeoutMs` from now; `Infinity` for 0. Throws as `checkNumbers` does. */
export function deadlineAfter(timeoutMs: number, clock: Clock): number {
  if (timeoutMs === 0) return Infinity;
  checkNumber("timeoutMs", timeoutMs, 0);
  return clock.now() + timeoutMs;
}

function checkNumber(name: string, value: unknown, least: number): void {
  if (typeof value === "number" && value >= least) return;
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new RpcError("invalid", `${name} is ${shown}, not a number from ${least} up`);
}
