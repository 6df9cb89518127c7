/**
 * A growable byte buffer that encoders write into directly: `bytes`, `view` and `pos` are theirs to use.
 *
 * Generated code reserves room once per run of fixed-size fields and then stores by index, so that an encoded byte
 * costs one store. `bytes` and `view` may be replaced by `reserve`: read them again after every call that may grow.
 *
 * @module
 */

/** Bytes under construction. */
export class WriteBuffer {
  /** The memory; valid bytes are `0..pos`. Replaced when it grows. */
  bytes: Uint8Array;
  /** A view of all of `bytes`. Replaced with it. */
  view: DataView;
  /** Where the next byte goes. */
  pos = 0;
  /** What `written` gave last. */
  #view: Uint8Array | undefined = undefined;

  /** Begins with room for `capacity` bytes; default 8192. */
  constructor(capacity = 8192) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes; what is written so far stays. */
  reserve(count: number): void {
    if (this.bytes.length - this.pos < count) this.#grow(count);
  }

  /** The bytes written so far, as a view that the next write may change. */
  written(): Uint8Array {
    // Messages of one length often follow each other, and making a view costs more than sending a small one in place.
    const view = this.#view;
    if (view !== undefined && view.length === this.pos) return view;
    return this.#view = this.bytes.subarray(0, this.pos);
  }

  #grow(count: number): void {
    const next = new Uint8Array(Math.max(this.bytes.length * 2, this.pos + count));
    next.set(this.bytes.subarray(0, this.pos));
    this.bytes = next;
    this.view = new DataView(next.buffer);
    this.#view = undefined;
  }
}
