/**
 * Memory that connections use for a moment and give back: scratch for encoding, nodes for bytes that wait.
 *
 * On V8 a new array of some KiB costs microseconds, so these are kept, up to a cap for each size. What is handed out is
 * not cleared. A pool belongs to whoever made it (a server, a client), never to a module.
 *
 * @module
 */
import { LinkNode } from "./link_node.ts";
import { WriteBuffer } from "./write_buffer.ts";

/** Settings of a pool. */
export interface BufferPoolOptions {
  /** True overwrites what is given back with 0xDD, so that tests notice who still uses it. Default `false`. */
  readonly poison?: boolean;
  /** How many 8 KiB scratch buffers are kept. Default 1024. */
  readonly scratchCount?: number;
}

const SCRATCH_BYTES = 8 * 1024;
const LARGE_SCRATCH_BYTES = 64 * 1024;
const LARGE_SCRATCH_COUNT = 32;
const BLOCK_BYTES = [4 * 1024, 8 * 1024, 16 * 1024, 64 * 1024] as const;
/** 1 MiB of each size, 2 MiB of the largest. */
const BLOCK_COUNTS = [256, 128, 64, 32] as const;

/** Scratch buffers and nodes for reuse; holds at most 16 MiB with the defaults. */
export class BufferPool {
  readonly #poison: boolean;
  readonly #scratchCount: number;
  readonly #scratch: WriteBuffer[] = [];
  readonly #largeScratch: WriteBuffer[] = [];
  readonly #nodes: LinkNode[][] = [[], [], [], []];

  /** Makes an empty pool. */
  constructor(options: BufferPoolOptions = {}) {
    this.#poison = options.poison ?? false;
    this.#scratchCount = options.scratchCount ?? 1024;
  }

  /** A buffer to encode into, empty; `expectedBytes` chooses between small (8 KiB) and large (64 KiB) ones. */
  takeScratch(expectedBytes = 0): WriteBuffer {
    if (expectedBytes <= SCRATCH_BYTES) return this.#scratch.pop() ?? new WriteBuffer(SCRATCH_BYTES);
    return this.#largeScratch.pop() ?? new WriteBuffer(Math.max(LARGE_SCRATCH_BYTES, expectedBytes));
  }

  /** Takes a scratch buffer back; nobody may use it from here on. Of other sizes than the pool's it is let go. */
  giveScratch(scratch: WriteBuffer): void {
    const size = scratch.bytes.length;
    if (this.#poison) scratch.bytes.fill(0xdd);
    scratch.pos = 0;
    if (size === SCRATCH_BYTES) {
      if (this.#scratch.length < this.#scratchCount) this.#scratch.push(scratch);
    } else if (size >= LARGE_SCRATCH_BYTES && size <= 2 * LARGE_SCRATCH_BYTES) {
      if (this.#largeScratch.length < LARGE_SCRATCH_COUNT) this.#largeScratch.push(scratch);
    }
  }

  /** An empty node with at least `size` bytes of any content: 4, 8, 16 or 64 KiB, or exactly `size` above that. */
  takeNode(size: number): LinkNode {
    const index = sizeClass(size);
    const kept = index < 0 ? undefined : this.#nodes[index]!.pop();
    if (kept !== undefined) {
      kept.reset();
      return kept;
    }
    const bytes = new Uint8Array(index < 0 ? size : BLOCK_BYTES[index]!);
    const node = new LinkNode(bytes, 0, 0, bytes.length);
    node.pooled = true;
    return node;
  }

  /** Takes a node back that leaves a chain; its memory returns here when no other node uses it. */
  freeNode(node: LinkNode): void {
    node.next = undefined;
    const origin = node.origin ?? node;
    if (--origin.refs > 0) return;
    const { scratch } = origin;
    origin.scratch = undefined;
    if (scratch !== undefined) this.giveScratch(scratch);
    else if (origin.pooled) this.giveNode(origin);
  }

  /** Takes a node of `takeNode` back; nobody may use it or its memory from here on. */
  giveNode(node: LinkNode): void {
    if (this.#poison) node.bytes.fill(0xdd);
    const index = sizeClass(node.bytes.length);
    if (index < 0) return;
    const nodes = this.#nodes[index]!;
    if (nodes.length < BLOCK_COUNTS[index]!) nodes.push(node);
  }
}

function sizeClass(size: number): number {
  return size <= 4096 ? 0 : size <= 8192 ? 1 : size <= 16384 ? 2 : size <= 65536 ? 3 : -1;
}
