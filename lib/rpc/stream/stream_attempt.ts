/**
 * One try of a streaming call on one connection: opens the stream, sends the caller's messages, and ends with the stream,
 * the deadline, an abort, or when the reader leaves.
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

  #recvTimeout(): RpcError {
    const { service, method, recvTimeoutMs } = this.#call;
    return new RpcError("timeout", `${service.name}.${method.name} got no message for ${recvTimeoutMs} ms`);
  }

  #giveUp(error: RpcError): void {
    if (!this.#settle()) return;
    this.#stream?.fail(error);
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
