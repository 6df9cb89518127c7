/**
 * The bytes a push-mode handler has not consumed yet, kept in one piece until it gets them again.
 *
 * Memory follows what has arrived, never what was announced: it doubles, so that each byte is copied at most about
 * twice however small the pieces come in.
 *
 * @module
 */
import type { BufferPool } from "./buffer_pool.ts";
import type { LinkNode } from "./link_node.ts";

/** A growing run of bytes, appended at the end and consumed at the front. */
export class Carry {
  readonly #pool: BufferPool;
  #node: LinkNode | undefined;
  #start = 0;
  #end = 0;

  /** Begins empty and without memory. */
  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** How many bytes are kept. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies `bytes[from..to)` to the end; `expected` is how long the whole may become, and caps the growth. */
  append(bytes: Uint8Array, from: number, to: number, expected: number): void {
    if (from >= to) return;
    const count = to - from;
    let block = this.#node?.bytes;
    if (block === undefined || block.length - this.#end < count) block = this.#makeRoom(count, expected);
    // A view for the whole array costs more than it saves on the few bytes that usually complete a header.
    if (count <= 16) { for (let i = from, o = this.#end; i < to; i++) block[o++] = bytes[i]!; }
    else block.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.#end);
    this.#end += count;
  }

  /** The bytes, valid until the next call of another method. Empty if none. */
  view(): Uint8Array {
    return this.#node === undefined ? EMPTY : this.#node.view(this.#start, this.#end);
  }

  /** Drops `count` bytes from the front; memory goes back when none are left. */
  consume(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.clear();
  }

  /** Drops everything and gives the memory back. */
  clear(): void {
    const node = this.#node;
    this.#node = undefined;
    this.#start = this.#end = 0;
    if (node !== undefined) this.#pool.giveNode(node);
  }

  #makeRoom(count: number, expected: number): Uint8Array {
    const old = this.#node;
    const length = this.#end - this.#start;
    const size = length + count;
    if (old !== undefined && old.bytes.length >= size && this.#start >= length) {
      old.bytes.copyWithin(0, this.#start, this.#end);
      this.#start = 0;
      this.#end = length;
      return old.bytes;
    }
    const node = this.#pool.takeNode(Math.max(size, Math.min(2 * size, expected)));
    if (old !== undefined) {
      node.bytes.set(old.bytes.subarray(this.#start, this.#end));
      this.#pool.giveNode(old);
    }
    this.#node = node;
    this.#start = 0;
    this.#end = length;
    return node.bytes;
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
