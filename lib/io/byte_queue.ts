/**
 * Bytes that wait, in one piece of memory: what a stream cannot send yet, or a message that arrives in small frames.
 *
 * Appending copies. However small the pieces are, they cost their bytes and nothing more, so that a peer that sends single
 * octets cannot make this side keep an object for each.
 *
 * @module
 */

const MIN_BYTES = 256;
/** So few bytes are copied one by one. */
const FEW_BYTES = 16;
const NO_BYTES = new Uint8Array(0);

/** A queue of bytes. */
export class ByteQueue {
  /** The memory; what waits lies from `start` to `end`. Replaced by `append`. */
  bytes: Uint8Array = NO_BYTES;
  /** First byte that waits. */
  start = 0;
  /** After the last byte that waits. */
  end = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.end - this.start;
  }

  /** Copies the bytes of `from` between `start` (default 0) and `end` (default all) to the end of the queue. */
  append(from: Uint8Array, start = 0, end: number = from.length): void {
    const count = end - start;
    if (this.bytes.length - this.end < count) this.#makeRoom(count);
    if (count <= FEW_BYTES) {
      // A view for each octet that comes by itself would be the most of what it costs.
      for (let i = start; i < end; i++) this.bytes[this.end++] = from[i]!;
      return;
    }
    this.bytes.set(start === 0 && end === from.length ? from : from.subarray(start, end), this.end);
    this.end += count;
  }

  /** Drops the first `count` bytes, at most `length`. When none are left the memory is given up. */
  drop(count: number): void {
    this.start += count;
    if (this.start === this.end) this.clear();
  }

  /** Drops everything. */
  clear(): void {
    this.bytes = NO_BYTES;
    this.start = this.end = 0;
  }

  #makeRoom(count: number): void {
    const length = this.length;
    const room = this.bytes.length;
    // Moving to the front is worth it when at least half is free, else it would be done again and again.
    if (length + count > room || length > room / 2) {
      const next = new Uint8Array(Math.max(MIN_BYTES, length + count, length * 2));
      next.set(this.bytes.subarray(this.start, this.end));
      this.bytes = next;
    } else {
      this.bytes.copyWithin(0, this.start, this.end);
    }
    this.start = 0;
    this.end = length;
  }
}
