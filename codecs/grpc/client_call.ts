/**
 * One call of a gRPC client on its stream: what all have, and those with one message each way.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Call } from "../../lib/rpc/call.ts";
import type { Pending } from "../../lib/rpc/protocol.ts";
import { ErrorCode } from "../http2/errors.ts";
import type { HeaderList } from "../http2/header_list.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { Binding } from "./bindings.ts";
import type { GrpcClientSession } from "./client_session.ts";
import { MessageReader, type MessageSink } from "./message_reader.ts";
import { readMessage, sendMessage, type SentKeeper } from "./messages.ts";
import { headFault, outcomeOf, takeMetadata } from "./response.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

/** What calls of both sorts do with an answer. */
export abstract class ClientCall implements MessageSink {
  /** The stream, once it was begun. */
  stream: Http2Stream | undefined = undefined;
  /** The call. */
  readonly call: Call;
  /** Its connection. */
  session: GrpcClientSession;
  /** How its messages go. */
  readonly binding: Binding;
  /** What its messages are compressed with. */
  compressor: Compressor | undefined = undefined;
  /** It was settled. */
  over = false;
  readonly #reader: MessageReader;
  readonly #maxReceiveBytes: number;
  #answered = false;
  /** A message came. */
  #heard = false;
  #encoding: string | undefined;

  /** A call of the method that `binding` is for. */
  constructor(session: GrpcClientSession, call: Call, binding: Binding) {
    this.session = session;
    this.call = call;
    this.binding = binding;
    this.#maxReceiveBytes = atMost(session.wire.maxReceiveBytes, call.limits?.maxResponseBytes);
    this.#reader = new MessageReader(this.#maxReceiveBytes, this);
  }

  /** The stream can be begun. Throws an `RpcError` of kind `"invalid"` for what cannot be sent. */
  abstract start(): void;
  /** A message came. */
  abstract take(message: unknown, bytes: number): void;
  /** The answer is complete, or the call failed. Comes once. */
  abstract settle(error: RpcError | undefined): void;
  /** So many octets came and were looked at. */
  abstract taken(bytes: number): void;
  /** More can be sent. */
  abstract writable(): void;

