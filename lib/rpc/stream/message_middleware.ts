/**
 * Middleware for single messages: `send` and `recv`, on either side.
 *
 * @module
 */
import type { Call } from "../call.ts";
import { isPromise, type Middleware } from "../middleware.ts";
import { messagesOf } from "./pump.ts";

/**
 * Looks at a message of a call, and gives the one that goes on in its place: the same, another, or a promise of either.
 * What it throws ends the call.
 */
export type MessageStep = (message: unknown, call: Call) => unknown;

/**
 * Runs `step` on every message that this side sends in a call that streams: a client's requests, a server's responses.
 * Calls that do not stream pass by.
 */
export function send(step: MessageStep): Middleware {
  return onMessages("client", step);
}

/**
 * Runs `step` on every message that this side receives in a call that streams: a client's responses, a server's requests.
 * Calls that do not stream pass by.
 */
export function recv(step: MessageStep): Middleware {
  return onMessages("server", step);
}

/** Requests pass on their way in on the side `requestsOn`, responses on their way out on the other one. */
function onMessages(requestsOn: Call["side"], step: MessageStep): Middleware {
  return (next) => (call) => {
    const { streaming } = call.method;
    if (streaming === "unary") return next(call);
    if (call.side !== requestsOn) return mapOutcome(next(call), call, streaming !== "client", step);
    const [key] = Object.keys(call.args);
    if (key === undefined) return next(call);
    if (streaming === "server") {
      const message = step(call.args[key], call);
      return isPromise(message)
        ? Promise.resolve(message).then((value) => next(call.with({ args: { [key]: value } })))
        : next(call.with({ args: { [key]: message } }));
    }
    const messages = messagesOf(call.args[key], `argument ${key} of ${call.method.name}`);
    return next(call.with({ args: { [key]: new MappedMessages(messages, call, step) } }));
  };
}

function mapOutcome(outcome: unknown, call: Call, many: boolean, step: MessageStep): unknown {
  if (isPromise(outcome)) return Promise.resolve(outcome).then((value) => mapOutcome(value, call, many, step));
  if (!many) return step(outcome, call);
  return new MappedMessages(messagesOf(outcome, `the outcome of ${call.method.name}`), call, step);
}

/** Messages with a step run on each. One that the step refuses ends them: the source is left. */
class MappedMessages implements AsyncIterableIterator<unknown> {
  readonly #source: AsyncIterable<unknown>;
  readonly #call: Call;
  readonly #step: MessageStep;
  #iterator: AsyncIterator<unknown> | undefined = undefined;

  constructor(source: AsyncIterable<unknown>, call: Call, step: MessageStep) {
    this.#source = source;
    this.#call = call;
    this.#step = step;
  }

  async next(): Promise<IteratorResult<unknown>> {
    const iterator = this.#iterator ??= this.#source[Symbol.asyncIterator]();
    const result = await iterator.next();
    if (result.done) return result;
    try {
      return { done: false, value: await this.#step(result.value, this.#call) };
    } catch (error) {
      await iterator.return?.();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown>> {
    const iterator = this.#iterator ??= this.#source[Symbol.asyncIterator]();
    await iterator.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
