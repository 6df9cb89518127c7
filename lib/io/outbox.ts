/**
 * What a connection has to send: one scratch buffer that messages are encoded into, and before it, in order, a chain of
 * nodes: what `Writer` built, and what the adapter would not take yet.
 *
 * In the usual turn the chain does not exist: the scratch is written in one piece and goes back to the pool.
 *
 * @module
 */
import type { BufferPool } from "./buffer_pool.ts";
import { linkedNode, type LinkNode } from "./link_node.ts";
import type { RawConn } from "./raw.ts";
import type { WriteBuffer } from "./write_buffer.ts";

/** From this many bytes on, output is handed on without waiting for the end of the turn. */
export const PUSH_BYTES: number = 64 * 1024;
/** Shorter pieces are joined with what follows: one write of 64 KiB costs less than two of 32. */
const JOIN_BYTES = 32 * 1024;

/** Bytes on their way to a raw connection. */
export class Outbox {
  readonly #raw: RawConn;
  readonly #pool: BufferPool;
  #scratch: WriteBuffer | undefined;
  #first: LinkNode | undefined;
  #last: LinkNode | undefined;
  /** How many bytes the chain has. */
  #chained = 0;
  /** What the adapter still reads although it took it: a scratch or a node. */
  #lentScratch: WriteBuffer | undefined;
  #lentNode: LinkNode | undefined;
  /** How many bytes the last turn had: tells which scratch to take next. */
  #lastBytes = 0;
  /** False once nothing more may be written. */
  open = true;
  /** True from a short or lent write to `drain`. */
  blocked = false;

  /** Sends to `raw` with memory from `pool`. */
  constructor(raw: RawConn, pool: BufferPool) {
    this.#raw = raw;
    this.#pool = pool;
  }

  /** The scratch of this turn; whole messages only. */
  get scratch(): WriteBuffer {
    return this.#scratch ?? this.#takeScratch();
  }

  /** How many bytes wait for the adapter. */
  get pendingBytes(): number {
    return this.#chained + (this.#scratch === undefined ? 0 : this.#scratch.pos);
  }

  /** True once so much waits that it should go on its way. */
  get full(): boolean {
    return this.pendingBytes >= PUSH_BYTES;
  }

  /** Adds a chain of nodes at the end; it is the outbox's from here on, and all of it is ready to be sent. */
  append(nodes: LinkNode | undefined): void {
    for (let node = nodes; node !== undefined;) {
      const { next } = node;
      this.#add(node);
      node = next;
    }
  }

  /** Hands the adapter as much as it takes. While `blocked`, only keeps the scratch from growing. */
  push(): void {
    if (this.#first !== undefined && !this.blocked) this.#pushChain();
    const scratch = this.#scratch;
    if (scratch === undefined) return;
    if (this.blocked) {
      if (scratch.pos >= PUSH_BYTES) this.#seal();
      return;
    }
    const count = scratch.pos;
    this.#scratch = undefined;
    this.#lastBytes = count;
    if (count === 0 || this.#writeScratch(scratch, count)) this.#pool.giveScratch(scratch);
  }

  /** The adapter has room again, and gave back what was lent. */
  drained(): void {
    this.blocked = false;
    if (this.#lentScratch !== undefined) this.#pool.giveScratch(this.#lentScratch);
    if (this.#lentNode !== undefined) this.#pool.freeNode(this.#lentNode);
    this.#lentScratch = this.#lentNode = undefined;
    this.push();
  }

  /** Forgets everything; memory that the adapter may still read is left to it. */
  clear(): void {
    if (this.#scratch !== undefined) this.#pool.giveScratch(this.#scratch);
    this.#scratch =
      this.#lentScratch =
      this.#lentNode =
      this.#first =
      this.#last =
        undefined;
    this.#chained = 0;
    this.blocked = true;
  }

  #takeScratch(): WriteBuffer {
    return this.#scratch = this.#pool.takeScratch(this.#lastBytes);
  }

  /** True if all was taken and the buffer is free again. Else the rest is kept, or the buffer remembered as lent. */
  #writeScratch(scratch: WriteBuffer, count: number): boolean {
    const taken = this.#raw.write(scratch.written());
    if (taken === count && !this.#raw.lent) return true;
    this.blocked = true;
    if (taken === count) this.#lentScratch = scratch;
    else this.#linkScratch(scratch, taken);
    return false;
  }

  #pushChain(): void {
    this.#seal();
    for (let node = this.#first; node !== undefined && !this.blocked; node = this.#first) {
      const length = node.flushed - node.read;
      if (length >= JOIN_BYTES || length === this.#chained) this.#writeNode(node);
      else this.#writeJoined(node);
    }
  }

  #writeNode(node: LinkNode): void {
    const bytes = node.view(node.read, node.flushed);
    const taken = this.#raw.write(bytes);
    if (this.#raw.lent) {
      this.blocked = true;
      this.#lentNode = node.refer(node.read, node.read + taken);
    }
    this.#took(taken, bytes.length);
  }

  #writeJoined(first: LinkNode): void {
    const count = Math.min(this.#chained, PUSH_BYTES);
    const joined = this.#pool.takeScratch(count);
    joined.reserve(count);
    let at = 0;
    for (let node: LinkNode | undefined = first; node !== undefined && at < count; node = node.next) {
      const to = Math.min(node.flushed, node.read + count - at);
      joined.bytes.set(node.bytes.subarray(node.read, to), at);
      at += to - node.read;
    }
    const taken = this.#raw.write(joined.bytes.subarray(0, count));
    if (this.#raw.lent) {
      this.blocked = true;
      this.#lentScratch = joined;
    } else this.#pool.giveScratch(joined);
    this.#took(taken, count);
  }

  /** Of `offered` bytes of the chain `taken` are gone; if these are fewer, there is no room for more. */
  #took(taken: number, offered: number): void {
    if (taken < offered) this.blocked = true;
    this.#chained -= taken;
    let left = taken;
    let node = this.#first;
    for (; node !== undefined && left >= node.flushed - node.read; node = this.#first) {
      left -= node.flushed - node.read;
      this.#first = node.next;
      this.#pool.freeNode(node);
    }
    if (node === undefined) this.#last = undefined;
    else node.read += left;
  }

  /** Links the scratch to the end of the chain, if there is anything in it. */
  #seal(): void {
    const scratch = this.#scratch;
    if (scratch === undefined || scratch.pos === 0) return;
    this.#scratch = undefined;
    this.#linkScratch(scratch, 0);
  }

  #linkScratch(scratch: WriteBuffer, from: number): void {
    const node = linkedNode(scratch.bytes, from, scratch.pos);
    node.scratch = scratch;
    this.#link(node);
  }

  /** A node keeps its whole memory alive, so what is a small part of it is copied. */
  #add(node: LinkNode): void {
    const count = node.flushed - node.read;
    if (count * 4 >= node.bytes.length) {
      this.#seal();
      return this.#link(node);
    }
    const { scratch } = this;
    scratch.reserve(count);
    scratch.bytes.set(node.bytes.subarray(node.read, node.flushed), scratch.pos);
    scratch.pos += count;
    this.#pool.freeNode(node);
  }

  #link(node: LinkNode): void {
    node.next = undefined;
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#chained += node.flushed - node.read;
  }
}
