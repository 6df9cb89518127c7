/**
 * Sends what an iterable gives, one message after the other, as fast as the target takes them.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { quiet } from "../../io/settler.ts";

/** Where a pump's messages go. Exactly one of `finished`, `failed` and `released` is called, once. */
export interface PumpTarget {
  /** Takes a message; a promise if it takes the next one later. May throw or reject. */
  send(message: unknown): void | Promise<void>;
  /** The source came to its end, and all of it was sent. */
  finished(): void;
  /** The source failed, or a message could not be sent; then the source was left. */
  failed(error: unknown): void;
  /** The pump was stopped, and the source has ended what it did. */
  released(): void;
}

/** Sends messages of a source until it ends or the pump is stopped. Reads nothing before the target took what came. */
export class Pump {
  readonly #target: PumpTarget;
  #iterator: AsyncIterator<unknown> | undefined = undefined;
  #stopped = false;
  #over = false;

  /** Begins at once. */
  constructor(source: AsyncIterable<unknown>, target: PumpTarget) {
    this.#target = target;
    void this.#run(source);
  }

  /** Sends nothing more, and leaves the source. */
  stop(): void {
    if (this.#over || this.#stopped) return;
    this.#stopped = true;
    // An iterator without a `return` that still waits may wait for ever: nothing more can be told to it.
    leave(this.#iterator, () => this.#release());
  }

  async #run(source: AsyncIterable<unknown>): Promise<void> {
    const target = this.#target;
    let sourceFailed = true;
    try {
      const iterator = this.#iterator = source[Symbol.asyncIterator]();
      for (;;) {
        const result = await iterator.next();
        if (this.#stopped) return this.#release();
        if (result.done) break;
        sourceFailed = false;
        const taken = target.send(result.value);
        if (taken !== undefined) await taken;
        if (this.#stopped) return; // whoever stopped it left the source too
        sourceFailed = true;
      }
    } catch (error) {
      if (this.#stopped) return this.#release();
      this.#over = true;
      if (sourceFailed) target.failed(error);
      else leave(this.#iterator, () => target.failed(error));
      return;
    }
    this.#over = true;
    target.finished();
  }

  #release(): void {
    if (this.#over) return;
    this.#over = true;
    this.#target.released();
  }
}

/** A source of messages as the async iterable that a call's arguments and outcome have. Throws kind `"invalid"` for others. */
export function messagesOf(source: unknown, what: string): AsyncIterable<unknown> {
  if (typeof source === "object" && source !== null) {
    if (Symbol.asyncIterator in source) return source as AsyncIterable<unknown>;
    if (Symbol.iterator in source) return new AsyncFromSync(source as Iterable<unknown>);
  }
  throw new RpcError("invalid", `${what} is no AsyncIterable and no Iterable`);
}

/** Leaves a source that nobody will read. */
export function leaveSource(source: AsyncIterable<unknown>): void {
  try {
    leave(source[Symbol.asyncIterator](), () => {});
  } catch {
    // It cannot even be begun: there is nothing to leave.
  }
}

class AsyncFromSync implements AsyncIterableIterator<unknown> {
  readonly #source: Iterable<unknown>;
  #iterator: Iterator<unknown> | undefined = undefined;

  constructor(source: Iterable<unknown>) {
    this.#source = source;
  }

  async next(): Promise<IteratorResult<unknown>> {
    this.#iterator ??= this.#source[Symbol.iterator]();
    const { done, value } = this.#iterator.next();
    return done ? { done: true, value: undefined } : { done: false, value: await value };
  }

  return(): Promise<IteratorResult<unknown>> {
    return new Promise((resolve) => {
      this.#iterator?.return?.();
      resolve({ done: true, value: undefined });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Calls `return` of an iterator; `then` runs when that is over, whether well or not. */
function leave(iterator: AsyncIterator<unknown> | undefined, then: () => void): void {
  let left: unknown;
  try {
    left = iterator?.return?.();
  } catch {
    // The source is left all the same: whatever it failed with is of no use to anyone.
  }
  quiet(Promise.resolve(left).then(then, then));
}
