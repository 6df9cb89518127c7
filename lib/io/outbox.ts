/**
 * What a connection has to send: one scratch buffer that messages are encoded into, behind it (in order, before it) a
 * chain for what `Writer` built and what the adapter would not take yet.
 *
 * In the usual turn the chain does not exist: the scratch is written in one piece and goes back to the pool.
 *
 * @module
 */
import type { BufferPool } from "./buffer_pool.ts";
import { LinkBuffer } from "./link_buffer.ts";
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
  #chain: LinkBuffer | undefined;
  /** A buffer the adapter still reads. */
  #lentScratch: WriteBuffer | undefined;
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

  /** The chain, ready to be written to: what the scratch holds is linked in before. */
  get chain(): LinkBuffer {
    const chain = this.#chain ??= new LinkBuffer(this.#pool);
    if (this.#scratch !== undefined && this.#scratch.pos > 0) this.#seal(chain);
    return chain;
  }

  /** How many bytes wait for the adapter. */
  get pendingBytes(): number {
    return (this.#chain === undefined ? 0 : this.#chain.len) + (this.#scratch === undefined ? 0 : this.#scratch.pos);
  }

  /** True once so much waits that it should go on its way. */
  get full(): boolean {
    return this.pendingBytes >= PUSH_BYTES;
  }

  /** How many bytes are written to the chain and not ready to be sent. */
  get mallocLen(): number {
    return this.#chain === undefined ? 0 : this.#chain.mallocLen;
  }

  /** Counts what was written to the chain as ready to be sent. */
  flushChain(): void {
    if (this.#chain !== undefined && this.#chain.mallocLen > 0) this.#chain.flush();
  }

  /** Hands the adapter as much as it takes. While `blocked`, only keeps the scratch from growing. */
  push(): void {
    if (this.blocked) {
      if (this.#scratch !== undefined && this.#scratch.pos >= PUSH_BYTES) {
        this.#seal(this.#chain ??= new LinkBuffer(this.#pool));
      }
      return;
    }
    if (this.#chain !== undefined && this.#chain.len > 0) {
      this.#pushChain(this.#chain);
      if (this.blocked) return;
    }
    const scratch = this.#scratch;
    if (scratch === undefined) return;
    const count = scratch.pos;
    this.#scratch = undefined;
    this.#lastBytes = count;
    if (count > 0 && !this.#writeScratch(scratch, count)) return;
    this.#pool.giveScratch(scratch);
  }

  /** The adapter has room again, and gave back what was lent. */
  drained(): void {
    this.blocked = false;
    const lent = this.#lentScratch;
    this.#lentScratch = undefined;
    if (lent !== undefined) this.#pool.giveScratch(lent);
    this.#chain?.release();
    this.push();
  }

  /** Forgets everything; memory the adapter may still read is left to it. */
  clear(): void {
    if (this.#scratch !== undefined) this.#pool.giveScratch(this.#scratch);
    this.#scratch = this.#lentScratch = undefined;
    this.#chain?.abandon();
    this.blocked = true;
  }

  #takeScratch(): WriteBuffer {
    const scratch = this.#pool.takeScratch(this.#lastBytes);
    this.#scratch = scratch;
    return scratch;
  }

  /** Links the scratch to the end of the chain. */
  #seal(chain: LinkBuffer): void {
    chain.feedScratch(this.#scratch!, 0);
    this.#scratch = undefined;
  }

  /** True if all was taken and the buffer is free again. Else the rest is kept, or the buffer remembered as lent. */
  #writeScratch(scratch: WriteBuffer, count: number): boolean {
    const taken = this.#raw.write(scratch.written());
    if (taken === count && !this.#raw.lent) return true;
    this.blocked = true;
    if (taken === count) this.#lentScratch = scratch;
    else (this.#chain ??= new LinkBuffer(this.#pool)).feedScratch(scratch, taken);
    return false;
  }

  #pushChain(chain: LinkBuffer): void {
    if (this.#scratch !== undefined && this.#scratch.pos > 0 && chain.mallocLen === 0) this.#seal(chain);
    while (chain.len > 0 && !this.blocked) {
      const front = chain.front();
      if (front.length >= JOIN_BYTES || front.length === chain.len) this.#writeFront(chain, front);
      else this.#writeJoined(chain);
    }
    // What is lent lies in nodes that must stay until the adapter has read them.
    if (!this.#raw.lent) chain.release();
  }

  #writeFront(chain: LinkBuffer, front: Uint8Array): void {
    const taken = this.#raw.write(front);
    if (taken < front.length || this.#raw.lent) this.blocked = true;
    chain.skip(taken);
  }

  #writeJoined(chain: LinkBuffer): void {
    const count = Math.min(chain.len, PUSH_BYTES);
    const joined = this.#pool.takeScratch(count);
    joined.reserve(count);
    chain.copyTo(joined.bytes, 0, count);
    const taken = this.#raw.write(joined.bytes.subarray(0, count));
    chain.skip(taken);
    if (this.#raw.lent) this.#lentScratch = joined;
    else this.#pool.giveScratch(joined);
    if (taken < count || this.#raw.lent) this.blocked = true;
  }
}
