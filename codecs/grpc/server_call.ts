/**
 * One call of a gRPC server on its stream: read whole and run at once where nothing streams, else handed to the core's
 * `ServedStream`.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Ticket } from "../../lib/rpc/admission.ts";
import { Call } from "../../lib/rpc/call.ts";
import type { Linked } from "../../lib/rpc/linked_list.ts";
import { Metadata, type MetadataFlusher } from "../../lib/rpc/metadata.ts";
import { isPromise } from "../../lib/rpc/middleware.ts";
import { whenEnded } from "../../lib/rpc/outcome.ts";
import type { WireStream } from "../../lib/rpc/protocol.ts";
import { ServedStream } from "../../lib/rpc/stream/served_stream.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { Answer } from "./answer.ts";
import { MessageReader, type MessageSink } from "./message_reader.ts";
import { readMessage } from "./messages.ts";
import { deadlineOf, metadataOf, readError, type RequestHead, type Route } from "./request.ts";
import type { GrpcServerSession } from "./server_session.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

/** So much unread of a stream is taken before its sender has to wait for the reader. */
const UNREAD_BYTES = 64 * 1024;

/** A call, as its session sees it. */
export interface ServerCall extends Linked<ServerCall> {
  /** What limits want to hear its end by; those of a stream are its `ServedStream`'s. */
  readonly ticket: Ticket | undefined;
  /** Content came. */
  received(bytes: Uint8Array, start: number, end: number): void;
  /** The caller sends no more. */
  requestEnded(): void;
  /** More can be sent. */
  writable(): void;
  /**
   * The caller is gone or gave up: nothing can be sent any more. The reason is asked for where somebody hears of it: an error
   * with its stack costs more than all else that a stream costs which is reset at once.
   */
  gone(reason: () => RpcError): void;
  /** The server gives the call up and tells the caller. */
  giveUp(error: RpcError): void;
}

/** A call with one message each way. */
export class UnaryCall implements ServerCall, MessageSink {
  previous: ServerCall | undefined = undefined;
  next: ServerCall | undefined = undefined;
  readonly ticket: Ticket | undefined;
  readonly #session: GrpcServerSession;
  readonly #stream: Http2Stream;
  readonly #head: RequestHead;
  readonly #route: Route;
  readonly #answer: Answer;
  readonly #reader: MessageReader;
  /** The message, from its end on. */
  #message: unknown = undefined;
  #messages = 0;
  #compressed = false;
  #call: Call | undefined = undefined;
  #over = false;

