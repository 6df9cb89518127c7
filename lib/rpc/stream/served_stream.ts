/**
 * One call of a server as a stream: collects what the caller sends, runs the handler, sends what it gives. A call that does
 * not stream is one message each way, so a protocol that carries streams needs nothing else.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Timer } from "../../io/timer_wheel.ts";
import type { Ticket } from "../admission.ts";
import { Call, type CallInit } from "../call.ts";
import type { MethodEntry } from "../method_table.ts";
import { isPromise } from "../middleware.ts";
import { whenEnded } from "../outcome.ts";
import type { ServerHost, WireStream } from "../protocol.ts";
import { MessageQueue, type QueueOwner } from "./message_queue.ts";
import { leaveSource, messagesOf, Pump, type PumpTarget } from "./pump.ts";

/** What a session knows of a call when its stream begins. */
export type ServedStreamInit = Pick<CallInit, "deadline" | "peer" | "meta" | "caller">;

/** One call of a server as a stream. What happens on the wire is told to it; what it does goes to its `WireStream`. */
export class ServedStream implements QueueOwner, PumpTarget {
  readonly #host: ServerHost;
  readonly #entry: MethodEntry;
  readonly #init: ServedStreamInit;
  readonly #wire: WireStream;
  readonly #done: () => void;
  readonly #key: string;
  #queue: MessageQueue | undefined = undefined;
  #call: Call | undefined = undefined;
  #pump: Pump | undefined = undefined;
  #timer: Timer | undefined = undefined;
  /** Of a call that was taken by limits. */
  #ticket: Ticket | undefined = undefined;
  /** The wire is done with. */
  #over = false;
  /** The handler runs, or what it gave is read. */
  #running = false;
  /** The host counts it among those that run. */
  #counted = false;

  /**
   * Makes one; then `start`. `done` is called once, when the stream is over and the handler too: until then it takes one of
   * the places that a connection has, also if its caller has long gone.
   */
  constructor(host: ServerHost, entry: MethodEntry, init: ServedStreamInit, wire: WireStream, done: () => void) {
    this.#host = host;
    this.#entry = entry;
    this.#init = init;
    this.#wire = wire;
    this.#done = done;
    this.#key = entry.method.args.fields[0]?.key ?? "";
  }

  /** What the handler has not read; `undefined` if the caller does not stream. */
  get queue(): MessageQueue | undefined {
    return this.#queue;
  }

