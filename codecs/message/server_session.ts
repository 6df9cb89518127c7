/**
 * One connection of a server that answers messages: calls in, handlers run, answers out.
 *
 * Whole messages are read in place, answers made in one turn leave together. A message that cannot be understood
 * is answered where its envelope can be read and costs its own call; where the stream itself is lost, so is the connection.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection, ConnectionHandler } from "../../lib/io/connection.ts";
import type { Timer } from "../../lib/io/timer_wheel.ts";
import type { Admission, Ticket } from "../../lib/rpc/admission.ts";
import { Call } from "../../lib/rpc/call.ts";
import { LinkedList } from "../../lib/rpc/linked_list.ts";
import type { MethodEntry } from "../../lib/rpc/method_table.ts";
import { isPromise } from "../../lib/rpc/middleware.ts";
import { whenEnded } from "../../lib/rpc/outcome.ts";
import type { ServerHost, ServerSession } from "../../lib/rpc/protocol.ts";
import type { Binding } from "./bindings.ts";
import type { FrameReader } from "./framing.ts";
import { type MessageHeader, MessageType, type Values } from "./payload.ts";
import type { Wire } from "./client_protocol.ts";
import { argumentError, cannotStream, unknownMethod } from "./refusals.ts";
import { ReplyWriter } from "./reply_writer.ts";
import { RunningCall } from "./running_call.ts";

/** How long a peer may take to close its side after this one did. */
const LINGER_MS = 1_000;

/** How long calls may go on once their caller sends no more, before their connection is closed. */
const HALF_CLOSED_MS = 5_000;

/** The caller's own timeout comes first: timers are this coarse. */
const TIMEOUT_SLACK_MS = 20;

/** How long a caller that multiplexes may take to leave once it was told to. */
const FAREWELL_MS = 1_000;

/** One connection of a server that answers messages. */
export class MessageServerSession implements ServerSession, ConnectionHandler {
  readonly #conn: Connection;
  readonly #host: ServerHost;
  readonly #wire: Wire;
  readonly #frames: FrameReader;
  readonly #header: MessageHeader = { type: 0, seqid: 0, nameStart: 0, nameEnd: 0 };
  readonly #replies: ReplyWriter;
  /** Calls whose answers go out in the order they came, oldest first. */
  readonly #inOrder = new LinkedList<RunningCall>();
  /** Calls that no answer waits for: oneway ones, and where the caller takes answers in any order. */
  readonly #apart = new LinkedList<RunningCall>();
  /** True once the caller sent something that shows it takes answers in any order. */
  #multiplexed = false;
  #partial = false;
  #held = false;
  #leaving = false;
  /** The peer sent FIN. */
  #ended = false;
  #closed = false;
  /** Set once FIN was sent; ends the wait for the peer's. */
  #ending: Timer | undefined;
  /** Set while a caller that was told to leave may still send calls. */
  #staying: Timer | undefined;

  /** Takes the connection over. */
  constructor(conn: Connection, host: ServerHost, wire: Wire) {
    this.#conn = conn;
    this.#host = host;
    this.#wire = wire;
    this.#frames = wire.framing.reader("call");
    this.#replies = new ReplyWriter(conn, host);
    conn.setHandler(this);
  }

