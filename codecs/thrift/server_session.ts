/**
 * One connection of a Thrift server: messages in, calls run, answers out.
 *
 * Whole messages are read in place, answers made in one turn leave together. A message that cannot be understood
 * is answered where its envelope can be read and costs its own call; where the stream itself is lost, so is the connection.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection, ConnectionHandler } from "../../lib/io/connection.ts";
import type { Timer } from "../../lib/io/timer_wheel.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { Call } from "../../lib/rpc/call.ts";
import { type Linked, LinkedList } from "../../lib/rpc/linked_list.ts";
import type { MethodEntry } from "../../lib/rpc/method_table.ts";
import { isPromise } from "../../lib/rpc/middleware.ts";
import type { ServerHost, ServerSession } from "../../lib/rpc/protocol.ts";
import { encodeApplicationException } from "./application_exception.ts";
import { type Binding, declaredOutcome } from "./bindings.ts";
import type { FrameReader } from "./framing.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { type MessageHeader, MessageType } from "./payload.ts";
import type { Wire } from "./protocol.ts";

/** How long a peer may take to close its side after this one did. */
const LINGER_MS = 1_000;

/** How long calls may go on once their caller sends no more, before their connection is closed. */
const HALF_CLOSED_MS = 5_000;

const MAX_ERROR_CHARS = 8_192;

/** A call whose answer is not written yet. */
class RunningCall implements Linked<RunningCall> {
  previous: RunningCall | undefined = undefined;
  next: RunningCall | undefined = undefined;
  readonly call: Call;
  readonly binding: Binding;
  readonly seqid: number;
  /** How it stands. */
  state: "running" | "succeeded" | "failed" = "running";
  /** The value or the error it ended with. */
  outcome: unknown = undefined;

  constructor(call: Call, binding: Binding, seqid: number) {
    this.call = call;
    this.binding = binding;
    this.seqid = seqid;
  }
}

/** One connection of a Thrift server. */
export class ThriftServerSession implements ServerSession, ConnectionHandler {
  readonly #conn: Connection;
  readonly #host: ServerHost;
  readonly #wire: Wire;
  readonly #frames: FrameReader;
  readonly #header: MessageHeader = { type: 0, seqid: 0, nameStart: 0, nameEnd: 0 };
  /** Calls that owe their caller an answer, oldest first. */
  readonly #owing = new LinkedList<RunningCall>();
  /** Oneway calls that run: nobody waits for them, also no later answer. */
  readonly #oneway = new LinkedList<RunningCall>();
  #partial = false;
  #held = false;
  #leaving = false;
  /** The peer sent FIN. */
  #ended = false;
  #closed = false;
  /** Set once FIN was sent; ends the wait for the peer's. */
  #ending: Timer | undefined;

