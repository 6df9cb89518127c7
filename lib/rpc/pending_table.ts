/**
 * Calls under way on one connection, by sequence id.
 *
 * @module
 */
import type { Pending } from "./protocol.ts";

/** Gives out sequence ids and finds the calls they belong to. */
export class PendingTable {
  readonly #calls = new Map<number, Pending>();
  #next = 1;

  /** Calls under way. */
  get size(): number {
    return this.#calls.size;
  }

  /** A sequence id that no call here has, 1 to 2^31 - 1. */
  nextSeqid(): number {
    let seqid = this.#next;
    while (this.#calls.has(seqid)) seqid = following(seqid);
    this.#next = following(seqid);
    return seqid;
  }

  /** Adds a call under its `seqid`. */
  add(pending: Pending): void {
    this.#calls.set(pending.seqid, pending);
  }

  /** Takes the call of the id out, or gives `undefined` if there is none. */
  take(seqid: number): Pending | undefined {
    const pending = this.#calls.get(seqid);
    if (pending !== undefined) this.#calls.delete(seqid);
    return pending;
  }

  /** The only call under way, or `undefined` if there is none or more than one. */
  only(): Pending | undefined {
    if (this.#calls.size !== 1) return undefined;
    for (const pending of this.#calls.values()) return pending;
    return undefined;
  }

  /** Takes a call out; false if it was not there. */
  remove(pending: Pending): boolean {
    return this.#calls.get(pending.seqid) === pending && this.#calls.delete(pending.seqid);
  }

  /** Takes all calls out. */
  drain(): Pending[] {
    const all = [...this.#calls.values()];
    this.#calls.clear();
    return all;
  }
}

function following(seqid: number): number {
  return seqid === 0x7fffffff ? 1 : seqid + 1;
}
