/**
 * One connection of a client: calls out as messages, answers in, told apart by their sequence ids.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection, ConnectionHandler } from "../../lib/io/connection.ts";
import { describeEndpoint } from "../../lib/io/endpoint.ts";
import { PendingTable } from "../../lib/rpc/pending_table.ts";
import type { ClientSession, Pending } from "../../lib/rpc/protocol.ts";
import { settleAnswer } from "./answer.ts";
import { foreignServer } from "./foreign_server.ts";
import type { FrameReader } from "./framing.ts";
import { type MessageHeader, MessageType } from "./payload.ts";
import type { Wire } from "./client_protocol.ts";

/** Answers still to come for calls given up; a connection that owes more is replaced. */
const MAX_FORGOTTEN = 1000;
/** With no more than this waiting to be sent, a oneway call is left to the write at the end of the turn. */
const FEW_BYTES = 64 * 1024;

/** One connection of a client. */
export class MessageClientSession implements ClientSession, ConnectionHandler {
  readonly conn: Connection;
  onUnusable: (() => void) | undefined = undefined;
  readonly #wire: Wire;
  readonly #frames: FrameReader;
  readonly #header: MessageHeader = { type: 0, seqid: 0, nameStart: 0, nameEnd: 0 };
  readonly #pending = new PendingTable();
  readonly #forgotten = new Set<number>();
  /** True if calls share this connection, so that answers may come in any order. */
  readonly #multiplexed: boolean;
  /** Id of the oneway call sent last, or 0. */
  #lastOneway = 0;
  /** What is known of the server: it sent nothing, something, or a message. */
  #heard: "nothing" | "bytes" | "message" = "nothing";
  /** What the server speaks instead, once its bytes told. */
  #foreign: string | undefined = undefined;
  #ended = false;
  /** The server said that it closes the connection, or owes too many answers: it is closed once all calls are over. */
  #leaving = false;

  /** Takes the connection over and starts it. */
  constructor(conn: Connection, wire: Wire, multiplexed: boolean) {
    this.conn = conn;
    this.#wire = wire;
    this.#multiplexed = multiplexed;
    this.#frames = wire.framing.reader("answer");
    conn.start(this);
  }

  get usable(): boolean {
    return !this.#ended && this.conn.isActive;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  send(pending: Pending): void {
    const { framing } = this.#wire;
    const { call } = pending;
    const { method } = call;
    const bindings = framing.bindingsFor(call);
    const { payload } = bindings;
    const binding = bindings.of(method);
    pending.seqid = this.#pending.nextSeqid();
    const out = this.conn.output;
    const at = out.pos;
    try {
      const type = method.oneway ? MessageType.ONEWAY : MessageType.CALL;
      const start = framing.beginCall(out, call, binding, pending.seqid, this.#multiplexed);
      payload.writeMessageBegin(out, binding.name, type, pending.seqid);
      binding.args.encode(out, call.args);
      payload.writeMessageEnd(out);
      framing.finish(out, start, type);
    } catch (error) {
      out.pos = at;
      throw RpcError.from(error, "invalid");
    }
    this.conn.commit();
    if (method.oneway) this.#handOn(pending);
    else this.#pending.add(pending);
  }

  cancel(pending: Pending): void {
    if (!this.#pending.remove(pending)) return;
    this.#forgotten.add(pending.seqid);
    if (this.#forgotten.size > MAX_FORGOTTEN) {
      this.#becomeUnusable();
      this.#leaving = true;
    }
    if (this.#leaving) this.#leave();
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
      if (this.#heard !== "message") this.#listen(bytes);
      if (this.#leaving) this.#leave();
    } catch (reason) {
      if (this.#heard !== "message") this.#listen(bytes);
      const found = RpcError.from(reason, "protocol");
      const error = this.#foreign === undefined
        ? found
        : new RpcError("protocol", `${found.message}: ${this.#foreign}`, { code: found.code, cause: found });
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
    const hint = this.#heard === "nothing"
      ? `not a byte came: does it serve ${this.#wire.framing.name}?`
      : this.#foreign;
    const text = [reason === undefined ? undefined : RpcError.from(reason).message, hint]
      .map((part) => part === undefined ? "" : `: ${part}`).join("");
    this.#failAll(
      new RpcError("transport", `connection to ${where} closed before the answer${text}`, { cause: reason }),
    );
  }

  /** Bytes came on a connection that no whole message came on before. */
  #listen(bytes: Uint8Array): void {
    this.#heard = "bytes";
    this.#foreign = foreignServer(bytes);
  }

  /** A oneway call is done when it is handed on: soon, unless so much waits that the peer has to read first. */
  #handOn(pending: Pending): void {
    this.#lastOneway = pending.seqid;
    const flushed = this.conn.pendingBytes > FEW_BYTES ? this.conn.flush() : undefined;
    if (flushed === undefined) pending.resolve(undefined);
    else flushed.then(() => pending.resolve(undefined), (error) => pending.reject(RpcError.from(error)));
  }

  #message(bytes: Uint8Array, start: number, end: number): void {
    const header = this.#header;
    const { bindings, head } = this.#frames;
    const reader = this.#wire.reader.reset(bytes, start, end);
    bindings.payload.readMessageBegin(reader, header);
    this.#heard = "message";
    // Before the call hears of its answer, so that its connection does not go back to a pool.
    if (head.closing) this.#becomeUnusable();
    const pending = this.#pending.take(header.seqid) ?? this.#byElimination();
    if (pending !== undefined) settleAnswer(bindings, reader, header, head, pending, this.#wire.rejectEmpty);
    if (head.closing) this.#leaving = true;
  }

  /** Goes once all calls are over; before the server, if it said that it would. */
  #leave(): void {
    if (this.#pending.size === 0) void this.conn.close();
  }

  /** The call an answer with an unknown id is for: proxies answer errors with id 0. */
  #byElimination(): Pending | undefined {
    const { seqid, type } = this.#header;
    if (this.#forgotten.delete(seqid)) return undefined;
    // To a oneway call, which wants none: a server whose IDL says otherwise answers it, or says that it has no such method.
    if (seqid > 0 && seqid <= this.#lastOneway) return undefined;
    const only = this.#pending.only();
    if (only !== undefined && type === MessageType.EXCEPTION) return this.#pending.take(only.seqid);
    // Where ids decide, an answer that nobody waits for harms nobody.
    if (this.#multiplexed || this.#frames.head.closing) return undefined;
    throw new RpcError("protocol", `answer with sequence id ${seqid}, which no call has`, { code: 4 });
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
