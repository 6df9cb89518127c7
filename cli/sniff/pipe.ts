/**
 * One direction of a proxied connection: hands bytes on unchanged, and stops reading while they are not taken.
 *
 * @module
 */
import type { RawConn } from "../../lib/io/raw.ts";

/** Hands on what `from` sends to `to`. */
export class Pipe {
  readonly #from: RawConn;
  readonly #to: RawConn;
  readonly #waiting: Uint8Array[] = [];
  #ended = false;
  #paused = false;

  constructor(from: RawConn, to: RawConn) {
    this.#from = from;
    this.#to = to;
  }

  /** Bytes came from `from`; copied if they are not `owned`. */
  chunk(bytes: Uint8Array, owned: boolean): void {
    this.#waiting.push(owned ? bytes : bytes.slice());
    this.#flush();
  }

  /** `from` will send no more. */
  end(): void {
    this.#ended = true;
    this.#flush();
  }

  /** `to` can take more. */
  drain(): void {
    this.#flush();
  }

  #flush(): void {
    const waiting = this.#waiting;
    while (waiting.length > 0 && !this.#to.lent) {
      const bytes = waiting[0]!;
      const taken = this.#to.write(bytes);
      if (taken < bytes.length) {
        waiting[0] = bytes.subarray(taken);
        break;
      }
      waiting.shift();
    }
    if (waiting.length > 0) {
      if (!this.#paused) this.#from.pause();
      this.#paused = true;
      return;
    }
    if (this.#ended) return this.#to.closeWrite();
    if (this.#paused) {
      this.#paused = false;
      this.#from.resume();
    }
  }
}
