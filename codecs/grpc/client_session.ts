/**
 * One connection of a gRPC client: calls out, answers in.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Connection } from "../../lib/io/connection.ts";
import { describeEndpoint } from "../../lib/io/endpoint.ts";
import { Settler } from "../../lib/io/settler.ts";
import { TimerWheel } from "../../lib/io/timer_wheel.ts";
import type { Call } from "../../lib/rpc/call.ts";
import type { ClientSession, ConnectOptions, Pending, WireStream } from "../../lib/rpc/protocol.ts";
import type { MessageQueue } from "../../lib/rpc/stream/message_queue.ts";
import { ErrorCode, errorName } from "../http2/errors.ts";
import { HeaderList } from "../http2/header_list.ts";
import { Http2Link, type LinkUser } from "../http2/link.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { Binding } from "./bindings.ts";
import type { SocketRecorder } from "./channelz/recorder.ts";
import { type ClientCall, UnaryClientCall } from "./client_call.ts";
import { Compressors } from "./compressors.ts";
import { tooManyFields, writeRequestMetadata } from "./metadata.ts";
import { GrpcError, statusOfReset } from "./status.ts";
import { StreamClientCall } from "./stream_client_call.ts";
import { encodeTimeout } from "./timeout.ts";
import { whyUngreeted } from "./ungreeted.ts";
import type { GrpcWire } from "./wire.ts";

/** Heads of requests that are kept, one for each method. */
const MAX_HEADS = 2_000;

/** One connection of a gRPC client. */
export class GrpcClientSession implements ClientSession, LinkUser {
  readonly conn: Connection;
  /** The connection. */
  readonly link: Http2Link;
  /** What all sessions of the protocol share. */
  readonly wire: GrpcWire;
  /** The ways to compress. */
  readonly compressors: Compressors;
  /** Who is told of what happens on the connection, if anybody is. */
  readonly recorder: SocketRecorder | undefined;
  onUnusable: (() => void) | undefined = undefined;
  readonly greeted: Promise<void>;
  readonly #greeting = new Settler();
  readonly #heads = new Map<Binding, HeaderList>();
  readonly #calls = new Map<Pending, UnaryClientCall>();
  /** Calls that wait until a stream can be begun, oldest first. */
  readonly #waiting = new Set<ClientCall>();
  readonly #streams = new Set<ClientCall>();
  #told = false;

  /** Takes the connection over and starts it. */
  constructor(conn: Connection, wire: GrpcWire, options: ConnectOptions) {
    this.conn = conn;
    this.wire = wire;
    this.greeted = this.#greeting.promise;
    this.compressors = new Compressors(wire.compressors ?? options.compressors ?? []);
    this.link = new Http2Link("client", conn, options.wheel ?? new TimerWheel(), this, wire.client);
    this.recorder = wire.channelz?.clientSocket(this.link);
    this.link.start();
  }

  get usable(): boolean {
    return this.link.usable;
  }

  get pendingCount(): number {
    return this.#calls.size + this.#streams.size;
  }

  send(pending: Pending): void {
    const { service, method } = pending.call;
    const call = new UnaryClientCall(this, pending, this.wire.bindings.of(service, method, this.wire.codec));
    this.#calls.set(pending, call);
    try {
      this.#start(call);
    } catch (error) {
      this.#calls.delete(pending);
      call.drop();
      throw error;
    }
  }

  cancel(pending: Pending): void {
    const call = this.#calls.get(pending);
    if (call === undefined) return;
    this.#calls.delete(pending);
    this.#waiting.delete(call);
    call.drop();
  }

  openStream(call: Call, messages: MessageQueue, again?: WireStream): WireStream {
    const binding = this.wire.bindings.of(call.service, call.method, this.wire.codec);
    const stream = again instanceof StreamClientCall
      ? again.moveTo(this)
      : new StreamClientCall(this, call, binding, messages);
    this.#streams.add(stream);
    try {
      this.#start(stream);
    } catch (error) {
      this.#streams.delete(stream);
      throw error;
    }
    return stream;
  }

  /**
   * Begins the stream of a call with its request's headers. Throws an `RpcError` of kind `"invalid"` for metadata or a
   * compressor that cannot be used, a `GrpcError` for metadata that are more than the server takes.
   */
  begin(call: ClientCall, binding: Binding): Http2Stream {
    const { h2 } = this.link;
    call.compressor = this.compressors.choose(call.call.metaIfAny, this.wire.compression);
    const head = this.#headOf(binding, call.call);
    const more = this.#moreOf(call.call, call.compressor);
    if (h2.excess(head, more) > 0) throw tooManyFields("request", head, more, h2.peer.maxHeaderListSize);
    const stream = h2.open(head, false, more);
    stream.value = call;
    call.stream = stream;
    this.link.sent();
    this.recorder?.streamBegun();
    this.recorder?.callBegun();
    return stream;
  }

  /** A call was settled. */
  done(pending: Pending): void {
    this.#calls.delete(pending);
  }

  /** A call with streams is over. */
  leave(call: ClientCall): void {
    this.#waiting.delete(call);
    this.#streams.delete(call);
  }

