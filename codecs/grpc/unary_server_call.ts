/**
 * One call of a gRPC server with one message each way: read whole and run at once.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Ticket } from "../../lib/rpc/admission.ts";
import { Call } from "../../lib/rpc/call.ts";
import { isPromise } from "../../lib/rpc/middleware.ts";
import { whenEnded } from "../../lib/rpc/outcome.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { Answer } from "./answer.ts";
import { MessageReader, type MessageSink } from "./message_reader.ts";
import { readMessage } from "./messages.ts";
import { deadlineOf, metadataOf, readError, type RequestHead, type Route } from "./request.ts";
import type { ServerCall } from "./server_call.ts";
import type { GrpcServerSession } from "./server_session.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

/** A call with one message each way. */
export class UnaryServerCall implements ServerCall, MessageSink {
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
