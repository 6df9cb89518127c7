/**
 * A plain list of header fields.
 *
 * @module
 */
import type { HttpFields } from "./message.ts";

/** Header fields in order. */
export class FieldList implements HttpFields {
  readonly #pairs: (readonly [string, string])[] = [];

  /** Begins with `pairs`. */
  constructor(pairs: Iterable<readonly [string, string]> = []) {
    for (const [name, value] of pairs) this.add(name, value);
  }

  /** How many fields there are. */
  get count(): number {
    return this.#pairs.length;
  }

  /** Adds a field; `name` in lower case. */
  add(name: string, value: string): void {
    this.#pairs.push([name, value]);
  }

  /** The first value of the field `name`; `undefined` if there is none. */
  get(name: string): string | undefined {
    return this.#pairs.find((pair) => pair[0] === name)?.[1];
  }

  /** All values of the field `name`. */
  getAll(name: string): string[] {
    return this.#pairs.filter((pair) => pair[0] === name).map(([, value]) => value);
  }

  /** The fields as pairs. */
  [Symbol.iterator](): IterableIterator<readonly [string, string]> {
    return this.#pairs.values();
  }
}
