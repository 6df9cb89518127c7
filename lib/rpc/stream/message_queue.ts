/**
 * Messages that came and were not read yet: what `for await` reads a stream from.
 *
 * Nothing here bounds how much comes: the protocol does, by what it hears through `credit`.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Timer, TimerWheel } from "../../io/timer_wheel.ts";
import { type Linked, LinkedList } from "../linked_list.ts";

/** Whose queue it is. */
export interface QueueOwner {
  /** Nothing more will come. Called once at most, when the end comes in, not when it is read. */
  ended(): void;
  /** The reader left before the end, and what comes from here on is dropped. Called once at most. */
  left(): void;
  /** The stream failed where nobody can have seen it: true if it will be begun again, so that this is no end. Default: it is. */
  recover?(reason: RpcError): boolean;
}

/** Hears how much was read, so that the peer may send as much again. */
export interface Credit {
  /** Messages of so many bytes were read, or dropped. */
  consumed(bytes: number): void;
}

class Item implements Linked<Item> {
  previous: Item | undefined = undefined;
  next: Item | undefined = undefined;
  readonly value: unknown;
  readonly bytes: number;

  constructor(value: unknown, bytes: number) {
    this.value = value;
    this.bytes = bytes;
  }
}

class Waiter implements Linked<Waiter> {
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: unknown) => void;

  constructor(resolve: (result: IteratorResult<unknown, undefined>) => void, reject: (error: unknown) => void) {
    this.resolve = resolve;
    this.reject = reject;
  }
}

/**
 * One direction of a stream, from the wire to one reader. `next` may be called again before it settled: the answers keep
 * the order of the calls.
 */
export class MessageQueue<T = unknown> implements AsyncIterableIterator<T, undefined> {
  /** Hears of what was read; set by the protocol. */
  credit: Credit | undefined = undefined;
  readonly #owner: QueueOwner;
  readonly #items = new LinkedList<Item>();
  readonly #waiters = new LinkedList<Waiter>();
  #bytes = 0;
  /** Nothing more comes. */
  #closed = false;
  /** The reader wants nothing more. */
  #left = false;
  /** Given to the reader once, after what is buffered. */
  #error: { readonly reason: unknown } | undefined = undefined;
  #patience: { readonly wheel: TimerWheel; readonly ms: number; readonly lost: () => void } | undefined = undefined;
  #timer: Timer | undefined = undefined;

  /** Begins empty and open. */
  constructor(owner: QueueOwner) {
    this.#owner = owner;
  }

  /** Bytes of the messages that wait to be read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True once nothing more comes: the stream ended, or its reader left. */
  get closed(): boolean {
    return this.#closed || this.#left;
  }

  /** Lets a reader wait at most `ms` milliseconds for a message; `lost` is called when one waited longer. */
  limitWait(wheel: TimerWheel, ms: number, lost: () => void): void {
    this.#patience = { wheel, ms, lost };
  }

  /** A message came, `bytes` long on the wire. After the end, or if the reader left, it is dropped. */
  push(value: T, bytes: number): void {
    if (this.closed) return this.credit?.consumed(bytes);
    const waiter = this.#takeWaiter();
    if (waiter === undefined) {
      this.#items.add(new Item(value, bytes));
      this.#bytes += bytes;
    } else {
      waiter.resolve({ done: false, value });
      this.credit?.consumed(bytes);
    }
  }

  /** The stream ended well. The first ending counts. */
  end(): void {
    this.#close(undefined);
  }

  /** The stream failed; the reader gets what is buffered, then the error. The first ending counts. */
  fail(reason: unknown): void {
    this.#close({ reason });
  }

  /** For protocols: the stream failed where its server cannot have seen it. False if it is to `fail`, true if it will be begun again. */
  recover(reason: RpcError): boolean {
    return !this.closed && (this.#owner.recover?.(reason) ?? false);
  }

  /** Ends the stream here: drops what is buffered, the reader gets the error next. No effect once it left. */
  abort(reason: unknown): void {
    if (this.#left) return;
    if (this.#closed) this.#error = { reason };
    this.#drop();
    this.#close({ reason });
  }

  /** The next message. Rejects once with what the stream failed with; after the end, `done` is true. */
  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.first;
    if (item !== undefined) {
      this.#items.delete(item);
      this.#bytes -= item.bytes;
      this.credit?.consumed(item.bytes);
      return Promise.resolve({ done: false, value: item.value as T });
    }
    if (this.closed) return this.#afterEnd();
    return new Promise((resolve, reject) => {
      this.#waiters.add(new Waiter(resolve as (result: IteratorResult<unknown, undefined>) => void, reject));
      if (this.#waiters.size === 1) this.#startWaiting();
    });
  }

  /** Leaves the stream: what is buffered is dropped, and what still comes. */
  return(): Promise<IteratorResult<T, undefined>> {
    if (!this.#left) {
      this.#left = true;
      this.#error = undefined;
      this.#drop();
      this.#settleWaiters((waiter) => waiter.resolve({ done: true, value: undefined }));
      if (!this.#closed) this.#owner.left();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Leaves the stream if it is not over. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Itself: a stream can be read once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #close(error: { readonly reason: unknown } | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#left) return this.#owner.ended();
    this.#error = error;
    const first = error === undefined ? undefined : this.#takeWaiter();
    if (first !== undefined) {
      first.reject(error!.reason);
      this.#error = undefined;
    }
    this.#settleWaiters((waiter) => waiter.resolve({ done: true, value: undefined }));
    this.#owner.ended();
  }

  #afterEnd(): Promise<IteratorResult<T, undefined>> {
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error.reason);
  }

  #drop(): void {
    const bytes = this.#bytes;
    for (let item = this.#items.first; item !== undefined; item = this.#items.first) this.#items.delete(item);
    this.#bytes = 0;
    if (bytes > 0) this.credit?.consumed(bytes);
  }

  #takeWaiter(): Waiter | undefined {
    const waiter = this.#waiters.first;
    if (waiter === undefined) return undefined;
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) this.#startWaiting();
    else this.#stopWaiting();
    return waiter;
  }

  #settleWaiters(settle: (waiter: Waiter) => void): void {
    for (let waiter = this.#takeWaiter(); waiter !== undefined; waiter = this.#takeWaiter()) settle(waiter);
  }

  #startWaiting(): void {
    const patience = this.#patience;
    if (patience === undefined) return;
    const untilMs = patience.wheel.clock.now() + patience.ms;
    if (this.#timer === undefined) this.#timer = patience.wheel.add(untilMs, patience.lost);
    else patience.wheel.restart(this.#timer, untilMs);
  }

  #stopWaiting(): void {
    if (this.#timer !== undefined) this.#patience?.wheel.cancel(this.#timer);
  }
}

/**
 * The only message of a direction that has one, once the stream ended well. `what` names it in errors.
 * Rejects with what the stream failed with, or with kind `"protocol"` if there was none or more than one.
 */
export async function onlyMessage<T>(queue: MessageQueue<T>, what: string): Promise<T> {
  const first = await queue.next();
  if (first.done) throw new RpcError("protocol", `${what} ended without a message`);
  const second = await queue.next();
  if (second.done) return first.value;
  await queue.return();
  throw new RpcError("protocol", `${what} sent more than one message`);
}
