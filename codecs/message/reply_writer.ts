/**
 * Writes the answers of one server connection: values, business statuses, and errors, each in the form its call came in.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection } from "../../lib/io/connection.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { Call } from "../../lib/rpc/call.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import type { ServerHost } from "../../lib/rpc/protocol.ts";
import { declaredOutcome } from "../../lib/rpc/declared.ts";
import type { Binding } from "./bindings.ts";
import type { ReplyHead } from "./framing.ts";
import { MessageType, type Values } from "./payload.ts";
import type { ReplyForm, RunningCall } from "./running_call.ts";

const MAX_ERROR_CHARS = 8_192;

/** Writes answers. They leave at the end of the turn. */
export class ReplyWriter {
  /** True once the connection closes after what is answered now: answers say so. */
  closing = false;
  /** True once there is nobody to answer: then nothing is written. */
  closed = false;
  readonly #conn: Connection;
  readonly #host: ServerHost;
  readonly #reply: ReplyHead = { type: 0, seqid: 0, meta: undefined, status: undefined, closing: false };

  /** Writes to `conn`, and tells `host` of calls that failed. */
  constructor(conn: Connection, host: ServerHost) {
    this.#conn = conn;
    this.#host = host;
  }

  /** Writes the answer to a call that ended. */
  write(running: RunningCall): void {
    const { call, binding, seqid, state, outcome } = running;
    if (call === undefined || binding === undefined) {
      return this.writeException(running, running.name, seqid, RpcError.from(outcome, "internal"));
    }
    if (state === "succeeded") return this.writeValue(running, call, binding, seqid, outcome);
    const declared = declaredOutcome(binding.method, outcome);
    if (declared !== undefined) return this.#writeResult(running, call, binding, seqid, declared);
    const error = RpcError.from(outcome, "internal");
    if (error.kind === "business" && running.framing.carriesStatus) {
      return this.#writeResult(running, call, binding, seqid, {}, error);
    }
    this.#host.failed(error, call);
    if (!binding.method.oneway) this.writeException(running, binding.name, seqid, error, call);
  }

  /** Writes the answer to a call that a handler gave a value for. */
  writeValue(form: ReplyForm, call: Call, binding: Binding, seqid: number, value: unknown): void {
    this.#writeResult(form, call, binding, seqid, binding.isVoid ? {} : { success: value });
  }

  #writeResult(
    form: ReplyForm,
    call: Call,
    binding: Binding,
    seqid: number,
    result: Values,
    status?: RpcError,
  ): void {
    if (this.closed || binding.method.oneway) return;
    const out = this.#conn.output;
    const at = out.pos;
    try {
      const start = this.#begin(form, out, binding.name, MessageType.REPLY, seqid, call.metaIfAny, status);
      binding.result.encode(out, result);
      this.#finishMessage(form, out, start, MessageType.REPLY);
    } catch (reason) {
      out.pos = at;
      const error = RpcError.from(reason, "internal");
      this.#host.failed(error, call);
      const message = `result of ${call.service.name}.${call.method.name}: ${error.message}`;
      this.writeException(form, binding.name, seqid, new RpcError("internal", message));
    }
  }

  /** Writes the answer to a call that failed with `error`; with a `call`, what its handler sends back goes along. */
  writeException(form: ReplyForm, name: Uint8Array, seqid: number, error: RpcError, call?: Call): void {
    if (this.closed) return;
    const out = this.#conn.output;
    const at = out.pos;
    try {
      const start = this.#begin(form, out, name, MessageType.EXCEPTION, seqid, call?.metaIfAny);
      form.bindings.payload.writeException(out, shortened(error));
      this.#finishMessage(form, out, start, MessageType.EXCEPTION);
    } catch (reason) {
      // Only what the handler sends back beside its error can be too large; the error itself goes without it.
      out.pos = at;
      if (call === undefined) throw reason;
      this.writeException(form, name, seqid, error);
    }
  }

  #begin(
    { framing, form, bindings }: ReplyForm,
    out: WriteBuffer,
    name: Uint8Array,
    type: number,
    seqid: number,
    meta?: Metadata,
    status?: RpcError,
  ): number {
    const reply = this.#reply;
    reply.type = type;
    reply.seqid = seqid;
    reply.meta = meta;
    reply.status = status;
    reply.closing = this.closing;
    const start = framing.beginReply(out, form, reply);
    bindings.payload.writeMessageBegin(out, name, type, seqid);
    return start;
  }

  #finishMessage({ framing, bindings }: ReplyForm, out: WriteBuffer, start: number, type: number): void {
    bindings.payload.writeMessageEnd(out);
    framing.finish(out, start, type);
    this.#conn.commit();
  }
}

/** Error texts can be as long as a handler makes them; a message about an error has no need of more than this. */
function shortened(error: RpcError): RpcError {
  if (error.message.length <= MAX_ERROR_CHARS) return error;
  return new RpcError(error.kind, `${error.message.slice(0, MAX_ERROR_CHARS)}...`, error);
}