  /** Takes the connection over. */
  constructor(conn: Connection, host: ServerHost, wire: Wire) {
    this.#conn = conn;
    this.#host = host;
    this.#wire = wire;
    this.#frames = wire.framing.reader(wire.payload, wire.limits);
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
        this.#explain(bytes, frames.body, error);
        return this.#refuse(bytes, error);
      }
      if (!found) {
        this.#conn.need = frames.need;
        break;
      }
      at = frames.end;
      try {
        this.#readEnvelope(bytes, frames.start, frames.end);
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
    // A caller that is gone and one that only stopped sending look the same: handlers hear of it, answers still go out.
    this.#cancelRunning("the caller closed its side of the connection");
    this.shutdown();
    if (this.#running > 0) this.#closeWithin(HALF_CLOSED_MS);
  }

  idle(): boolean {
    return this.#running > 0;
  }

  close(): void {
    this.#closed = true;
    if (this.#ending !== undefined) this.#host.wheel.cancel(this.#ending);
    this.#cancelRunning("the caller closed the connection");
  }

  shutdown(): void {
    this.#leaving = true;
    this.#finishIfIdle();
  }

  abort(error: RpcError): void {
    this.#leaving = true;
    for (const running of [...this.#owing.all(), ...this.#oneway.all()]) {
      running.call.abort(error);
      this.#settle(running, "failed", error);
    }
    this.#finish();
  }

  /** Calls that run, or wait for their turn to be answered. */
  get #running(): number {
    return this.#owing.size + this.#oneway.size;
  }

  #finishIfIdle(): void {
    if (this.#running === 0 && !this.#partial) this.#finish();
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
    for (const { call } of [...this.#owing.all(), ...this.#oneway.all()]) call.abort(error);
  }

  #readEnvelope(bytes: Uint8Array, start: number, end: number): void {
    this.#wire.payload.readMessageBegin(this.#wire.reader.reset(bytes, start, end), this.#header);
    const { type, nameStart, nameEnd } = this.#header;
    if (type !== MessageType.CALL && type !== MessageType.ONEWAY) {
      throw new RpcError("protocol", `message type ${type} is no request`);
    }
    if (nameStart === nameEnd) throw new RpcError("protocol", "the method name is empty");
  }

  /** Runs the call whose envelope was just read. */
  #serve(bytes: Uint8Array): void {
    const { type, seqid, nameStart, nameEnd } = this.#header;
    const entry = this.#host.methods.find(bytes, nameStart, nameEnd);
    if (entry === undefined || entry.method.streaming !== "unary") {
      const name = bytes.slice(nameStart, nameEnd);
      const error = entry === undefined ? this.#unknownMethod(name) : this.#cannotStream(entry);
      this.#host.refused(error);
      if (type === MessageType.CALL) this.#writeException(name, seqid, error);
      return;
    }
    const binding = this.#wire.bindings.of(entry.method);
    let args: Record<string, unknown>;
    try {
      args = binding.args.decode(this.#wire.reader);
      for (const key of binding.structKeys) {
        if (args[key] === undefined) throw new RpcError("protocol", `${key} is missing`);
      }
    } catch (reason) {
      const error = argumentError(entry, reason);
      this.#host.refused(error);
      if (!entry.method.oneway) this.#writeException(binding.name, seqid, error);
      return;
    }
    this.#run(entry, binding, args, seqid);
  }

  #run(entry: MethodEntry, binding: Binding, args: Record<string, unknown>, seqid: number): void {
    const { service, method } = entry;
    const clock = this.#host.wheel.clock;
    const call = new Call({ service, method, args, side: "server", clock, peer: this.#conn.remote });
    let value: unknown;
    try {
      value = this.#host.run(entry, call);
    } catch (error) {
      return this.#answer(new RunningCall(call, binding, seqid), "failed", error);
    }
    if (isPromise(value)) {
      // What is merely like a promise may throw, or settle twice; a real one of it does neither.
      const promise = value instanceof Promise ? value : Promise.resolve(value);
      return this.#await(promise, new RunningCall(call, binding, seqid));
    }
    // Nothing to wait for and nothing to remember: the usual case.
    if (this.#owing.size === 0 || !this.#wire.ordered) return this.#writeValue(call, binding, seqid, value);
    this.#answer(new RunningCall(call, binding, seqid), "succeeded", value);
  }

  #await(promise: Promise<unknown>, running: RunningCall): void {
    this.#listOf(running).add(running);
    promise.then((value) => {
      this.#host.done();
      this.#settle(running, "succeeded", value);
    }, (error) => {
      this.#host.done();
      this.#settle(running, "failed", error);
    });
  }

  #listOf({ binding }: RunningCall): LinkedList<RunningCall> {
    return binding.method.oneway ? this.#oneway : this.#owing;
  }

  /** A call ended in the turn it came: is answered at once, or in its turn. */
  #answer(running: RunningCall, state: "succeeded" | "failed", outcome: unknown): void {
    running.state = state;
    running.outcome = outcome;
    const mustWait = this.#wire.ordered && this.#owing.size > 0 && !running.binding.method.oneway;
    if (mustWait) this.#owing.add(running);
    else this.#write(running);
  }

  /** A call ended later; the first of several endings stays. */
  #settle(running: RunningCall, state: "succeeded" | "failed", outcome: unknown): void {
    if (running.state !== "running") return;
    running.state = state;
    running.outcome = outcome;
    if (this.#wire.ordered && !running.binding.method.oneway) this.#writeInOrder();
    else {
      this.#listOf(running).delete(running);
      this.#write(running);
    }
    if (this.#held && this.#running < this.#host.maxConcurrentCalls) {
      this.#held = false;
      this.#conn.release();
    }
    if (this.#leaving) this.#finishIfIdle();
  }

  #writeInOrder(): void {
    for (let call = this.#owing.first; call !== undefined && call.state !== "running"; call = this.#owing.first) {
      this.#owing.delete(call);
      this.#write(call);
    }
  }

  #write({ call, binding, seqid, state, outcome }: RunningCall): void {
    if (state === "succeeded") return this.#writeValue(call, binding, seqid, outcome);
    const declared = declaredOutcome(binding.method, outcome);
    if (declared !== undefined) return this.#writeResult(call, binding, seqid, declared);
    const error = RpcError.from(outcome, "internal");
    this.#host.failed(error, call);
    if (!binding.method.oneway) this.#writeException(binding.name, seqid, error);
  }

  #writeValue(call: Call, binding: Binding, seqid: number, value: unknown): void {
    if (!binding.method.oneway) this.#writeResult(call, binding, seqid, binding.isVoid ? {} : { success: value });
  }

