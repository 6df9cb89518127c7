/**
 * The call that is being served, where code that was not given it can find it: so that what a handler calls in turn belongs
 * to the same chain without its passing anything on.
 *
 * @module
 */
import type { Call } from "./call.ts";
import { isPromise } from "./middleware.ts";
import { messagesOf } from "./stream/pump.ts";

/** Keeps a call for all that is started while it is served. */
export interface AsyncContext {
  /** Runs `fn`; in it, and in all it starts, `current` gives `call`. */
  run<T>(call: Call, fn: () => T): T;
  /** The call being served, or `undefined` outside of any. It may be kept only from the first time on that this is asked. */
  current(): Call | undefined;
}

/** True if there is something that calls made for this one have to take over. */
export function hasContext(call: Call): boolean {
  return call.deadline !== Infinity || call.metaIfAny !== undefined;
}

/**
 * Runs the handler of a call, with all that is around it, so that `call` is current in it. A source of messages makes them when it
 * is asked, and not before: they are made so too, whether the handler gives the source or a promise of it, as it does
 * behind any middleware that is an async function.
 */
export function runInContext(context: AsyncContext, call: Call, fn: () => unknown): unknown {
  const outcome = context.run(call, fn);
  const { streaming } = call.method;
  if (streaming !== "server" && streaming !== "bidi") return outcome;
  const wrap = (source: unknown): unknown => isSource(source) ? new SourceInContext(context, call, source) : source;
  return isPromise(outcome) ? Promise.resolve(outcome).then(wrap) : wrap(outcome);
}

type Source = AsyncIterable<unknown> | Iterable<unknown>;

function isSource(value: unknown): value is Source {
  return typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

class SourceInContext implements AsyncIterable<unknown> {
  readonly #context: AsyncContext;
  readonly #call: Call;
  readonly #source: Source;

  constructor(context: AsyncContext, call: Call, source: Source) {
    this.#context = context;
    this.#call = call;
    this.#source = source;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const context = this.#context;
    const call = this.#call;
    const iterator = context.run(call, () => messagesOf(this.#source, "messages")[Symbol.asyncIterator]());
    const { return: leave } = iterator;
    return {
      next: () => context.run(call, () => iterator.next()),
      ...(leave === undefined ? {} : { return: (value) => context.run(call, () => leave.call(iterator, value)) }),
    };
  }
}
