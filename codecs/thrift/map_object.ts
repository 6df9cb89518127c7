/**
 * Maps kept as plain objects.
 *
 * @module
 */
import { INVALID } from "./invalid.ts";

/** The keys of a map kept as an object. Throws `INVALID` if it is no object. */
export function objectKeys(value: Readonly<Record<string, unknown>>): string[] {
  if (typeof value !== "object" || value === null || value instanceof Map) throw INVALID;
  return Object.keys(value);
}

/** The entries of a map's value, `asObject` or a `Map`. Throws `INVALID` if it is neither. */
export function mapEntries(value: unknown, asObject: boolean): ReadonlyMap<unknown, unknown> {
  if (!asObject) {
    if (!(value instanceof Map)) throw INVALID;
    return value;
  }
  const object = value as Record<string, unknown>;
  return new Map(objectKeys(object).map((key) => [key, object[key]]));
}

/** A map with string keys as an object without a prototype, so that no key means anything to the engine. */
export function mapToObject(map: ReadonlyMap<unknown, unknown>): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of map) object[key as string] = value;
  return object;
}
