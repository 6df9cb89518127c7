/**
 * Strings the decoder made lately, found again by their coded octets: peers that index little (a `:path` of every call,
 * say) would have the same string made for every block.
 *
 * One place per hash, in memory of a fixed size: what hostile peers do to it costs them speed and nobody memory.
 *
 * @module
 */

const SLOTS = 32;
/** Longer strings are not kept. */
const MAX_OCTETS = 64;

/** Strings by coded octets and a `key` that says what they were read as. */
export class StringCache {
  /** What `find` found. */
  text = "";
  /** What was put with it. */
  mark = 0;
  readonly #octets = new Uint8Array(SLOTS * MAX_OCTETS);
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #keys: number[] = new Array(SLOTS).fill(-1);
  readonly #texts: string[] = new Array(SLOTS).fill("");
  readonly #marks: number[] = new Array(SLOTS).fill(0);
  #slot = -1;

  /** Looks for a string; if true, `text` and `mark` are set. `key` is not negative. */
  find(bytes: Uint8Array, start: number, end: number, key: number): boolean {
    const length = end - start;
    this.#slot = -1;
    if (length > MAX_OCTETS) return false;
    let hash = key ^ length;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    this.#slot = slot;
    if (this.#keys[slot] !== key || this.#lengths[slot] !== length) return false;
    const octets = this.#octets;
    for (let i = start, j = slot * MAX_OCTETS; i < end; i++, j++) {
      if (octets[j] !== bytes[i]) return false;
    }
    this.text = this.#texts[slot]!;
    this.mark = this.#marks[slot]!;
    return true;
  }

  /** Keeps a string that the last `find`, of the same octets and key, did not find. */
  put(bytes: Uint8Array, start: number, end: number, key: number, text: string, mark: number): void {
    const slot = this.#slot;
    if (slot < 0) return;
    const octets = this.#octets;
    for (let i = start, j = slot * MAX_OCTETS; i < end; i++, j++) octets[j] = bytes[i]!;
    this.#lengths[slot] = end - start;
    this.#keys[slot] = key;
    this.#texts[slot] = text;
    this.#marks[slot] = mark;
  }
}
