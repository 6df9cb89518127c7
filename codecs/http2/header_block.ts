/**
 * A header block that comes in more than one frame: HEADERS, then CONTINUATIONs, with nothing in between.
 *
 * Blocks of one frame never get here. Its size and the number of its frames are limited, so that a peer that never ends a
 * block is cut off instead of collected.
 *
 * Spec: RFC 9113 §4.3, §6.10, §10.5.1.
 *
 * @module
 */
import { ByteQueue } from "../../lib/io/byte_queue.ts";
import { ErrorCode, Http2Error } from "./errors.ts";
import type { Frame } from "./frame.ts";

/** Collects one block at a time. */
export class HeaderBlock {
  /** The stream whose block is being collected; 0 if none is. */
  streamId = 0;
  /** Did the HEADERS frame have END_STREAM? */
  endStream = false;
  /** What was wrong with the HEADERS frame: its `fault`. */
  fault = 0;
  /** What came so far. */
  readonly bytes: ByteQueue = new ByteQueue();
  readonly #maxBytes: number;
  readonly #maxFrames: number;
  #frames = 0;

  /** Allows `maxBytes` in a block and `maxFrames` CONTINUATION frames. */
  constructor(maxBytes: number, maxFrames: number) {
    this.#maxBytes = maxBytes;
    this.#maxFrames = maxFrames;
  }

  /** HEADERS without END_HEADERS came. */
  begin(bytes: Uint8Array, frame: Frame, endStream: boolean): void {
    this.streamId = frame.streamId;
    this.endStream = endStream;
    this.fault = frame.fault;
    this.#frames = 0;
    this.#append(bytes, frame);
  }

  /** A CONTINUATION came. */
  add(bytes: Uint8Array, frame: Frame): void {
    if (++this.#frames > this.#maxFrames) {
      throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, `more than ${this.#maxFrames} CONTINUATION frames`);
    }
    this.#append(bytes, frame);
  }

  /** The block was taken. */
  clear(): void {
    this.streamId = 0;
    this.bytes.clear();
  }

  #append(bytes: Uint8Array, frame: Frame): void {
    if (this.bytes.length + frame.end - frame.start > this.#maxBytes) {
      throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, `header block of over ${this.#maxBytes} octets`);
    }
    this.bytes.append(bytes, frame.start, frame.end);
  }
}