  data(bytes: Uint8Array): number {
    if (this.#ending !== undefined) return bytes.length;
    const frames = this.#frames;
    let at = 0;
    while (at < bytes.length) {
      if (this.#running >= this.#host.maxConcurrentCalls) {
        this.#held = true;
        this.#conn.hold();
        break;
      }
      let found: boolean;
      try {
        found = frames.find(bytes, at);
      } catch (reason) {
        const error = RpcError.from(reason, "protocol");
        this.#leave();
        this.#explain(bytes, error);
        return this.#refuse(bytes, error);
      }
      if (!found) {
        this.#conn.need = frames.need;
        break;
      }
      at = frames.end;
      try {
        this.#readEnvelope(bytes, frames.start, frames.end);
        if (frames.anyOrder) this.#multiplexed = true;
      } catch (reason) {
        return this.#refuse(bytes, RpcError.from(reason, "protocol"));
      }
      this.#serve(bytes);
    }
    this.#partial = at < bytes.length;
    if (this.#leaving) this.#finishIfIdle();
    return at;
  }

  end(): void {
    this.#partial = false; // the rest of it will never come
    this.#ended = true;
    if (this.#ending !== undefined) return void this.#conn.close();
    if (this.#staying !== undefined) this.#host.wheel.cancel(this.#staying);
    this.#staying = undefined;
    // A caller that is gone and one that only stopped sending look the same: handlers hear of it, answers still go out.
    this.#cancelRunning("the caller closed its side of the connection");
    this.#leave();
    this.#finishIfIdle();
    if (this.#running > 0) this.#closeWithin(HALF_CLOSED_MS);
  }

  idle(): boolean {
    return this.#running > 0;
  }

  close(): void {
    this.#closed = this.#replies.closed = true;
    const { wheel } = this.#host;
    if (this.#ending !== undefined) wheel.cancel(this.#ending);
    if (this.#staying !== undefined) wheel.cancel(this.#staying);
    this.#cancelRunning("the caller closed the connection");
  }

  announce(): void {
    if (this.#multiplexed) this.shutdown();
    else this.#replies.closing = true;
  }

  shutdown(): void {
    if (this.#leaving) return;
    this.#leave();
    if (this.#multiplexed && !this.#ended) return this.#bidFarewell();
    this.#finishIfIdle();
  }

  abort(error: RpcError): void {
    this.#leave();
    for (const running of [...this.#inOrder.all(), ...this.#apart.all()]) {
      running.call?.abort(error);
      this.#settle(running, "failed", error);
    }
    this.#finish();
  }

  /** No more calls are wanted here, and answers say so. */
  #leave(): void {
    this.#leaving = this.#replies.closing = true;
  }

  /** Calls that run, or wait for their turn to be answered. */
  get #running(): number {
    return this.#inOrder.size + this.#apart.size;
  }

  /**
   * Tells a caller that multiplexes to open no more calls here, and gives those on their way time to come: it closes the
   * connection itself when it has its answers.
   */
  #bidFarewell(): void {
    const { wheel } = this.#host;
    if (this.#wire.framing.farewell?.(this.#conn.output) === true) this.#conn.commit();
    this.#staying = wheel.add(wheel.now() + FAREWELL_MS, () => {
      this.#staying = undefined;
      this.#finishIfIdle();
    });
  }

  #finishIfIdle(): void {
    if (this.#running === 0 && !this.#partial && this.#staying === undefined) this.#finish();
  }

  /** Sends what was answered and FIN, then waits for the peer's: closing at once could take answers from it. */
  #finish(): void {
    if (this.#closed) return;
    if (this.#ended) return void this.#conn.close();
    if (this.#ending !== undefined) return;
    this.#closeWithin(LINGER_MS);
    this.#conn.closeWrite();
  }

  #closeWithin(ms: number): void {
    const { wheel } = this.#host;
    this.#ending = wheel.add(wheel.clock.now() + ms, () => void this.#conn.close());
  }

  #cancelRunning(why: string): void {
    if (this.#running === 0) return;
    const error = new RpcError("canceled", why);
    for (const { call } of [...this.#inOrder.all(), ...this.#apart.all()]) call?.abort(error);
  }

  #readEnvelope(bytes: Uint8Array, start: number, end: number): void {
    const { payload } = this.#frames.bindings;
    payload.readMessageBegin(this.#wire.reader.reset(bytes, start, end), this.#header);
    const { type, nameStart, nameEnd } = this.#header;
    if (type !== MessageType.CALL && type !== MessageType.ONEWAY) {
      throw new RpcError("protocol", `message type ${type} is no request`);
    }
    if (nameStart === nameEnd) throw new RpcError("protocol", "the method name is empty");
  }

  /** Runs the call whose envelope was just read. */
  #serve(bytes: Uint8Array): void {
    const { type, seqid, nameStart, nameEnd } = this.#header;
    const { bindings, head } = this.#frames;
    const entry = this.#find(bytes);
    if (entry === undefined || entry.method.streaming !== "unary") {
      const name = bytes.slice(nameStart, nameEnd);
      const error = entry === undefined
        ? unknownMethod(this.#host.methods, bindings.payload.kind, name, bytes, head.serviceStart, head.serviceEnd)
        : cannotStream(entry, this.#wire.framing.name);
      this.#host.refused(error);
      if (type === MessageType.CALL) this.#writeRefusal(name, seqid, error);
      return;
    }
    const binding = bindings.of(entry.method);
    const ticket = this.#host.admission === undefined ? undefined : this.#admit(this.#host.admission, entry);
    if (ticket instanceof RpcError) {
      if (!entry.method.oneway) this.#writeRefusal(binding.name, seqid, ticket);
      return;
    }
    let args: Values;
    try {
      if (head.invalid !== undefined) throw head.invalid;
      args = binding.args.decode(this.#wire.reader);
      for (const key of binding.structKeys) {
        if (args[key] === undefined) throw new RpcError("protocol", `${key} is missing`);
      }
    } catch (reason) {
      ticket?.ended();
      const error = argumentError(entry, reason);
      this.#host.refused(error);
      if (!entry.method.oneway) this.#writeRefusal(binding.name, seqid, error);
      return;
    }
    this.#run(entry, binding, args, seqid, ticket);
  }

  #admit(admission: Admission, { service, method }: MethodEntry): Ticket | RpcError {
    const { caller, meta } = this.#frames.head;
    return admission.admit({
      service,
      method,
      caller,
      deadline: this.#deadline,
      clock: this.#host.wheel.clock,
      metaIfAny: meta,
    });
  }

  /** When the call just read must be over. */
  get #deadline(): number {
    const { timeoutMs } = this.#frames.head;
    return timeoutMs === Infinity ? Infinity : this.#host.wheel.turnNow() + timeoutMs + TIMEOUT_SLACK_MS;
  }

  /** The method that the message is for: of the service that the frame names, else the one known by its name. */
  #find(bytes: Uint8Array): MethodEntry | undefined {
    const { nameStart, nameEnd } = this.#header;
    const { serviceStart, serviceEnd } = this.#frames.head;
    const { kind } = this.#frames.bindings.payload;
    const { methods } = this.#host;
    if (serviceStart === serviceEnd) return methods.find(bytes, nameStart, nameEnd, kind);
    return methods.findNamed(bytes, nameStart, nameEnd, serviceStart, serviceEnd, kind);
  }

  #run(entry: MethodEntry, binding: Binding, args: Values, seqid: number, ticket: Ticket | undefined): void {
    const { service, method } = entry;
    const { head } = this.#frames;
    const { wheel } = this.#host;
    const call = new Call({
      service,
      method,
      args,
      side: "server",
      clock: wheel,
      deadline: this.#deadline,
      peer: head.peer ?? this.#conn.remote,
      meta: head.meta,
      caller: head.caller,
      callerMethod: head.callerMethod,
    });
    let value: unknown;
    try {
      value = this.#host.run(entry, call);
    } catch (error) {
      ticket?.ended();
      return this.#answer(this.#runningCall(call, binding, seqid), "failed", error);
    }
    if (isPromise(value)) return this.#await(value, this.#runningCall(call, binding, seqid), ticket);
    ticket?.ended();
    // Nothing to wait for and nothing to remember: the usual case.
    if (this.#inOrder.size === 0) return this.#replies.writeValue(this.#frames, call, binding, seqid, value);
    this.#answer(this.#runningCall(call, binding, seqid), "succeeded", value);
  }

  #runningCall(call: Call, binding: Binding, seqid: number): RunningCall {
    const apart = binding.method.oneway || this.#anyOrder;
    return new RunningCall(call, binding, binding.name, seqid, this.#frames, apart);
  }

  /** May the answer to the message just read overtake others? */
  get #anyOrder(): boolean {
    return this.#frames.anyOrder || !this.#wire.ordered;
  }

  /** Answers a call that is not run with an error: at once, or in its turn. */
  #writeRefusal(name: Uint8Array, seqid: number, error: RpcError): void {
    const frames = this.#frames;
    if (this.#inOrder.size === 0 || this.#anyOrder) return this.#replies.writeException(frames, name, seqid, error);
    const refused = new RunningCall(undefined, undefined, name, seqid, frames, false);
    refused.state = "failed";
    refused.outcome = error;
    this.#inOrder.add(refused);
  }

  #await(outcome: PromiseLike<unknown>, running: RunningCall, ticket: Ticket | undefined): void {
    this.#listOf(running).add(running);
    whenEnded(outcome, (value) => {
      this.#host.done();
      ticket?.ended();
      this.#settle(running, "succeeded", value);
    }, (error) => {
      this.#host.done();
      ticket?.ended();
      this.#settle(running, "failed", error);
    });
  }

  #listOf({ apart }: RunningCall): LinkedList<RunningCall> {
    return apart ? this.#apart : this.#inOrder;
  }

  /** A call ended in the turn it came: is answered at once, or in its turn. */
  #answer(running: RunningCall, state: "succeeded" | "failed", outcome: unknown): void {
    running.state = state;
    running.outcome = outcome;
    if (this.#inOrder.size > 0 && !running.apart) this.#inOrder.add(running);
    else this.#replies.write(running);
  }

  /** A call ended later; the first of several endings stays. */
  #settle(running: RunningCall, state: "succeeded" | "failed", outcome: unknown): void {
    if (running.state !== "running") return;
    running.state = state;
    running.outcome = outcome;
    if (!running.apart) this.#writeInOrder();
    else {
      this.#apart.delete(running);
      this.#replies.write(running);
    }
    if (this.#held && this.#running < this.#host.maxConcurrentCalls) {
      this.#held = false;
      this.#conn.release();
    }
    if (this.#leaving) this.#finishIfIdle();
  }

  #writeInOrder(): void {
    for (let call = this.#inOrder.first; call !== undefined && call.state !== "running"; call = this.#inOrder.first) {
      this.#inOrder.delete(call);
      this.#replies.write(call);
    }
  }

  /** Answers a message too large or too broken to be taken, if its envelope can be read. */
  #explain(bytes: Uint8Array, error: RpcError): void {
    const frames = this.#frames;
    if (frames.body >= bytes.length) return;
    try {
      this.#readEnvelope(bytes, frames.body, bytes.length);
    } catch {
      return; // not even that: there is nobody to answer
    }
    const { type, seqid, nameStart, nameEnd } = this.#header;
    if (type === MessageType.CALL) this.#writeRefusal(bytes.slice(nameStart, nameEnd), seqid, error);
  }

  /** Where the next message begins is not known any more: closes the connection after what was answered. */
  #refuse(bytes: Uint8Array, error: RpcError): number {
    this.#host.refused(error);
    this.#partial = false;
    this.abort(new RpcError("canceled", `the connection was lost: ${error.message}`));
    return bytes.length;
  }
}
