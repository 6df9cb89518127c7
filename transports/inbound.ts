/**
 * The receiving half of a connection whose runtime calls back: brings what the runtime reports into the order and under
 * the rules of `RawSink`, whenever it comes.
 *
 * The one thing to know: runtimes deliver bytes, ends and closes a little after they were asked to pause, or before
 * anybody listens. Those bytes are kept here, and what comes after them waits for them.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { RawSink } from "../lib/io/raw.ts";
import { abortReason } from "./address.ts";

/** What can stop and start the delivery below. */
export interface Flow {
  /** Asks for no more bytes. */
  pause(): void;
  /** Asks for bytes again. */
  resume(): void;
}

/** From a runtime's events to a sink; not delivering until it is started. */
export class Inbound {
  readonly #flow: Flow;
  #sink: RawSink | undefined;
  readonly #kept: Uint8Array[] = [];
  #paused = true;
  #pauseAsked = false;
  #ended = false;
  #endTold = false;
  #shut = false;
  #gone = false;
  #closeTold = false;
  #reason: unknown;

  /** Delivers from what `flow` controls, which must be paused now. */
  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** True once the runtime's socket is gone. */
  get gone(): boolean {
    return this.#gone;
  }

  /** True once this side closed or aborted. */
  get shut(): boolean {
    return this.#shut;
  }

  /** Begins delivery, unless a pause was asked for before. */
  start(sink: RawSink): void {
    this.#sink = sink;
    if (this.#shut) this.#tellClose();
    else if (!this.#pauseAsked) this.resume();
  }

  /** Stops the delivery of chunks. */
  pause(): void {
    this.#paused = this.#pauseAsked = true;
    if (!this.#gone) this.#flow.pause();
  }

  /** Delivers what is kept, then goes on. */
  resume(): void {
    this.#pauseAsked = false;
    if (this.#sink === undefined || this.#shut) return;
    this.#paused = false;
    while (this.#kept.length > 0 && !this.#paused) this.#sink.chunk(this.#kept.shift()!, true);
    if (this.#kept.length === 0) {
      this.#tellEnd();
      this.#tellClose();
    }
    if (!this.#paused && !this.#gone) this.#flow.resume();
  }

  /** Bytes came; they are kept if nobody wants them now. */
  chunk(bytes: Uint8Array, owned: boolean): void {
    if (this.#shut) return;
    if (!this.#paused) return this.#sink!.chunk(bytes, owned);
    this.#kept.push(owned ? bytes : bytes.slice());
    this.#flow.pause();
  }

  /** Takes bytes that were read before there was a connection. */
  putBack(bytes: Uint8Array): void {
    this.#kept.push(bytes);
  }

  /** The peer's FIN came. */
  end(): void {
    this.#ended = true;
    if (this.#kept.length === 0) this.#tellEnd();
  }

  /** Something is wrong; `close` follows and tells it. The first reason counts. */
  fail(cause: unknown): void {
    this.#reason ??= RpcError.from(cause);
  }

  /** There is room again, or a lent buffer came back. */
  drain(): void {
    if (!this.#shut) this.#sink?.drain();
  }

  /** The socket is gone. What came before is still delivered if it ended well. */
  close(): void {
    if (this.#gone) return;
    this.#gone = true;
    if (this.#reason !== undefined || this.#shut) this.#kept.length = 0;
    // Some runtimes say so from inside of the call that closed, where the sink must not be called.
    if (this.#shut) queueMicrotask(() => this.#tellClose());
    else if (this.#kept.length === 0) this.#tellClose();
  }

  /** This side closes or, with a reason, aborts: nothing but `close` is told any more. */
  shutDown(aborted: boolean, reason?: unknown): void {
    if (aborted) this.#reason ??= abortReason(reason);
    this.#shut = true;
    this.#kept.length = 0;
    if (this.#gone) queueMicrotask(() => this.#tellClose());
  }

  #tellEnd(): void {
    if (!this.#ended || this.#endTold || this.#shut || this.#sink === undefined) return;
    this.#endTold = true;
    this.#sink.end();
  }

  #tellClose(): void {
    if (!this.#gone || this.#closeTold || this.#sink === undefined) return;
    this.#closeTold = true;
    this.#sink.close(this.#reason);
  }
}
