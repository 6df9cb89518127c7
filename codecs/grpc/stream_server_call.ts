/**
 * One call of a gRPC server with streams of messages, handed to the core's `ServedStream`.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { Metadata, type MetadataFlusher } from "../../lib/rpc/metadata.ts";
import type { WireStream } from "../../lib/rpc/protocol.ts";
import { ServedStream } from "../../lib/rpc/stream/served_stream.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { Answer } from "./answer.ts";
import { MessageReader, type MessageSink } from "./message_reader.ts";
import { readMessage } from "./messages.ts";
import { deadlineOf, metadataOf, readError, type RequestHead, type Route } from "./request.ts";
import type { ServerCall } from "./server_call.ts";
import type { GrpcServerSession } from "./server_session.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

/** So much unread of a stream is taken before its sender has to wait for the reader. */
const UNREAD_BYTES = 64 * 1024;

/** A call with streams of messages. */
export class StreamServerCall implements ServerCall, MessageSink, WireStream, MetadataFlusher {
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
