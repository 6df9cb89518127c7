/**
 * Lets the streams of a connection write in turn while its peer is behind: a message waits as a value, not as bytes, and of
 * each stream one at most.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { Connection } from "../../../lib/io/connection.ts";
import { quiet } from "../../../lib/io/settler.ts";
import { type Linked, LinkedList } from "../../../lib/rpc/linked_list.ts";

/** With no more than this waiting to be sent, writes are left to the end of the turn. */
const FEW_BYTES = 64 * 1024;

class Waiting implements Linked<Waiting> {
  previous: Waiting | undefined = undefined;
  next: Waiting | undefined = undefined;
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;

  constructor(write: () => void, resolve: () => void, reject: (error: unknown) => void) {
    this.write = write;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** The turns of one connection. */
export class SendGate {
  readonly #conn: Connection;
  readonly #waiting = new LinkedList<Waiting>();
  #shut = false;

  /** Begins open. */
  constructor(conn: Connection) {
    this.#conn = conn;
  }

  /** True while writes have to wait for their turn. */
  get shut(): boolean {
    return this.#shut;
  }

  /** Something was written: looks whether the peer keeps up. */
  wrote(): void {
    if (this.#shut || this.#conn.pendingBytes <= FEW_BYTES) return;
    const drained = this.#conn.flush();
    if (drained === undefined) return;
    this.#shut = true;
    drained.then(() => this.#open(), () => this.#open());
  }

  /** Calls `write` when its turn comes. Rejects with what it throws, or if the connection is gone. */
  wait(write: () => void): Promise<void> {
    return quiet(
      new Promise<void>((resolve, reject) => {
        this.#waiting.add(new Waiting(write, resolve, reject));
      }),
    );
  }

  #open(): void {
    this.#shut = false;
    const gone = this.#conn.closed;
    for (let next = this.#waiting.first; next !== undefined && !this.#shut; next = this.#waiting.first) {
      this.#waiting.delete(next);
      if (gone) next.reject(new RpcError("transport", "the connection was closed"));
      else this.#write(next);
    }
  }

  #write({ write, resolve, reject }: Waiting): void {
    try {
      write();
      resolve();
    } catch (error) {
      reject(error);
    }
    this.wrote();
  }
}
