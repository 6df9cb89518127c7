/**
 * One connection of a Thrift client: calls out, answers in, told apart by their sequence ids.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection, ConnectionHandler } from "../../lib/io/connection.ts";
import { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { describeEndpoint } from "../../lib/rpc/call.ts";
import { PendingTable } from "../../lib/rpc/pending_table.ts";
import type { ClientSession, Pending } from "../../lib/rpc/protocol.ts";
import { decodeApplicationException } from "./application_exception.ts";
import type { Binding } from "./bindings.ts";
import type { FrameReader } from "./framing.ts";
import { type MessageHeader, MessageType } from "./payload.ts";
import type { Wire } from "./protocol.ts";

/** Answers still to come for calls given up; a connection that owes more is replaced. */
const MAX_FORGOTTEN = 1000;

/** One connection of a Thrift client. */
export class ThriftClientSession implements ClientSession, ConnectionHandler {
  readonly conn: Connection;
  onUnusable: (() => void) | undefined = undefined;
  readonly #wire: Wire;
  readonly #frames: FrameReader;
  readonly #reader = new ReadBuffer();
  readonly #header: MessageHeader = { type: 0, seqid: 0, nameStart: 0, nameEnd: 0 };
  readonly #pending = new PendingTable();
  readonly #forgotten = new Set<number>();
  #ended = false;

  /** Takes the connection over and starts it. */
  constructor(conn: Connection, wire: Wire) {
    this.conn = conn;
    this.#wire = wire;
    this.#frames = wire.framing.reader(wire.payload, wire.limits);
    conn.start(this);
  }

  get usable(): boolean {
    return !this.#ended && this.conn.isActive;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  send(pending: Pending): void {
    const { framing, payload, limits, bindings } = this.#wire;
    const { method, args } = pending.call;
    const binding = bindings.of(method);
    pending.seqid = this.#pending.nextSeqid();
    const out = this.conn.output;
    const start = framing.begin(out);
    try {
      const type = method.oneway ? MessageType.ONEWAY : MessageType.CALL;
      payload.writeMessageBegin(out, binding.name, type, pending.seqid);
      binding.args.encode(out, args);
      payload.writeMessageEnd(out);
      framing.finish(out, start, limits);
    } catch (error) {
      out.pos = start;
      throw RpcError.from(error, "invalid");
    }
    this.conn.commit();
    if (method.oneway) this.#handOn(pending);
    else this.#pending.add(pending);
  }

  cancel(pending: Pending): void {
    if (!this.#pending.remove(pending)) return;
    this.#forgotten.add(pending.seqid);
    if (this.#forgotten.size > MAX_FORGOTTEN) this.#becomeUnusable();
  }

  data(bytes: Uint8Array): number {
    const frames = this.#frames;
    let at = 0;
    try {
      while (at < bytes.length) {
        if (!frames.find(bytes, at)) {
          this.conn.need = frames.need;
          break;
        }
        this.#message(bytes, frames.start, frames.end);
        at = frames.end;
      }
    } catch (reason) {
      const error = RpcError.from(reason, "protocol");
      this.#failAll(error);
      this.conn.abort(error);
      return bytes.length;
    }
    return at;
  }

  end(): void {
    this.#becomeUnusable();
    void this.conn.close();
  }

  close(reason?: unknown): void {
    const where = describeEndpoint(this.conn.remote);
    const text = reason === undefined ? "" : `: ${RpcError.from(reason).message}`;
    this.#failAll(
      new RpcError("transport", `connection to ${where} closed before the answer${text}`, { cause: reason }),
    );
  }

  /** A oneway call is done when it is handed on; above the high-water mark that takes until the peer reads. */
  #handOn(pending: Pending): void {
    const flushed = this.conn.pendingBytes > 64 * 1024 ? this.conn.flush() : undefined;
    if (flushed === undefined) pending.resolve(undefined);
    else flushed.then(() => pending.resolve(undefined), (error) => pending.reject(RpcError.from(error)));
  }

  #message(bytes: Uint8Array, start: number, end: number): void {
    const header = this.#header;
    const reader = this.#reader.reset(bytes, start, end);
    this.#wire.payload.readMessageBegin(reader, header);
    const pending = this.#pending.take(header.seqid) ?? this.#byElimination();
    if (pending === undefined) return; // the answer of a call that was given up
    const binding = this.#wire.bindings.of(pending.call.method);
    if (header.type === MessageType.EXCEPTION) {
      return pending.reject(this.#exception(reader, pending));
    }
    if (header.type !== MessageType.REPLY) {
      throw this.#fail(pending, new RpcError("protocol", `message type ${header.type} is no answer`));
    }
    if (!sameBytes(binding.name, bytes, header.nameStart, header.nameEnd)) {
      const got = new TextDecoder().decode(
        bytes.subarray(header.nameStart, Math.min(header.nameEnd, header.nameStart + 100)),
      );
      const text = `answer to ${got} came for a call of ${binding.method.name}`;
      throw this.#fail(pending, new RpcError("protocol", text, { code: 3 }));
    }
    this.#settle(pending, binding, reader);
  }

  #settle(pending: Pending, binding: Binding, reader: ReadBuffer): void {
    let result: Record<string, unknown>;
    try {
      result = binding.result.decode(reader);
    } catch (reason) {
      const error = RpcError.from(reason, "protocol");
      const { service, method } = pending.call;
      return pending.reject(
        new RpcError("protocol", `answer of ${service.name}.${method.name}: ${error.message}`, { cause: reason }),
      );
    }
    for (const key of binding.exceptionKeys) {
      const exception = result[key];
      if (exception !== undefined) return pending.reject(exception);
    }
    const { success } = result;
    if (success === undefined && !binding.isVoid && this.#wire.rejectEmpty) {
      const { service, method } = pending.call;
      const text = `answer of ${service.name}.${method.name} has neither a value nor an exception`;
      return pending.reject(new RpcError("protocol", text, { code: 5, remote: true }));
    }
    pending.resolve(success);
  }

  #exception(reader: ReadBuffer, pending: Pending): RpcError {
    try {
      return decodeApplicationException(this.#wire.payload, reader);
    } catch (reason) {
      const { service, method } = pending.call;
      const text = `exception of ${service.name}.${method.name}: ${RpcError.from(reason, "protocol").message}`;
      return new RpcError("protocol", text, { cause: reason });
    }
  }

  /** The call an answer with an unknown id is for: proxies answer errors with id 0. */
  #byElimination(): Pending | undefined {
    const { seqid, type } = this.#header;
    if (this.#forgotten.delete(seqid)) return undefined;
    const only = this.#pending.only();
    if (only !== undefined && type === MessageType.EXCEPTION) return this.#pending.take(only.seqid);
    const error = new RpcError("protocol", `answer with sequence id ${seqid}, which no call has`, { code: 4 });
    throw error;
  }

  #fail(pending: Pending, error: RpcError): RpcError {
    pending.reject(error);
    return error;
  }

  #failAll(error: RpcError): void {
    this.#becomeUnusable();
    for (const pending of this.#pending.drain()) pending.reject(error);
  }

  #becomeUnusable(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onUnusable?.();
  }
}

function sameBytes(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
