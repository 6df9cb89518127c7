/**
 * Calls under way on one connection, by sequence id.
 *
 * An array in which a call lies at the low bits of its id: ids are given out so that no two calls meet there. Why it is
 * no `Map`: see `linked_list.ts`.
 *
 * @module
 */
import type { Pending } from "./protocol.ts";

/** Gives out sequence ids and finds the calls they belong to. */
export class PendingTable {
  #slots: (Pending | undefined)[] = new Array<Pending | undefined>(8).fill(undefined);
  #size = 0;
  #next = 1;

  /** Calls under way. */
  get size(): number {
    return this.#size;
  }

  /** A sequence id for the next call to be added, 1 to 2^31 - 1. */
  nextSeqid(): number {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    let seqid = this.#next;
    while (this.#slots[this.#slotOf(seqid)] !== undefined) seqid = following(seqid);
    this.#next = following(seqid);
    return seqid;
  }

  /** Adds a call under the `seqid` that `nextSeqid` gave last. */
  add(pending: Pending): void {
    this.#slots[this.#slotOf(pending.seqid)] = pending;
    this.#size++;
  }

  /** Takes the call of the id out, or gives `undefined` if there is none. */
  take(seqid: number): Pending | undefined {
    const slot = this.#slotOf(seqid);
    const pending = this.#slots[slot];
    if (pending === undefined || pending.seqid !== seqid) return undefined;
    this.#slots[slot] = undefined;
    this.#size--;
    return pending;
  }

  /** The only call under way, or `undefined` if there is none or more than one. */
  only(): Pending | undefined {
    return this.#size === 1 ? this.#slots.find((pending) => pending !== undefined) : undefined;
  }

  /** Takes a call out; false if it was not there. */
  remove(pending: Pending): boolean {
    return this.#slots[this.#slotOf(pending.seqid)] === pending && this.take(pending.seqid) !== undefined;
  }

  /** Takes all calls out. */
  drain(): Pending[] {
    const all = this.#slots.filter((pending) => pending !== undefined);
    this.#slots.fill(undefined);
    this.#size = 0;
    return all;
  }

  #slotOf(seqid: number): number {
    return seqid & (this.#slots.length - 1);
  }

  /** Ids that differ in their low bits differ in one bit more, too: nobody meets. */
  #grow(): void {
    const pending = this.#slots.filter((pending) => pending !== undefined);
    this.#slots = new Array<Pending | undefined>(this.#slots.length * 2).fill(undefined);
    for (const one of pending) this.#slots[this.#slotOf(one.seqid)] = one;
  }
}

function following(seqid: number): number {
  return seqid === 0x7fffffff ? 1 : seqid + 1;
}
