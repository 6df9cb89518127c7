/**
 * What a caller of a streaming method holds: the server's messages, as an iterable.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Call } from "../call.ts";
import { isPromise } from "../middleware.ts";
import { messagesOf } from "./pump.ts";

/** A call that was made, and what its handler gave. */
export interface BegunCall {
  /** The call. */
  readonly call: Call;
  /** An iterable of messages, or a promise of one. */
  readonly outcome: unknown;
  /** Lets go of what the call holds on to; called once, when the caller has seen the end. */
  readonly over: (() => void) | undefined;
}

/**
 * The messages of a call that is made when the first one is asked for: one that nobody reads costs nothing, and holds up
 * nobody else's. Leaving the loop ends the call.
 */
export class Replies implements AsyncIterableIterator<unknown, undefined> {
  #begin: (() => BegunCall) | undefined;
  #call: Call | undefined = undefined;
  #over: (() => void) | undefined = undefined;
  #opening: Promise<AsyncIterator<unknown>> | undefined = undefined;
  #messages: AsyncIterator<unknown> | undefined = undefined;

  /** `begin` makes the call; it is called once, or never. */
  constructor(begin: () => BegunCall) {
    this.#begin = begin;
  }

  /** The next message. Rejects once with what the call failed with; after the end, `done` is true. */
  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#messages !== undefined) return this.#observed(this.#messages.next());
    if (this.#opening === undefined) {
      if (this.#begin === undefined) return Promise.resolve({ done: true, value: undefined });
      this.#opening = this.#open(this.#begin);
      this.#begin = undefined;
    }
    const opening = this.#opening;
    return this.#observed(opening.then((messages) => {
      if (this.#opening === opening) this.#messages = messages;
      return messages.next();
    }));
  }

  /** Ends the call; without effect after its end. */
  async return(): Promise<IteratorResult<unknown, undefined>> {
    const opening = this.#opening;
    const messages = this.#messages;
    this.#begin = this.#opening = this.#messages = undefined;
    this.#letGo();
    if (messages !== undefined) await messages.return?.();
    else if (opening !== undefined) {
      this.#call?.abort(new RpcError("canceled", "the reader left the stream"));
      await opening.then((late) => late.return?.(), () => {}); // whoever asked for a message got the error
    }
    return { done: true, value: undefined };
  }

  /** Ends the call; without effect after its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Itself: a call can be read once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  async #open(begin: () => BegunCall): Promise<AsyncIterator<unknown>> {
    const { call, outcome, over } = begin();
    this.#call = call;
    this.#over = over;
    const { service, method } = call;
    const messages = isPromise(outcome) ? await outcome : outcome;
    return messagesOf(messages, `the outcome of ${service.name}.${method.name}`)[Symbol.asyncIterator]();
  }

  /** A step of the call; if it holds on to something, its end is looked out for. */
  #observed(step: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown, undefined>> {
    if (this.#messages !== undefined && this.#over === undefined) {
      return step as Promise<IteratorResult<unknown, undefined>>;
    }
    return step.then((result) => {
      if (result.done) this.#end();
      return result as IteratorResult<unknown, undefined>;
    }, (error) => {
      this.#end();
      throw error;
    });
  }

  #end(): void {
    this.#letGo();
    if (this.#messages !== undefined) return;
    this.#begin = this.#opening = undefined; // it never was open: there is nothing to ask any more
  }

  #letGo(): void {
    const over = this.#over;
    this.#over = undefined;
    over?.();
  }
}
