/**
 * One try of a streaming call on one connection: opens the stream, sends the caller's messages, and ends with the stream,
 * the deadline, an abort, or when the reader leaves. A stream that its server provably did not see goes on on another connection.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { Settler } from "../../io/settler.ts";
import type { Timer, TimerWheel } from "../../io/timer_wheel.ts";
import { acquire } from "../acquire.ts";
import type { AbortListener, Call } from "../call.ts";
import type { Linked, LinkedList } from "../linked_list.ts";
import type { Pool } from "../pool.ts";
import type { ClientSession, WireStream } from "../protocol.ts";
import { isUnseen, MAX_AGAIN } from "../unseen.ts";
import { MessageQueue, onlyMessage, type QueueOwner } from "./message_queue.ts";
import { messagesOf, Pump, type PumpTarget } from "./pump.ts";

/** One try of a streaming call. */
export class StreamAttempt implements AbortListener, QueueOwner, PumpTarget, Linked<StreamAttempt> {
  previous: StreamAttempt | undefined = undefined;
  next: StreamAttempt | undefined = undefined;
  readonly #call: Call;
  readonly #pool: Pool;
  readonly #wheel: TimerWheel;
  readonly #all: LinkedList<StreamAttempt>;
  readonly #messages: MessageQueue;
  readonly #opening = new Settler();
  #session: ClientSession | undefined = undefined;
  #stream: WireStream | undefined = undefined;
  #pump: Pump | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #again = 0;
  /** The call while it looks for another connection. */
  #moving: Call | undefined = undefined;
  #over = false;

  /** `all` holds every attempt under way. */
  constructor(call: Call, pool: Pool, wheel: TimerWheel, all: LinkedList<StreamAttempt>) {
    this.#call = call;
    this.#pool = pool;
    this.#wheel = wheel;
    this.#all = all;
    this.#messages = new MessageQueue(this);
  }

  /**
   * Begins; once. Gives what the call's handler gives: the messages of a server that streams, as soon as the stream is open,
   * else the one message. Rejects with whatever kept it from that.
   */
  async open(): Promise<unknown> {
    const { service, method } = this.#call;
    this.#all.add(this);
    try {
      this.#start();
      this.#connect().then(() => this.#opening.resolve(), (error) => this.#giveUp(RpcError.from(error, "connect")));
    } catch (error) {
      this.#giveUp(RpcError.from(error));
    }
    await this.#opening.promise;
    if (method.streaming === "server" || method.streaming === "bidi") return this.#messages;
    return await onlyMessage(this.#messages, `${service.name}.${method.name}`);
  }

  /** The call was ended early. */
  aborted(reason: RpcError): void {
    this.#giveUp(reason);
  }

  /** The stream is over; what came may still be read. */
  ended(): void {
    if (this.#settle()) this.#release();
    this.#opening.resolve();
  }

  /** The reader wants nothing more. */
  left(): void {
    this.#giveUp(new RpcError("canceled", "the reader left the stream"));
  }

  /** The stream failed unseen: it goes on elsewhere, unless that came too often. */
  recover(reason: RpcError): boolean {
    if (this.#over || !isUnseen(reason) || this.#again >= MAX_AGAIN) return false;
    void this.#goOn(reason);
    return true;
  }

  /** Sends a message of the caller. */
  send(message: unknown): void | Promise<void> {
    return this.#stream?.send(message);
  }

  /** The caller sent all messages. */
  finished(): void {
    if (!this.#over) this.#stream?.end();
  }

  /** The caller's messages failed, or one could not be sent: the call is given up with that. */
  failed(error: unknown): void {
    this.#giveUp(RpcError.from(error, "canceled"));
  }

  /** The caller's messages were left. */
  released(): void {
    // The stream was over before: nobody waits for this.
  }

  #start(): void {
    const { deadline, clock, recvTimeoutMs } = this.#call;
    this.#call.onAbort(this);
    if (this.#call.reason !== undefined) throw this.#call.reason;
    if (deadline !== Infinity) {
      if (deadline <= clock.now()) throw this.#call.timeoutError();
      this.#timer = this.#wheel.add(deadline, () => this.#giveUp(this.#call.timeoutError()));
    }
    if (recvTimeoutMs > 0) {
      this.#messages.limitWait(this.#wheel, recvTimeoutMs, () => this.#giveUp(this.#recvTimeout()));
    }
  }

  async #connect(): Promise<void> {
    const { method, args } = this.#call;
    const [key = ""] = Object.keys(args);
    const sends = method.streaming === "client" || method.streaming === "bidi";
    const requests = sends ? messagesOf(args[key], `argument ${key} of ${method.name}`) : undefined;
    const found = acquire(this.#pool, this.#call);
    const session = found instanceof Promise ? await found : found;
    if (this.#over) return this.#pool.release(session, true);
    this.#session = session;
    if (session.openStream === undefined) {
      throw new RpcError("unimplemented", `${method.name} streams, which the client's protocol cannot carry`);
    }
    const stream = this.#stream = session.openStream(this.#call, this.#messages);
    this.#messages.credit = stream;
    if (requests !== undefined) {
      const pump = this.#pump = new Pump(requests, this);
      if (this.#over) pump.stop(); // its source ended the call in its first step
      return;
    }
    await stream.send(args[key]);
    if (!this.#over) stream.end();
  }

  /** Begins the stream again: where another instance may take the call there, else at the same address. */
  async #goOn(reason: RpcError): Promise<void> {
    await null; // the session that reports this is in the middle of its end
    if (this.#over) return;
    const lost = this.#session;
    this.#session = undefined;
    if (lost !== undefined) this.#pool.release(lost, false);
    while (!this.#over) {
      this.#again++;
      try {
        this.#moving = this.#call.with({});
        const call = this.#call.ready ? await this.#moving.elsewhere(reason) : this.#call;
        const session = await acquire(this.#pool, call);
        if (this.#over) return this.#pool.release(session, true);
        this.#session = session;
        session.openStream!(call, this.#messages, this.#stream);
        return;
      } catch (error) {
        if (!isUnseen(error) || this.#again >= MAX_AGAIN) return this.#giveUp(RpcError.from(error, "connect"));
        if (this.#session !== undefined) this.#pool.release(this.#session, false);
        this.#session = undefined;
      }
    }
  }

  #recvTimeout(): RpcError {
    const { service, method, recvTimeoutMs } = this.#call;
    return new RpcError("timeout", `${service.name}.${method.name} got no message for ${recvTimeoutMs} ms`);
  }

  #giveUp(error: RpcError): void {
    if (!this.#settle()) return;
    this.#stream?.fail(error);
    this.#moving?.abort(error);
    this.#release();
    this.#messages.abort(error);
    this.#opening.reject(error);
  }

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#all.delete(this);
    this.#call.offAbort(this);
    if (this.#timer !== undefined) this.#wheel.cancel(this.#timer);
    this.#pump?.stop();
    return true;
  }

  /** Last of all: the pool may close a connection that no stream is on. */
  #release(): void {
    if (this.#session !== undefined) this.#pool.release(this.#session, true);
  }
}
