/**
 * A hash table from method names to methods that is asked with bytes, so that no string is made for a call.
 *
 * @module
 */
import type { MethodEntry } from "./method_table.ts";

/** Methods by the bytes of their names. */
export class MethodNames {
  #slots: (MethodEntry | undefined)[] = new Array(16).fill(undefined);
  #size = 0;
  #last: MethodEntry | undefined;

  /** The method of the name in `bytes[start..end]`, or `undefined`. */
  find(bytes: Uint8Array, start: number, end: number): MethodEntry | undefined {
    const last = this.#last;
    if (last !== undefined && sameBytes(last.nameBytes, bytes, start, end)) return last;
    const mask = this.#slots.length - 1;
    for (let i = hash(bytes, start, end) & mask;; i = (i + 1) & mask) {
      const entry = this.#slots[i];
      if (entry === undefined) return undefined;
      if (sameBytes(entry.nameBytes, bytes, start, end)) return this.#last = entry;
    }
  }

  /** Adds a method whose name is not there yet. */
  add(entry: MethodEntry): void {
    if (++this.#size * 2 > this.#slots.length) this.#grow();
    this.#place(entry);
  }

  /** Puts a method in the place of one with the same name. */
  replace(old: MethodEntry, entry: MethodEntry): void {
    this.#slots[this.#slots.indexOf(old)] = entry;
    this.#last = undefined;
  }

  #grow(): void {
    const entries = this.#slots.filter((entry) => entry !== undefined);
    this.#slots = new Array(this.#slots.length * 2).fill(undefined);
    for (const entry of entries) this.#place(entry);
  }

  #place(entry: MethodEntry): void {
    const mask = this.#slots.length - 1;
    let i = hash(entry.nameBytes, 0, entry.nameBytes.length) & mask;
    while (this.#slots[i] !== undefined) i = (i + 1) & mask;
    this.#slots[i] = entry;
  }
}

/** Is `bytes[start..end]` the same as `name`? */
export function sameBytes(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}

/** FNV-1a over the bytes. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h >>> 0;
}