  #writeResult(call: Call, binding: Binding, seqid: number, result: Record<string, unknown>): void {
    if (this.#closed) return;
    const { payload } = this.#wire;
    const out = this.#conn.output;
    const start = this.#begin(out, binding.name, MessageType.REPLY, seqid);
    try {
      binding.result.encode(out, result);
      payload.writeMessageEnd(out);
      this.#commit(out, start, this.#wire.limits);
    } catch (reason) {
      out.pos = start;
      const error = RpcError.from(reason, "internal");
      this.#host.failed(error, call);
      const message = `result of ${call.service.name}.${call.method.name}: ${error.message}`;
      this.#writeException(binding.name, seqid, new RpcError("internal", message));
    }
  }

  #writeException(name: Uint8Array, seqid: number, error: RpcError): void {
    if (this.#closed) return;
    const { payload } = this.#wire;
    const out = this.#conn.output;
    const start = this.#begin(out, name, MessageType.EXCEPTION, seqid);
    encodeApplicationException(payload, out, shortened(error));
    payload.writeMessageEnd(out);
    this.#commit(out, start, DEFAULT_LIMITS);
  }

  #begin(out: WriteBuffer, name: Uint8Array, type: number, seqid: number): number {
    const start = this.#wire.framing.begin(out);
    this.#wire.payload.writeMessageBegin(out, name, type, seqid);
    return start;
  }

  #commit(out: WriteBuffer, start: number, limits: Limits): void {
    this.#wire.framing.finish(out, start, limits);
    this.#conn.commit();
  }

  /** Answers a message too large or too broken to be taken, if its envelope can be read. */
  #explain(bytes: Uint8Array, from: number, error: RpcError): void {
    try {
      this.#readEnvelope(bytes, from, bytes.length);
    } catch {
      return; // not even that: there is nobody to answer
    }
    const { type, seqid, nameStart, nameEnd } = this.#header;
    if (type === MessageType.CALL) this.#writeException(bytes.slice(nameStart, nameEnd), seqid, error);
  }

  /** Where the next message begins is not known any more: closes the connection after what was answered. */
  #refuse(bytes: Uint8Array, error: RpcError): number {
    this.#host.refused(error);
    this.#partial = false;
    this.abort(new RpcError("canceled", `the connection was lost: ${error.message}`));
    return bytes.length;
  }

  #cannotStream({ service, method }: MethodEntry): RpcError {
    const text = `${service.name}.${method.name} streams, which ${this.#wire.name} Thrift cannot carry`;
    return new RpcError("unimplemented", text, { code: 1 });
  }

  #unknownMethod(name: Uint8Array): RpcError {
    const services = this.#host.methods.services.map((service) => service.name).join(", ");
    const shown = new TextDecoder().decode(name.subarray(0, 100));
    return new RpcError("unimplemented", `unknown method ${shown} (served: ${services})`, { code: 1 });
  }
}

/** Error texts can be as long as a handler makes them; a message about an error has no need of more than this. */
function shortened(error: RpcError): RpcError {
  if (error.message.length <= MAX_ERROR_CHARS) return error;
  return new RpcError(error.kind, `${error.message.slice(0, MAX_ERROR_CHARS)}...`, error);
}

function argumentError(entry: MethodEntry, reason: unknown): RpcError {
  const error = RpcError.from(reason, "protocol");
  return new RpcError("protocol", `arguments of ${entry.service.name}.${entry.method.name}: ${error.message}`);
}
