/**
 * What a call has to send, read by whoever carries it.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { joinBytes } from "../../lib/io/join_bytes.ts";

/** So much waits before who sends has to. */
const HIGH_BYTES = 64 * 1024;

/** Content, from a call to its connection. */
export class Outgoing implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #left: () => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #over = false;
  #wake: (() => void) | undefined;
  #waits: { readonly resolve: () => void; readonly reject: (error: RpcError) => void }[] = [];

  /** `left` is called once if the reader leaves before the end. */
  constructor(left: () => void) {
    this.#left = left;
  }

  /** Adds content. Gives a promise only while too much waits: it rejects if the reader leaves. */
  push(bytes: Uint8Array): void | Promise<void> {
    if (this.#over) return;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#wake?.();
    if (this.#bytes <= HIGH_BYTES) return;
    return new Promise((resolve, reject) => this.#waits.push({ resolve, reject }));
  }

  /** That was all. */
  end(): void {
    this.#over = true;
    this.#wake?.();
  }

  /** All that waits, in one piece. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (this.#bytes === 0 && !this.#over) await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = undefined;
    if (this.#bytes === 0) return { done: true, value: undefined };
    const value = this.#take();
    for (const { resolve } of this.#waits.splice(0)) resolve();
    return { done: false, value };
  }

  /** The reader leaves. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const early = !this.#over;
    this.#over = true;
    this.#take();
    const error = new RpcError("canceled", "the caller left");
    for (const { reject } of this.#waits.splice(0)) reject(error);
    this.#wake?.();
    if (early) this.#left();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Itself: it can be read once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Uint8Array {
    const chunks = this.#chunks;
    const [first] = chunks;
    const bytes = chunks.length === 1 && first !== undefined ? first : joinBytes(chunks, this.#bytes);
    this.#chunks = [];
    this.#bytes = 0;
    return bytes;
  }
}
