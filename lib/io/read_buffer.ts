/**
 * What decoders read from: a stretch of bytes, a view of them, and a position. All three are the decoder's to use.
 *
 * The memory is borrowed. Whoever gives it must not change it before the next `reset`; decoders copy what they keep.
 *
 * @module
 */

/** Bytes being read. */
export class ReadBuffer {
  /** The bytes given to `reset`. */
  bytes: Uint8Array = NOTHING;
  /** A view whose offsets are the indexes of `bytes`. It may reach further than they do. */
  view: DataView = NO_VIEW;
  /** Where `pos` began. */
  start = 0;
  /** Index of the next byte to read. */
  pos = 0;
  /** Index after the last byte that may be read. */
  end = 0;

  /** How many structs and containers may nest. Default 64. */
  maxDepth = 64;
  /** How many elements one container may have. Default 16 Mi. */
  maxContainerSize: number = 16 * 1024 * 1024;
  /** How many bytes one string or binary may have. Default 16 MiB. */
  maxStringBytes: number = 16 * 1024 * 1024;
  /** How many structs and containers may be elements of containers between two calls of `reset`. Default 1 Mi. */
  maxNested: number = 1024 * 1024;
  /** How many of those are left; readers count it down. */
  nestedLeft: number = this.maxNested;

  /** Part of `bytes` as text, one char a byte: from `textStart` to `textEnd`. Belongs to `readText`. */
  text = "";
  /** Where `text` begins. */
  textStart = 0;
  /** Where `text` ends; 0 if there is none. */
  textEnd = 0;

  /** Reads `bytes` from `start` (default 0) to `end` (default all), which must lie within; gives itself. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      const { buffer, byteOffset } = bytes;
      if (this.view.buffer !== buffer || this.view.byteOffset !== byteOffset) {
        this.view = new DataView(buffer, byteOffset);
      }
    }
    this.start = start;
    this.pos = start;
    this.end = end;
    this.textEnd = 0;
    this.nestedLeft = this.maxNested;
    return this;
  }
}

const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);