  headers(stream: Http2Stream, list: HeaderList, ended: boolean): void {
    (stream.value as ClientCall).headers(list, ended);
  }

  data(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    (stream.value as ClientCall).received(bytes, start, end, ended);
  }

  trailers(stream: Http2Stream, trailers: HeaderList): void {
    (stream.value as ClientCall).trailers(trailers);
  }

  reset(stream: Http2Stream, code: number, remote: boolean): void {
    const call = stream.value as ClientCall;
    const { failure } = this.link;
    // One that has begun to answer has seen the call, whatever it says afterwards.
    if (stream.unprocessed && !stream.answered) {
      return call.finish(unseen(`the server did not take the call: ${errorName(code)}`));
    }
    // A server's clock may strike first.
    if (code === ErrorCode.CANCEL && call.call.clock.now() >= call.call.deadline) {
      return call.finish(call.call.timeoutError());
    }
    const text = remote ? "the server reset the stream" : "the server broke a rule";
    call.finish(failure ?? new GrpcError(statusOfReset(code), `${text}: ${errorName(code)}`, { remote }));
  }

  writable(stream: Http2Stream): void {
    (stream.value as ClientCall).writable();
  }

  available(): void {
    for (const call of [...this.#waiting]) {
      if (!this.link.h2.canOpen) return;
      this.#waiting.delete(call);
      try {
        call.start();
      } catch (error) {
        call.finish(RpcError.from(error, "invalid"));
      }
    }
  }

  settings(): void {
    this.#greeting.resolve();
  }

  unusable(): void {
    if (this.link.usable) return;
    if (this.link.first !== undefined || this.#waiting.size > 0) this.#refuse(whyUngreeted(this.link));
    if (this.#told) return;
    this.#told = true;
    this.onUnusable?.();
    // Calls under way finish; then nobody needs the connection.
    this.link.h2.shutdown();
  }

  gone(): void {
    // Every call heard of it when its stream was reset.
    this.recorder?.closed();
  }

  /** Tells those who wait for the connection that it will not be. */
  #refuse(why: RpcError): void {
    this.#greeting.reject(why);
    const calls = [...this.#waiting];
    this.#waiting.clear();
    for (const call of calls) call.finish(this.#unsent(why));
  }

  #unsent({ message }: RpcError): RpcError {
    return unseen(`connection to ${describeEndpoint(this.conn.remote)} went before the call could be sent: ${message}`);
  }

  #start(call: ClientCall): void {
    if (this.link.h2.canOpen) call.start();
    else if (this.link.usable) this.#waiting.add(call);
    else throw this.#unsent(whyUngreeted(this.link));
  }

  /** The fields of a method's requests that are always the same. */
  #headOf(binding: Binding, call: Call): HeaderList {
    let list = this.#heads.get(binding);
    if (list !== undefined) return list;
    const { wire } = this;
    list = new HeaderList()
      .add(":method", "POST")
      .add(":scheme", this.conn.tls === undefined ? "http" : "https")
      .add(":path", binding.path)
      .add(":authority", wire.authority ?? authorityOf(this.conn))
      .add("content-type", binding.contentType);
    // Of a raw call the metadata that are sent on say who calls, and what.
    const raw = binding.service.payload === "raw";
    if (!raw) list.add("user-agent", wire.userAgent);
    list.add("te", "trailers");
    if (wire.accept !== undefined) list.add("grpc-accept-encoding", wire.accept);
    if (!raw) {
      list.add("destination-service", call.destService ?? binding.service.name);
      list.add("destination-method", binding.method.name);
      if (call.caller !== undefined) list.add("source-service", call.caller);
    }
    // Methods of raw calls are as many as there are paths.
    if (this.#heads.size >= MAX_HEADS) this.#heads.clear();
    this.#heads.set(binding, list);
    return list;
  }

  #moreOf(call: Call, compressor: Compressor | undefined): HeaderList | undefined {
    const { metaIfAny: meta } = call;
    const timed = call.deadline !== Infinity;
    const told = meta !== undefined && (meta.hasForward || meta.hasHeaders);
    const raw = call.service.payload === "raw";
    if (!timed && !told && !raw && compressor === undefined && call.previousTries === 0) return undefined;
    const list = new HeaderList();
    if (raw && !(meta?.hasHeaders && meta.headers.has("user-agent"))) list.add("user-agent", this.wire.userAgent);
    if (call.previousTries > 0) list.add("grpc-previous-rpc-attempts", String(call.previousTries));
    if (compressor !== undefined) list.add("grpc-encoding", compressor.name);
    if (timed) list.add("grpc-timeout", encodeTimeout(call.deadline - call.clock.now()));
    if (told) writeRequestMetadata(list, meta);
    return list;
  }
}

/** A call that the server cannot have run. */
function unseen(message: string): RpcError {
  return new RpcError("unavailable", message, { code: 14, retryable: true });
}

function authorityOf(conn: Connection): string {
  return "path" in conn.remote ? "localhost" : describeEndpoint(conn.remote);
}