  /** The call that `stream` carries. */
  constructor(
    session: GrpcServerSession,
    stream: Http2Stream,
    head: RequestHead,
    route: Route,
    ticket: Ticket | undefined,
  ) {
    this.ticket = ticket;
    this.#session = session;
    this.#stream = stream;
    this.#head = head;
    this.#route = route;
    this.#answer = new Answer(session, stream, head);
    this.#reader = new MessageReader(session.wire.maxReceiveBytes, this);
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    this.#session.link.h2.consumed(this.#stream, end - start);
    if (this.#over) return;
    try {
      this.#reader.read(bytes, start, end);
    } catch (reason) {
      this.#refuse(readError(this.#head, reason));
    }
  }

  message(bytes: Uint8Array, start: number, end: number, compressed: boolean): void {
    this.#session.recorder?.messageReceived();
    if (this.#messages++ > 0) {
      throw new GrpcError(GrpcStatus.INTERNAL, `${this.#name} takes one message, and more came`);
    }
    const { served: { compressors }, wire: { maxReceiveBytes } } = this.#session;
    const { request } = this.#route.binding;
    const { encoding } = this.#head;
    this.#message = readMessage(request, bytes, start, end, compressed, encoding, compressors, maxReceiveBytes);
    this.#compressed = compressed;
  }

  requestEnded(): void {
    if (this.#over) return;
    if (this.#messages === 0) {
      const what = this.#reader.incomplete ? "a part of one" : "none";
      return this.#refuse(new GrpcError(GrpcStatus.INTERNAL, `${this.#name} takes one message, and ${what} came`));
    }
    this.#run();
  }

  writable(): void {
    // One message is all there is to send.
  }

  gone(reason: () => RpcError): void {
    if (this.#over) return;
    this.#over = true;
    this.#answer.lost();
    this.#call?.abort(reason());
    if (this.#call === undefined) this.#session.over(this);
  }

  giveUp(error: RpcError): void {
    if (this.#over) return;
    this.#answer.fail(error, undefined);
    this.gone(() => error);
  }

  get #name(): string {
    return `${this.#route.entry.service.name}.${this.#route.entry.method.name}`;
  }

  #run(): void {
    const { entry, binding } = this.#route;
    const { host, link } = this.#session;
    let args: Record<string, unknown>;
    try {
      args = binding.argsOf(this.#message);
    } catch (reason) {
      return this.#refuse(reason);
    }
    const call = this.#call = new Call({
      service: entry.service,
      method: entry.method,
      args,
      side: "server",
      clock: host.wheel,
      deadline: deadlineOf(this.#head, host.wheel),
      peer: link.conn.remote,
      meta: metadataOf(this.#head),
      caller: this.#head.caller,
    });
    if (this.#compressed) { for (const key in args) call.meta.noteCompressed(args[key]); }
    let value: unknown;
    try {
      value = host.run(entry, call);
    } catch (error) {
      this.#fail(error, call);
      return this.#session.over(this);
    }
    if (!isPromise(value)) {
      this.#succeed(value, call);
      return this.#session.over(this);
    }
    // Until the handler has ended the call keeps its place among the concurrent ones, wherever its caller is.
    this.#stream.busy = true;
    whenEnded(value, (value) => {
      this.#succeed(value, call);
      this.#left();
    }, (error) => {
      this.#fail(error, call);
      this.#left();
    });
  }

  /** The handler has ended, in a turn after the call's. */
  #left(): void {
    const { host, link } = this.#session;
    host.done();
    link.h2.release(this.#stream);
    this.#session.over(this);
  }

  #succeed(value: unknown, call: Call): void {
    if (this.#over) return;
    this.#send(this.#route.binding.answerOf(value), call);
  }

  #fail(reason: unknown, call: Call): void {
    if (this.#over) return;
    const declared = this.#route.binding.declared(reason);
    if (declared !== undefined) return this.#send(declared, call);
    this.#over = true;
    const error = RpcError.from(reason, "internal");
    if (error.kind !== "business") this.#session.host.failed(error, call);
    this.#session.fail(this.#answer, error, call.meta);
  }

  #send(message: unknown, call: Call): void {
    const { meta } = call;
    try {
      this.#answer.message(this.#route.binding.response, message, meta);
      this.#answer.end(meta);
      this.#over = true;
    } catch (reason) {
      this.#over = true;
      const error = this.#asAnswerError(reason);
      this.#session.host.failed(error, call);
      this.#session.fail(this.#answer, error, meta);
    }
  }

  /** Of an answer that cannot be sent; one that is too large has a status of its own. */
  #asAnswerError(reason: unknown): RpcError {
    if (reason instanceof GrpcError) return reason;
    return new RpcError("internal", `answer of ${this.#name}: ${RpcError.from(reason).message}`, { cause: reason });
  }

  /** The request cannot be taken. */
  #refuse(reason: unknown): void {
    const error = RpcError.from(reason, "protocol");
    this.#over = true;
    this.#session.host.refused(error);
    this.#answer.fail(error, undefined);
    this.#session.over(this);
  }
}

/** A call with streams of messages. */
export class StreamCall implements ServerCall, MessageSink, WireStream, MetadataFlusher {
  previous: ServerCall | undefined = undefined;
  next: ServerCall | undefined = undefined;
  readonly ticket = undefined;
  readonly #session: GrpcServerSession;
  readonly #stream: Http2Stream;
  readonly #head: RequestHead;
  readonly #route: Route;
  readonly #answer: Answer;
  readonly #reader: MessageReader;
  readonly #served: ServedStream;
  readonly #meta: Metadata;
  /** Bytes of messages that were not read. */
  #unread = 0;
  /** Octets the sender is not given back yet. */
  #owed = 0;
  readonly #waits: Wait[] = [];
  #over = false;

  /** The call that `stream` carries; then `start`. */
  constructor(session: GrpcServerSession, stream: Http2Stream, head: RequestHead, route: Route) {
    const { host, link } = session;
    this.#session = session;
    this.#stream = stream;
    this.#head = head;
    this.#route = route;
    this.#meta = metadataOf(head) ?? new Metadata();
    this.#meta.flusher = this;
    this.#answer = new Answer(session, stream, head);
    this.#reader = new MessageReader(session.wire.maxReceiveBytes, this);
    const init = {
      deadline: deadlineOf(head, host.wheel.clock),
      peer: link.conn.remote,
      meta: this.#meta,
      caller: head.caller,
    };
    this.#served = new ServedStream(host, route.entry, init, this, () => {
      link.h2.release(stream);
      session.over(this);
    });
  }

