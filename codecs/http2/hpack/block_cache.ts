/**
 * Header blocks the decoder saw lately, with the lists they stand for. RPC peers send the same block for every call of a
 * method once their tables have settled; the list is then found by comparing some bytes.
 *
 * A block means the same only while the dynamic table has not changed since, so the table's state is part of the key.
 *
 * @module
 */
import type { HeaderList } from "../header_list.ts";

const SLOTS = 8;
/** Longer blocks are not kept. */
const MAX_OCTETS = 128;

/** Lists by block. */
export class BlockCache {
  readonly #octets = new Uint8Array(SLOTS * MAX_OCTETS);
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #states: number[] = new Array(SLOTS).fill(-1);
  readonly #lists: (HeaderList | undefined)[] = new Array(SLOTS).fill(undefined);

  /** The list of a block; `state` stands for the table as it is. */
  find(bytes: Uint8Array, start: number, end: number, state: number): HeaderList | undefined {
    const length = end - start;
    const slot = slotOf(bytes, start, end);
    if (this.#states[slot] !== state || this.#lengths[slot] !== length) return undefined;
    const octets = this.#octets;
    for (let i = start, j = slot * MAX_OCTETS; i < end; i++, j++) {
      if (octets[j] !== bytes[i]) return undefined;
    }
    return this.#lists[slot];
  }

  /** Keeps a block that neither changed the table nor holds anything sensitive. */
  put(bytes: Uint8Array, start: number, end: number, state: number, list: HeaderList): void {
    if (end - start > MAX_OCTETS) return;
    const slot = slotOf(bytes, start, end);
    const octets = this.#octets;
    for (let i = start, j = slot * MAX_OCTETS; i < end; i++, j++) octets[j] = bytes[i]!;
    this.#lengths[slot] = end - start;
    this.#states[slot] = state;
    this.#lists[slot] = list;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  // Blocks of one peer differ in few octets, mostly in the middle: every fourth and the last are enough to part them.
  for (let i = start; i < end; i += 4) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  if (end > start) hash = Math.imul(hash ^ bytes[end - 1]!, 0x01000193);
  return (hash ^ (hash >>> 13)) & (SLOTS - 1);
}
