/**
 * Writing to a connection in two steps: build the message, then `flush`.
 *
 * Flushes of one turn leave in one write. Large payloads are linked, not copied.
 *
 * @module
 */
import type { LinkBuffer } from "./link_buffer.ts";
import type { Outbox } from "./outbox.ts";

/** The output of a connection. Writing to a closed one throws an `RpcError` of kind `transport`. */
export interface Writer {
  /** How many bytes are written and not flushed. */
  readonly mallocLen: number;
  /** Room for `n` bytes, counted as written: fill it before `flush`, never after. */
  malloc(n: number): Uint8Array;
  /** Room for up to `n` bytes; `commit` says how many were used. */
  reserve(n: number): Uint8Array;
  /** Counts the first `n` bytes of the last `reserve` as written. */
  commit(n: number): void;
  /** Keeps the first `n` bytes written since the last flush and drops the others. */
  mallocAck(n: number): void;
  /** Writes one byte. */
  writeByte(byte: number): void;
  /** Writes text as UTF-8; gives the number of bytes. */
  writeString(text: string): number;
  /** Writes bytes; above 4096 they are linked, not copied: leave them unchanged until they are sent. Gives their number. */
  writeBinary(bytes: Uint8Array): number;
  /** Links `bytes` before the last `remain` bytes written. Leave them unchanged until they are sent. */
  writeDirect(bytes: Uint8Array, remain?: number): void;
  /** Moves all of `buffer` to the end, without copying; it is empty afterwards. */
  append(buffer: LinkBuffer): void;
  /**
   * Sends what is written, together with whatever else is flushed in this turn. Gives a promise only when more waits
   * than the high-water mark: it resolves under the low one, and rejects with kind `transport` or `timeout` if the
   * connection ends first. Any number of flushes may wait.
   */
  flush(): void | Promise<void>;
}

/** The writer of a connection. */
export class BufferedWriter implements Writer {
  readonly #out: Outbox;
  readonly #send: () => void | Promise<void>;
  readonly #closedError: () => Error;

  /** Writes to the chain of `out`; `send` has it sent at the end of the turn, `closedError` says why it cannot be. */
  constructor(out: Outbox, send: () => void | Promise<void>, closedError: () => Error) {
    this.#out = out;
    this.#send = send;
    this.#closedError = closedError;
  }

  get mallocLen(): number {
    return this.#out.mallocLen;
  }

  malloc(n: number): Uint8Array {
    return this.#chain().malloc(n);
  }

  reserve(n: number): Uint8Array {
    return this.#chain().reserve(n);
  }

  commit(n: number): void {
    this.#chain().commit(n);
  }

  mallocAck(n: number): void {
    this.#chain().mallocAck(n);
  }

  writeByte(byte: number): void {
    this.#chain().writeByte(byte);
  }

  writeString(text: string): number {
    return this.#chain().writeString(text);
  }

  writeBinary(bytes: Uint8Array): number {
    return this.#chain().writeBinary(bytes);
  }

  writeDirect(bytes: Uint8Array, remain = 0): void {
    this.#chain().writeDirect(bytes, remain);
  }

  append(buffer: LinkBuffer): void {
    this.#chain().append(buffer);
  }

  flush(): void | Promise<void> {
    return this.#send();
  }

  #chain(): LinkBuffer {
    if (!this.#out.open) throw this.#closedError();
    return this.#out.chain;
  }
}
