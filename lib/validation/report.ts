/**
 * How validators, generated and interpreted, list what they find.
 *
 * @module
 */
import type { Violation } from "../schema/violation.ts";

/** How many violations one list holds; the further ones are not noted. A message of a peer could have millions. */
export const MAX_VIOLATIONS = 1_000;

/** How deep structs may nest; writers refuse deeper ones. */
export const MAX_VALIDATED_DEPTH = 64;

const MAX_VALUE_CHARS = 64;

/** Notes that the value at `path` breaks a rule. */
export function violate(found: Violation[], path: string, rule: string, value: unknown, message: string): void {
  if (found.length < MAX_VIOLATIONS) found.push({ path, rule, value: showValue(value), message });
}

/** Puts the path of a struct before those of what was found in it: all from `start` on. */
export function within(found: Violation[], start: number, path: string): void {
  for (let i = start; i < found.length; i++) {
    const violation = found[i]!;
    found[i] = { ...violation, path: joinPaths(path, violation.path) };
  }
}

/**
 * Notes that structs nest too deeply, unless the list is full; gives it back. A full list ends the search, for values that hold
 * themselves in several places would be looked into without end.
 */
export function nestedTooDeep(found: Violation[]): Violation[] {
  violate(found, "", "depth", {}, `must be nested at most ${MAX_VALIDATED_DEPTH} structs deep`);
  return found;
}

/** A value as a short text. */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return shorten(JSON.stringify(value.slice(0, MAX_VALUE_CHARS)), value.length > MAX_VALUE_CHARS);
    case "object":
      return value === null ? "absent" : describe(value);
    case "undefined":
      return "absent";
    case "function":
      return "a function";
    case "bigint":
      // no more of it is written out than is shown: it may have millions of digits
      return abs(value) < LARGE ? String(value) : "a number beyond 64 digits";
    default:
      return shorten(String(value), false);
  }
}

const LARGE = 10n ** 63n;

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function joinPaths(outer: string, inner: string): string {
  return inner === "" || outer === "" || inner.startsWith("[") ? outer + inner : `${outer}.${inner}`;
}

function shorten(text: string, isCut: boolean): string {
  return text.length <= MAX_VALUE_CHARS && !isCut ? text : `${text.slice(0, MAX_VALUE_CHARS - 3)}...`;
}

function describe(value: object): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Set) return `a set of ${value.size}`;
  if (value instanceof Map) return `a map of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return "an object";
}
