/**
 * One connection of a gRPC server: streams in, calls run, answers out.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection } from "../../lib/io/connection.ts";
import type { Admission, Ticket } from "../../lib/rpc/admission.ts";
import { LinkedList } from "../../lib/rpc/linked_list.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import type { ServerHost, ServerSession } from "../../lib/rpc/protocol.ts";
import { ErrorCode, errorName, type Http2Error } from "../http2/errors.ts";
import type { HeaderList } from "../http2/header_list.ts";
import { Http2Link, type LinkUser } from "../http2/link.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { Answer } from "./answer.ts";
import type { SocketRecorder } from "./channelz/recorder.ts";
import type { Compressors } from "./compressors.ts";
import { HttpCall } from "./http_call.ts";
import { deadlineOf, isGrpc, metadataOf, type RequestHead, type RequestReader, type Route } from "./request.ts";
import type { ServerCall } from "./server_call.ts";
import { GrpcError, GrpcStatus } from "./status.ts";
import { StreamServerCall } from "./stream_server_call.ts";
import { UnaryServerCall } from "./unary_server_call.ts";
import type { GrpcWire } from "./wire.ts";

/** What the sessions of one server share. */
export interface Served {
  /** Reads the heads of requests. */
  readonly requests: RequestReader;
  /** The ways to compress. */
  readonly compressors: Compressors;
}

/** Calls that a connection to a server may have at once, unless `http2` says otherwise; more than HTTP/2 has by itself. */
export const MAX_CONCURRENT_STREAMS = 250;

/** One connection of a gRPC server. */
export class GrpcServerSession implements LinkUser, ServerSession {
  /** The server. */
  readonly host: ServerHost;
  /** The connection. */
  readonly link: Http2Link;
  /** What all sessions of the protocol share. */
  readonly wire: GrpcWire;
  /** What all sessions of the server share. */
  readonly served: Served;
  /** Who is told of what happens on the connection, if anybody is. */
  readonly recorder: SocketRecorder | undefined;
  readonly #calls = new LinkedList<ServerCall>();

  /** Takes the connection over. */
  constructor(conn: Connection, host: ServerHost, wire: GrpcWire, served: Served) {
    this.host = host;
    this.wire = wire;
    this.served = served;
    const maxConcurrentStreams = Math.min(
      wire.server.maxConcurrentStreams ?? MAX_CONCURRENT_STREAMS,
      host.maxConcurrentCalls,
    );
    this.link = new Http2Link("server", conn, host.wheel, this, { ...wire.server, maxConcurrentStreams });
    this.recorder = wire.channelz?.serverSocket(this.link, host);
    this.link.start();
  }

  announce(): void {
    this.shutdown();
  }

  shutdown(): void {
    this.link.shutdown();
  }

  abort(error: RpcError): void {
    for (const call of [...this.#calls.all()]) call.giveUp(error);
    this.link.goAway(ErrorCode.NO_ERROR, error.message);
  }

  headers(stream: Http2Stream, list: HeaderList, ended: boolean): void {
    this.recorder?.streamBegun();
    const head = this.served.requests.read(list);
    const { route } = head;
    if (route === undefined) {
      const { respond } = this.host;
      if (respond !== undefined && !isGrpc(list)) {
        const call = new HttpCall(this, stream, list, respond);
        if (ended) call.requestEnded();
        return;
      }
      return this.#refuse(stream, head);
    }
    if (route.entry.method.streaming === "unary") {
      const ticket = this.host.admission === undefined ? undefined : this.#admit(this.host.admission, head, route);
      if (ticket instanceof RpcError) return new Answer(this, stream, head).fail(ticket, undefined);
      const call = new UnaryServerCall(this, stream, head, route, ticket);
      stream.value = call;
      this.#calls.add(call);
      if (ended) call.requestEnded();
      return;
    }
    const call = new StreamServerCall(this, stream, head, route);
    stream.value = call;
    this.#calls.add(call);
    call.start();
    if (ended) call.requestEnded();
  }

  oversized(stream: Http2Stream, list: HeaderList): void {
    this.recorder?.streamBegun();
    const most = this.wire.server.maxHeaderListBytes;
    const error = new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `header list larger than ${most} octets`);
    this.#answerError(stream, this.served.requests.read(list), error);
  }

  data(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    const call = stream.value as ServerCall;
    if (end > start) call.received(bytes, start, end);
    if (ended) call.requestEnded();
  }

  trailers(stream: Http2Stream): void {
    (stream.value as ServerCall).requestEnded();
  }

  reset(stream: Http2Stream, code: number, remote: boolean): void {
    const { failure } = this.link;
    (stream.value as ServerCall | undefined)?.gone(() => {
      const text = remote ? "the caller reset the stream" : "the caller broke a rule";
      return new RpcError("canceled", failure?.message ?? `${text}: ${errorName(code)}`, { cause: failure });
    });
  }

  writable(stream: Http2Stream): void {
    (stream.value as ServerCall).writable();
  }

  broken(error: Http2Error): void {
    this.host.refused(error);
  }

  gone(): void {
    // Every call heard of it when its stream was reset.
    this.recorder?.closed();
  }

  /** A call has begun. */
  began(call: ServerCall): void {
    this.#calls.add(call);
  }

  /** A call is over, and so is its handler. */
  over(call: ServerCall): void {
    call.ticket?.ended();
    this.#calls.delete(call);
  }

  /** Answers with an error; without metadata if those cannot be sent. */
  fail(answer: Answer, error: RpcError, meta: Metadata | undefined): void {
    try {
      answer.fail(error, meta);
    } catch (reason) {
      answer.fail(new RpcError("internal", RpcError.from(reason).message), undefined);
    }
  }

  #admit(admission: Admission, head: RequestHead, { entry }: Route): Ticket | RpcError {
    const { clock } = this.host.wheel;
    const { service, method } = entry;
    const metaIfAny = metadataOf(head);
    return admission.admit({
      service,
      method,
      caller: head.caller,
      deadline: deadlineOf(head, clock),
      clock,
      metaIfAny,
    });
  }

  #refuse(stream: Http2Stream, head: RequestHead): void {
    const { status, error } = head.refusal ?? { status: "200", error: this.served.requests.unserved(head) };
    this.#answerError(stream, head, error, status);
  }

  #answerError(stream: Http2Stream, head: RequestHead, error: GrpcError, status?: string): void {
    this.host.refused(error);
    new Answer(this, stream, head).fail(error, undefined, status);
  }
}
