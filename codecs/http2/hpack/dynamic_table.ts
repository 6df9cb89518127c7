/**
 * HPACK's dynamic table: the fields added last, the newest first, as many as fit into a size in octets.
 *
 * A ring of parallel arrays: adding and dropping a field moves nothing. Entries have a number that never changes, counted
 * from 1 in the order they were added, besides the index that HPACK uses.
 *
 * Spec: RFC 7541 §2.3.2 and §4.
 *
 * @module
 */
import { FIELD_OVERHEAD } from "../header_list.ts";

const FIRST_SLOTS = 16;

/** A table whose entries also carry an `M`. */
export class DynamicTable<M> {
  /** How many entries were ever added: the number of the newest. */
  added = 0;
  /** How many entries there are. */
  count = 0;
  /** Size in octets as RFC 7541 §4.1 counts it. */
  octets = 0;
  /** The size that is not to be passed. */
  maxOctets: number;
  #names: string[] = new Array(FIRST_SLOTS).fill("");
  #values: string[] = new Array(FIRST_SLOTS).fill("");
  #marks: M[] = [];
  #mask = FIRST_SLOTS - 1;

  /** An empty table. */
  constructor(maxOctets: number) {
    this.maxOctets = maxOctets;
  }

  /** The number of the entry with HPACK's index `62 + back`, which must be there: `back` is less than `count`. */
  numberAt(back: number): number {
    return this.added - back;
  }

  /** Is the entry of this number still there? */
  holds(number: number): boolean {
    return number > this.added - this.count;
  }

  /** Its name. */
  name(number: number): string {
    return this.#names[number & this.#mask]!;
  }

  /** Its value. */
  value(number: number): string {
    return this.#values[number & this.#mask]!;
  }

  /** What else was given to `add`. */
  mark(number: number): M {
    return this.#marks[number & this.#mask]!;
  }

  /** Drops the oldest entries until `octets` more fit; false if they never will, and then the table is empty. */
  makeRoom(octets: number, dropped?: (number: number) => void): boolean {
    while (this.count > 0 && this.octets + octets > this.maxOctets) this.#dropOldest(dropped);
    return octets <= this.maxOctets;
  }

  /** Adds an entry, for which `makeRoom` has made room; gives its number. */
  add(name: string, value: string, mark: M): number {
    if (this.count > this.#mask) this.#grow();
    const slot = ++this.added & this.#mask;
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.#marks[slot] = mark;
    this.count++;
    this.octets += name.length + value.length + FIELD_OVERHEAD;
    return this.added;
  }

  #dropOldest(dropped?: (number: number) => void): void {
    const number = this.added - this.count + 1;
    const slot = number & this.#mask;
    dropped?.(number);
    this.octets -= this.#names[slot]!.length + this.#values[slot]!.length + FIELD_OVERHEAD;
    this.count--;
    // A dropped string must not stay alive.
    this.#names[slot] = this.#values[slot] = "";
  }

  #grow(): void {
    const mask = this.#mask * 2 + 1;
    const names: string[] = new Array(mask + 1).fill("");
    const values: string[] = new Array(mask + 1).fill("");
    const marks: M[] = [];
    for (let number = this.added - this.count + 1; number <= this.added; number++) {
      names[number & mask] = this.name(number);
      values[number & mask] = this.value(number);
      marks[number & mask] = this.mark(number);
    }
    this.#names = names;
    this.#values = values;
    this.#marks = marks;
    this.#mask = mask;
  }
}
