/**
 * Input: offers chunks to the handler where they lie, and keeps only what it has not consumed.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { Carry } from "./carry.ts";
import type { ConnectionHandler } from "./connection_handler.ts";

/** When less than the first is missing, at least the second follows what is kept. */
const FEW_BYTES = 64;
const MANY_BYTES = 4096;

/** What a connection has received and its handler has not consumed. */
export class Intake {
  /** Who gets the bytes. */
  handler: ConnectionHandler | undefined;
  /** How many bytes must be there before they are offered again. */
  need = 1;
  /** The handler wants none for now. */
  held = false;
  /** None are handled because of too much output. */
  choked = false;
  /** False once bytes that come are of no use. */
  open = true;
  /** What is kept is to be offered although nothing came: the handler goes on, or there is another one. */
  again = false;
  /** How many times something was consumed. */
  consumed = 0;
  readonly #carry: Carry;

  /** Begins empty; memory comes from `pool`. */
  constructor(pool: BufferPool) {
    this.#carry = new Carry(pool);
  }

  /** How many bytes are kept. */
  get length(): number {
    return this.#carry.length;
  }

  /** True while nothing is to be offered. */
  get stopped(): boolean {
    return this.held || this.choked;
  }

  /** True if what is kept can be offered. */
  get ready(): boolean {
    const { length } = this.#carry;
    return length > 0 && length >= this.need && this.handler !== undefined && !this.stopped && this.open;
  }

  /** Offers bytes that came, after what is kept; keeps the rest. Throws what the handler throws. */
  take(bytes: Uint8Array): void {
    const carry = this.#carry;
    const end = bytes.length;
    let at = 0;
    while (carry.length > 0 || this.held || this.choked) {
      const have = carry.length;
      if (this.held || this.choked) {
        carry.append(bytes, at, end, 2 * (have + end - at));
        return;
      }
      // As little as completes the message, so that what follows it can be parsed in place; but no crumbs, for a handler
      // that cannot tell how long a message is asks for one byte more each time.
      const missing = this.need - have;
      const to = Math.min(end, at + (missing > FEW_BYTES ? missing : Math.max(MANY_BYTES, have)));
      const size = have + to - at;
      carry.append(bytes, at, to, this.need > size ? this.need : 2 * size);
      at = to;
      if (carry.length < this.need) return;
      this.offerKept();
      if (at === end || !this.open) return;
    }
    this.#offerInPlace(at === 0 ? bytes : bytes.subarray(at));
  }

  /** Offers what is kept. Throws what the handler throws. */
  offerKept(): void {
    const carry = this.#carry;
    do {
      carry.consume(this.#offer(carry.view()));
    } while (this.again && carry.length > 0 && !this.stopped && this.open);
  }

  /** Keeps bytes without offering them. */
  keep(bytes: Uint8Array): void {
    this.#carry.append(bytes, 0, bytes.length, bytes.length);
  }

  /** Drops what is kept and gives its memory back. */
  clear(): void {
    this.#carry.clear();
  }

  #offerInPlace(bytes: Uint8Array): void {
    for (;;) {
      const used = this.#offer(bytes);
      const left = bytes.length - used;
      if (left === 0 || !this.open) return;
      if (!this.again || this.stopped) {
        this.#carry.append(bytes, used, bytes.length, Math.max(this.need, left));
        return;
      }
      bytes = bytes.subarray(used);
    }
  }

  #offer(bytes: Uint8Array): number {
    this.need = 1;
    this.again = false;
    const used = this.handler!.data(bytes);
    if (used >>> 0 !== used || used > bytes.length) {
      throw new RpcError("internal", `data() says it consumed ${used} of ${bytes.length} bytes`);
    }
    if (used > 0) this.consumed++;
    return used;
  }
}
