/**
 * Values as text that tells every difference: what deep equality of the runtimes disagrees on (maps with objects as keys).
 *
 * @module
 */

/** All of a value, in the order of its keys and entries. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof Uint8Array) return `bytes(${[...value]})`;
  if (Array.isArray(value)) return `[${value.map(show)}]`;
  if (value instanceof Set) return `set(${[...value].map(show)})`;
  if (value instanceof Map) return `map(${[...value].map(([key, part]) => `${show(key)}=>${show(part)}`)})`;
  const prefix = Object.getPrototypeOf(value) === null
    ? "null"
    : value instanceof Error
    ? `${value.name}(${value.message})`
    : "";
  return `${prefix}{${Object.entries(value).map(([key, part]) => `${key}:${show(part)}`)}}`;
}