  /** Headers came. */
  headers(list: HeaderList, ended: boolean): void {
    if (ended) return this.trailers(list);
    const fault = headFault(list);
    if (fault !== undefined) return this.breakOff(fault);
    this.#answered = true;
    this.#encoding = list.get("grpc-encoding");
    if (!this.session.compressors.reads(this.#encoding)) {
      const text = `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(this.#encoding)}`;
      return this.breakOff(new GrpcError(GrpcStatus.INTERNAL, text));
    }
    takeMetadata(list, this.call, "backward");
    this.#passOn();
  }

  /** Of a proxy's call, made with the metadata of the one it serves: what came goes on, if no message came with it to go with. */
  #passOn(): void {
    const meta = this.call.metaIfAny;
    if (meta?.flusher === undefined) return;
    queueMicrotask(() => {
      if (this.over || this.#heard) return;
      try {
        meta.flush();
      } catch (reason) {
        this.breakOff(RpcError.from(reason));
      }
    });
  }

  /** Sends a message; gives what `sendMessage` gives, and throws what it throws. `keeper` is given its octets. */
  sendOn(stream: Http2Stream, message: unknown, ended: boolean, keeper?: SentKeeper): boolean {
    const { link, recorder, wire } = this.session;
    const compressor = this.compressor === undefined || !this.call.meta.compress ? undefined : this.compressor;
    const most = atMost(wire.maxSendBytes, this.call.limits?.maxRequestBytes);
    const open = !stream.closed;
    const roomy = sendMessage(link.h2, stream, this.binding.request, message, compressor, most, ended, keeper);
    if (open) recorder?.messageSent();
    return roomy;
  }

  /** Content came. */
  received(bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    if (end > start) {
      try {
        if (!this.over) this.#reader.read(bytes, start, end);
      } catch (reason) {
        this.breakOff(reason instanceof GrpcError ? reason : asInternal(reason, this.binding));
      }
      this.taken(end - start);
    }
    if (ended) this.breakOff(new GrpcError(GrpcStatus.INTERNAL, "the server ended the stream without trailers"));
  }

  /** A whole message came. */
  message(bytes: Uint8Array, start: number, end: number, compressed: boolean): void {
    if (this.over) return;
    this.#heard = true;
    this.session.recorder?.messageReceived();
    const { compressors } = this.session;
    const { response } = this.binding;
    const most = this.#maxReceiveBytes;
    const message = readMessage(response, bytes, start, end, compressed, this.#encoding, compressors, most);
    if (compressed) this.call.meta.noteCompressed(message);
    this.take(message, end - start);
  }

  /** Trailers came, or headers that are all there is. */
  trailers(list: HeaderList): void {
    if (this.over) return;
    takeMetadata(list, this.call, "trailers");
    const error = outcomeOf(list, this.binding.service.payload !== "raw");
    if (error === undefined && this.#reader.incomplete) {
      return this.breakOff(new GrpcError(GrpcStatus.INTERNAL, "the answer's last message is not all there"));
    }
    this.finish(error);
    // What was not sent yet is of no use to the server (RFC 9113 §8.1).
    if (this.stream !== undefined && !this.stream.localEnded) {
      this.session.link.h2.reset(this.stream, ErrorCode.NO_ERROR);
    }
  }

  /** Ends the call by an error that this side found, and the stream with it. */
  breakOff(error: RpcError): void {
    if (this.over) return;
    this.finish(error);
    if (this.stream !== undefined) this.session.link.h2.reset(this.stream, ErrorCode.CANCEL);
  }

  /** Forgets the call, whose caller gave it up and knows; ends the stream. */
  drop(): void {
    if (this.over) return;
    this.#end(false);
    if (this.stream !== undefined) this.session.link.h2.reset(this.stream, ErrorCode.CANCEL);
  }

  /** Settles the call; once. */
  finish(error: RpcError | undefined): void {
    if (this.over) return;
    this.#end(error === undefined);
    if (error !== undefined && this.#answered) this.call.meta.answered = true;
    this.settle(error);
  }

  #end(ok: boolean): void {
    this.over = true;
    if (this.stream !== undefined) this.session.recorder?.callEnded(ok);
  }
}

/** A call with one message each way. */
export class UnaryClientCall extends ClientCall {
  readonly #pending: Pending;
  #messages = 0;
  #message: unknown = undefined;

  /** Settles `pending`. */
  constructor(session: GrpcClientSession, pending: Pending, binding: Binding) {
    super(session, pending.call, binding);
    this.#pending = pending;
  }

  override start(): void {
    const { session, binding, call } = this;
    const stream = session.begin(this, binding);
    try {
      this.sendOn(stream, binding.messageOf(call.args), true);
    } catch (error) {
      session.link.h2.reset(stream, ErrorCode.CANCEL);
      throw RpcError.from(error, "invalid");
    }
  }

  override take(message: unknown): void {
    if (this.#messages++ > 0) throw new GrpcError(GrpcStatus.INTERNAL, "the server sent more than one message");
    this.#message = message;
  }

  override taken(bytes: number): void {
    this.session.link.h2.consumed(this.stream!, bytes);
  }

  override settle(error: RpcError | undefined): void {
    const pending = this.#pending;
    this.session.done(pending);
    if (error !== undefined) return pending.reject(error);
    if (this.#messages === 0) {
      return pending.reject(new GrpcError(GrpcStatus.INTERNAL, "the server answered without a message"));
    }
    let value: unknown;
    try {
      value = this.binding.valueOf(this.#message);
    } catch (exception) {
      return pending.reject(exception);
    }
    pending.resolve(value);
  }

  override writable(): void {
    // One message is all there is to send.
  }
}

function atMost(bytes: number, least: number | undefined): number {
  return least === undefined ? bytes : Math.min(bytes, least);
}

function asInternal(reason: unknown, { service, method }: Binding): GrpcError {
  const text = `answer of ${service.name}.${method.name}: ${RpcError.from(reason).message}`;
  return new GrpcError(GrpcStatus.INTERNAL, text, { cause: reason });
}
