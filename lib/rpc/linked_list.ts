/**
 * A list of objects that carry their own links.
 *
 * What every call passes through must not be a `Map` or a `Set`: when V8 rehashes one, the old table keeps what was in
 * it alive through all later ones, until the next full collection. Here nothing is left behind.
 *
 * @module
 */

/** What can be in a list, in one at a time. The links belong to the list. */
export interface Linked<T> {
  /** The one before it. */
  previous: T | undefined;
  /** The one after it. */
  next: T | undefined;
}

/** A doubly linked list in the order of adding. */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined = undefined;
  #last: T | undefined = undefined;
  #size = 0;

  /** How many are in it. */
  get size(): number {
    return this.#size;
  }

  /** The one added first of those in it. */
  get first(): T | undefined {
    return this.#first;
  }

  /** Adds one that is in no list, at the end. */
  add(item: T): void {
    const last = this.#last;
    item.previous = last;
    if (last === undefined) this.#first = item;
    else last.next = item;
    this.#last = item;
    this.#size++;
  }

  /** Takes out one that is in this list. */
  delete(item: T): void {
    const { previous, next } = item;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    item.previous = item.next = undefined;
    this.#size--;
  }

  /** All of them now, so that they may be added and deleted while one goes through. */
  all(): T[] {
    const all: T[] = [];
    for (let item = this.#first; item !== undefined; item = item.next) all.push(item);
    return all;
  }
}
