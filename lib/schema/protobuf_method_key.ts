/**
 * The property name in TypeScript of a method of Protocol Buffers.
 *
 * @module
 */

/**
 * The key of the method that protobuf-es calls `localName`: that name, but `then$` for `then`. An object with a method of that
 * name cannot come from an async function.
 */
export function protobufMethodKey(localName: string): string {
  return localName === "then" ? "then$" : localName;
}