  /** Begins, once. */
  start(): void {
    this.#stream.busy = true;
    this.#served.start();
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    this.#owed += end - start;
    if (!this.#over) {
      try {
        this.#reader.read(bytes, start, end);
      } catch (reason) {
        this.#served.refuse(readError(this.#head, reason));
      }
    }
    this.#giveBack();
  }

  message(bytes: Uint8Array, start: number, end: number, compressed: boolean): void {
    if (this.#over) return;
    this.#session.recorder?.messageReceived();
    const { served: { compressors }, wire: { maxReceiveBytes } } = this.#session;
    const { request } = this.#route.binding;
    const { encoding } = this.#head;
    const message = readMessage(request, bytes, start, end, compressed, encoding, compressors, maxReceiveBytes);
    const count = end - start;
    this.#unread += count;
    if (compressed) this.#meta.noteCompressed(message);
    this.#served.push(message, count);
  }

  requestEnded(): void {
    if (this.#over) return;
    if (this.#reader.incomplete) {
      return this.#served.refuse(new GrpcError(GrpcStatus.INTERNAL, "the last message is not all there"));
    }
    this.#served.end();
  }

  writable(): void {
    this.#settleWaits(undefined);
  }

  gone(reason: () => RpcError): void {
    const error = reason();
    this.#answer.lost();
    this.#end();
    this.#settleWaits(error);
    this.#served.cancel(error);
  }

  giveUp(error: RpcError): void {
    this.#served.abort(error);
  }

  consumed(bytes: number): void {
    this.#unread -= bytes;
    this.#giveBack();
  }

  send(message: unknown): void | Promise<void> {
    if (this.#over || this.#answer.message(this.#route.binding.response, message, this.#meta)) return;
    return new Promise((resolve, reject) => this.#waits.push({ resolve, reject }));
  }

  flush(meta: Metadata): void {
    if (!this.#over) this.#answer.begin(meta);
  }

  end(): void {
    if (this.#over) return;
    this.#answer.end(this.#meta);
    this.#end();
  }

  fail(error: RpcError): void {
    if (this.#over) return;
    this.#end();
    this.#session.fail(this.#answer, error, this.#meta);
    this.#settleWaits(error);
  }

  /** Nothing is read or written any more; what still comes is dropped. */
  #end(): void {
    this.#over = true;
    this.#unread = 0;
    this.#giveBack();
  }

  /** Lets the caller send as much more as was taken, unless too much of it was not read. */
  #giveBack(): void {
    if (this.#owed === 0 || this.#unread > UNREAD_BYTES) return;
    const owed = this.#owed;
    this.#owed = 0;
    this.#session.link.h2.consumed(this.#stream, owed);
  }

  #settleWaits(error: RpcError | undefined): void {
    for (const { resolve, reject } of this.#waits.splice(0)) {
      if (error === undefined) resolve();
      else reject(error);
    }
  }
}

/** Who waits until more can be sent. */
interface Wait {
  readonly resolve: () => void;
  readonly reject: (error: RpcError) => void;
}
