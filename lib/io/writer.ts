/**
 * Writing to a connection in two steps: build the message, then `flush`.
 *
 * Flushes of one turn leave in one write. Large payloads are linked, not copied.
 *
 * @module
 */
import type { LinkBuffer } from "./link_buffer.ts";
import type { LinkNode } from "./link_node.ts";

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

/** What a writer needs of its connection. */
export interface WriteTarget {
  /** Throws once nothing more may be written. */
  checkWritable(): void;
  /** Takes nodes over and sends them at the end of the turn; gives a promise while too much waits. */
  send(nodes: LinkNode | undefined): void | Promise<void>;
}

/** The writer of a connection. */
export class BufferedWriter implements Writer {
  readonly #buffer: LinkBuffer;
  readonly #target: WriteTarget;

  /** Builds messages in `buffer`, which is the writer's alone, for `target` to send. */
  constructor(buffer: LinkBuffer, target: WriteTarget) {
    this.#buffer = buffer;
    this.#target = target;
  }

  get mallocLen(): number {
    return this.#buffer.mallocLen;
  }

  malloc(n: number): Uint8Array {
    return this.#open().malloc(n);
  }

  reserve(n: number): Uint8Array {
    return this.#open().reserve(n);
  }

  commit(n: number): void {
    this.#open().commit(n);
  }

  mallocAck(n: number): void {
    this.#open().mallocAck(n);
  }

  writeByte(byte: number): void {
    this.#open().writeByte(byte);
  }

  writeString(text: string): number {
    return this.#open().writeString(text);
  }

  writeBinary(bytes: Uint8Array): number {
    return this.#open().writeBinary(bytes);
  }

  writeDirect(bytes: Uint8Array, remain = 0): void {
    this.#open().writeDirect(bytes, remain);
  }

  append(buffer: LinkBuffer): void {
    this.#open().append(buffer);
  }

  flush(): void | Promise<void> {
    return this.#target.send(this.#buffer.takeNodes());
  }

  /** The buffer, as long as it can be sent. */
  #open(): LinkBuffer {
    this.#target.checkWritable();
    return this.#buffer;
  }
}
