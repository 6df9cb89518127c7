/**
 * A piece of memory in a chain of `LinkBuffer`, and the unit that `BufferPool` keeps.
 *
 * @module
 */
import type { WriteBuffer } from "./write_buffer.ts";

/** Payloads longer than this are linked in instead of being copied. */
export const LINK_BYTES = 4096;

/** `read..flushed` can be read, `flushed..end` is written, `end..limit` is free. */
export class LinkNode {
  /** The memory; another node may use other parts of it. */
  readonly bytes: Uint8Array;
  /** First byte not read. */
  read: number;
  /** First byte that cannot be read yet. */
  flushed: number;
  /** First byte not written. */
  end: number;
  /** Where the room for writing ends. */
  limit: number;
  /** The following node. */
  next: LinkNode | undefined = undefined;
  /** The node that the memory belongs to, if it is another one. */
  origin: LinkNode | undefined = undefined;
  /** How many nodes use this one's memory, itself included. */
  refs = 1;
  /** True for memory of the pool. */
  pooled = false;
  /** The scratch that the memory belongs to, if it is one. */
  scratch: WriteBuffer | undefined = undefined;
  #view: Uint8Array | undefined = undefined;

  /** A node whose bytes `from..end` are written and not flushed, with room up to `limit`. */
  constructor(bytes: Uint8Array, from: number, end: number, limit: number) {
    this.bytes = bytes;
    this.read = from;
    this.flushed = from;
    this.end = end;
    this.limit = limit;
  }

  /** Makes a node that comes from the pool as good as new. */
  reset(): void {
    this.read = this.flushed = this.end = 0;
    this.limit = this.bytes.length;
    this.next = undefined;
    this.refs = 1;
  }

  /** Bytes `from..to`; the same object again for the same length from the start, since making one is not cheap. */
  view(from: number, to: number): Uint8Array {
    if (from !== 0) return this.bytes.subarray(from, to);
    if (to === this.bytes.length) return this.bytes;
    const view = this.#view;
    if (view !== undefined && view.length === to) return view;
    return this.#view = this.bytes.subarray(0, to);
  }

  /** A node over part of this one's memory, all of it readable, without room. */
  refer(from: number, to: number): LinkNode {
    const node = linkedNode(this.bytes, from, to);
    node.origin = this.origin ?? this;
    node.origin.refs++;
    return node;
  }
}

/** A node of bytes that are somebody's: all readable, with no room; nobody may change them before it is consumed. */
export function linkedNode(bytes: Uint8Array, from = 0, to: number = bytes.length): LinkNode {
  const node = new LinkNode(bytes, from, to, to);
  node.flushed = to;
  return node;
}
