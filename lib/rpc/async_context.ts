/**
 * The call that is being served, where code that was not given it can find it: so that what a handler calls in turn belongs
 * to the same chain without its passing anything on.
 *
 * @module
 */
import type { Call } from "./call.ts";

/** Keeps a call for all that is started while it is served. */
export interface AsyncContext {
  /** Runs `fn`; in it, and in all it starts, `current` gives `call`. */
  run<T>(call: Call, fn: () => T): T;
  /** The call being served, or `undefined` outside of any. */
  current(): Call | undefined;
}

/** True if there is something that calls made for this one have to take over. */
export function hasContext(call: Call): boolean {
  return call.deadline !== Infinity || call.metaIfAny !== undefined;
}

/** Is it a source of messages that makes them when it is asked? */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Messages whose making sees `call` as current too: a generator's body runs when it is asked, not when it is called. */
export function inContext(context: AsyncContext, call: Call, messages: AsyncIterable<unknown>): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<unknown> {
      const source = context.run(call, () => messages[Symbol.asyncIterator]());
      const { return: leave } = source;
      return {
        next: () => context.run(call, () => source.next()),
        ...(leave === undefined ? {} : { return: (value) => context.run(call, () => leave.call(source, value)) }),
      };
    },
  };
}