  /** Begins; once. Runs the handler now if the caller streams, else when its message is there. */
  start(): void {
    const { streaming } = this.#entry.method;
    const { deadline = Infinity } = this.#init;
    const { wheel } = this.#host;
    if (!this.#admitted()) return;
    if (deadline !== Infinity) this.#timer = wheel.add(deadline, () => this.#expire());
    if (streaming !== "client" && streaming !== "bidi") return;
    this.#queue = new MessageQueue(this);
    this.#queue.credit = this.#wire;
    this.#run({ [this.#key]: this.#queue });
  }

  /** A message of the caller came, `bytes` long on the wire. */
  push(message: unknown, bytes: number): void {
    if (this.#queue !== undefined) return this.#queue.push(message, bytes);
    this.#wire.consumed(bytes);
    if (this.#over) return;
    if (this.#call === undefined) this.#run(this.#key === "" ? {} : { [this.#key]: message });
    else this.refuse(new RpcError("protocol", `${this.#name} takes one message, and more came`));
  }

  /** The caller sends no more. */
  end(): void {
    if (this.#queue !== undefined) this.#queue.end();
    else if (this.#call === undefined && !this.#over) {
      this.refuse(new RpcError("protocol", `${this.#name} takes one message, and none came`));
    }
  }

  /** What the caller sent cannot be taken: it is told so, and the handler hears of it by its signal. */
  refuse(error: RpcError): void {
    if (this.#over) return;
    this.#host.refused(error);
    this.abort(error);
  }

  /** Ends the call from this side: its caller is told of the error, its handler hears of it by its signal. */
  abort(error: RpcError): void {
    if (this.#over) return;
    this.#wire.fail(error);
    this.cancel(error);
  }

  /** The caller is gone, or gave the call up. The handler hears of it by its signal; nothing is sent. */
  cancel(error: RpcError): void {
    if (this.#over) return;
    this.#close();
    this.#queue?.abort(error);
    this.#call?.abort(error);
    this.#pump?.stop();
    this.#settle();
  }

  /** All that the caller sends is here. */
  ended(): void {
    // The handler finds out when it reads.
  }

  /** The handler reads no more of what the caller sends; it still answers. */
  left(): void {
    // What comes is dropped by the queue.
  }

  /** Sends a message of the handler. */
  send(message: unknown): void | Promise<void> {
    return this.#wire.send(message);
  }

  /** The handler gave all its messages. */
  finished(): void {
    this.#running = false;
    this.#succeed();
  }

  /** The handler's messages failed. */
  failed(error: unknown): void {
    this.#running = false;
    this.#fail(error);
  }

  /** The handler's messages were left. */
  released(): void {
    this.#running = false;
    this.#settle();
  }

  /** Asks whether the call is taken, and answers it if not. */
  #admitted(): boolean {
    const { admission, wheel } = this.#host;
    if (admission === undefined) return true;
    const { service, method } = this.#entry;
    const { caller, deadline = Infinity, meta } = this.#init;
    const ticket = admission.admit({ service, method, caller, deadline, clock: wheel.clock, metaIfAny: meta });
    if (ticket instanceof RpcError) this.abort(ticket);
    else this.#ticket = ticket;
    return this.#ticket !== undefined;
  }

  get #name(): string {
    return `${this.#entry.service.name}.${this.#entry.method.name}`;
  }

  #run(args: Record<string, unknown>): void {
    const { service, method } = this.#entry;
    const { clock } = this.#host.wheel;
    const call = this.#call = new Call({ ...this.#init, service, method, args, side: "server", clock });
    let outcome: unknown;
    this.#running = true;
    try {
      outcome = this.#host.run(this.#entry, call);
    } catch (error) {
      return this.failed(error);
    }
    this.#counted = method.streaming !== "unary" || isPromise(outcome);
    if (isPromise(outcome)) whenEnded(outcome, (value) => this.#answer(value), (error) => this.failed(error));
    else this.#answer(outcome);
  }

  #answer(outcome: unknown): void {
    const { streaming } = this.#entry.method;
    try {
      if (streaming === "server" || streaming === "bidi") {
        const messages = messagesOf(outcome, `what the handler of ${this.#name} gave`);
        if (!this.#over) return this.#pumpFrom(messages);
        leaveSource(messages);
      } else if (!this.#over) {
        const sent = this.#wire.send(outcome);
        if (sent !== undefined) return void sent.then(() => this.finished(), (error) => this.failed(error));
      }
    } catch (error) {
      return this.failed(error);
    }
    this.finished();
  }

  #pumpFrom(messages: AsyncIterable<unknown>): void {
    const pump = this.#pump = new Pump(messages, this);
    if (this.#over) pump.stop(); // its source ended the call in its first step
  }

  #succeed(): void {
    if (!this.#over) {
      this.#close();
      try {
        this.#wire.end();
      } catch (reason) {
        this.#tell(reason);
      }
      this.#leaveCaller();
    }
    this.#settle();
  }

  #fail(reason: unknown): void {
    if (!this.#over) {
      this.#close();
      this.#tell(reason);
      this.#leaveCaller();
    }
    this.#settle();
  }

  /** Tells the server and the caller why the call failed. */
  #tell(reason: unknown): void {
    const error = RpcError.from(reason, "internal");
    if (this.#call !== undefined && error.kind !== "business") this.#host.failed(error, this.#call);
    this.#wire.fail(error);
  }

  /** The call is answered: what the caller still sends is dropped, and who still reads it hears why. */
  #leaveCaller(): void {
    const queue = this.#queue;
    if (queue === undefined || (queue.closed && queue.bytes === 0)) return;
    queue.abort(new RpcError("canceled", `the handler of ${this.#name} has returned`));
  }

  #expire(): void {
    const error = this.#call?.timeoutError() ?? new RpcError("timeout", `${this.#name} passed its deadline`);
    this.abort(error);
  }

  #close(): void {
    this.#over = true;
    if (this.#timer !== undefined) this.#host.wheel.cancel(this.#timer);
  }

  #settle(): void {
    if (!this.#over || this.#running) return;
    if (this.#counted) this.#host.done();
    this.#ticket?.ended();
    this.#ticket = undefined;
    this.#done();
  }
}
