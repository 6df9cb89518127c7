/**
 * How a client makes calls as streams: those of methods that stream, and all of a protocol that knows nothing else.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { TimerWheel } from "../../io/timer_wheel.ts";
import type { Call } from "../call.ts";
import type { StreamCaller } from "../client_core.ts";
import type { Route } from "../connections.ts";
import { LinkedList } from "../linked_list.ts";
import { type BegunCall, Replies } from "./replies.ts";
import { StreamAttempt } from "./stream_attempt.ts";

/** Makes calls as streams. */
export class StreamCalls implements StreamCaller {
  readonly #calls: Route;
  /** How methods that stream go; `undefined` if they cannot. */
  readonly #streams: Route | undefined;
  readonly #wheel: TimerWheel;
  readonly #attempts = new LinkedList<StreamAttempt>();

  /** `calls` is the way of calls with one answer, `streams` that of methods that stream; `undefined` if there is none. */
  constructor(calls: Route, streams: Route | undefined, wheel: TimerWheel) {
    this.#calls = calls;
    this.#streams = streams;
    this.#wheel = wheel;
  }

  takes({ method }: Call): boolean {
    if (method.streaming !== "unary") return true;
    const { streams = false, sends = false } = this.#calls.protocol;
    return streams && !sends;
  }

  open(call: Call): Promise<unknown> {
    const route = call.method.streaming === "unary" ? this.#calls : this.#streams;
    if (route === undefined) return Promise.reject(this.#cannotStream(call));
    return new StreamAttempt(call, route.pool, this.#wheel, this.#attempts).open();
  }

  messages(begin: () => BegunCall): AsyncIterable<unknown> {
    return new Replies(begin);
  }

  abort(error: RpcError): void {
    for (const attempt of this.#attempts.all()) attempt.aborted(error);
  }

  #cannotStream({ method }: Call): RpcError {
    const { name } = this.#calls.protocol;
    const text = `${method.name} streams, which ${name} cannot carry: give the client a protocol for \`streaming\``;
    return new RpcError("unimplemented", text);
  }
}
