/**
 * The content of a request or response as it comes: an async iterable of chunks, with flow control by who reads it.
 *
 * What came and was not read lies in one piece; the peer may send more only as it is read. So a body that nobody reads
 * costs one window and no more.
 *
 * @module
 */
import type { RpcError } from "../errors.ts";
import { ByteQueue } from "../io/byte_queue.ts";
import type { HttpBody, HttpFields } from "./message.ts";
import { MAX_BODY_BYTES, wholeBody } from "./whole_body.ts";

/** What a body tells its stream. */
export interface BodySource {
  /** So many octets were read: the peer may send as many more. */
  consumed(count: number): void;
  /** The reader has left before the end. */
  left(): void;
}

/** Content that comes. Reads must not overlap. */
export class IncomingBody implements HttpBody {
  /** Trailers, once the body was read to its end; `undefined` if there were none. */
  trailers: HttpFields | undefined = undefined;
  readonly #source: BodySource;
  readonly #queue = new ByteQueue();
  #ended = false;
  #left = false;
  #error: RpcError | undefined;
  #wake: (() => void) | undefined;

  /** Made with the stream it belongs to. */
  constructor(source: BodySource) {
    this.#source = source;
  }

  /** The stream's: content came. */
  push(bytes: Uint8Array, start: number, end: number): void {
    if (this.#left) return this.#source.consumed(end - start);
    this.#queue.append(bytes, start, end);
    this.#wake?.();
  }

  /** The stream's: no more will come. */
  end(trailers?: HttpFields): void {
    this.#ended = true;
    this.trailers = trailers;
    this.#wake?.();
  }

  /** The stream's: it broke. What came before can still be read. */
  fail(error: RpcError): void {
    if (!this.#ended) this.#error ??= error;
    this.#wake?.();
  }

  /** All that came since the last time, as memory of its own; `null` at the end. Rejects if the stream broke. */
  async next(): Promise<Uint8Array | null> {
    while (this.#queue.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
    const { bytes, start, end } = this.#queue;
    // The queue gives its memory up, so this is the reader's.
    this.#queue.clear();
    this.#source.consumed(end - start);
    return bytes.subarray(start, end);
  }

  /** The whole body. Rejects with kind `"protocol"` when it is longer than `maxBytes`; default 4 MiB. */
  bytes(maxBytes: number = MAX_BODY_BYTES): Promise<Uint8Array> {
    return wholeBody(this, maxBytes);
  }

  /** The chunks. Who leaves early tells the peer that no more is wanted. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let chunk; (chunk = await this.next()) !== null;) yield chunk;
    } finally {
      this.leave();
    }
  }

  /** The reader wants no more. Twice is fine. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    if (this.#queue.length > 0) this.#source.consumed(this.#queue.length);
    this.#queue.clear();
    if (!this.#ended && this.#error === undefined) this.#source.left();
  }
}
