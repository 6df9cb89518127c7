/**
 * One call whose messages are in envelopes: Connect's streams, and everything of gRPC-Web.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http/message.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import type { ServerHost, WireStream } from "../../lib/rpc/protocol.ts";
import { ServedStream } from "../../lib/rpc/stream/served_stream.ts";
import { MessageReader, type MessageSink } from "../grpc/message_reader.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";
import { TextDecoding } from "./base64_stream.ts";
import { inflate, worthCompressing } from "./compression.ts";
import { COMPRESSED, envelope } from "./envelope.ts";
import { requestMetadata, responseFields } from "./fields.ts";
import { type Format, formatOf } from "./formats.ts";
import type { Kind } from "./kinds.ts";
import { Outgoing } from "./outgoing.ts";
import type { Route } from "./route.ts";
import { encodeAnswer } from "./unary.ts";
import type { ConnectWire } from "./wire.ts";

/** So much unread of a stream is taken before its sender has to wait for the reader. */
const UNREAD_BYTES = 64 * 1024;

/** Answers one call; resolves when its headers are known. Never rejects. */
export function serveStreamed(
  request: HttpRequest,
  host: ServerHost,
  route: Route,
  kind: Kind,
  wire: ConnectWire,
): Promise<HttpResponse> {
  const format = formatOf(kind.dialect);
  try {
    const deadline = format.deadline(request.headers, host.wheel.clock);
    const compressor = wire.compression.find(request.headers.get(format.encodingField));
    return new StreamedCall(request, host, route, kind, wire, deadline, compressor).answer;
  } catch (reason) {
    const error = RpcError.from(reason, "internal");
    host.refused(error);
    return Promise.resolve(endedResponse(kind, format, error));
  }
}

/** An answer that is only an end. */
export function endedResponse(kind: Kind, format: Format, error: RpcError): HttpResponse {
  return { headers: { "content-type": kind.contentType }, body: format.wrap(format.end(error, undefined)) };
}

class StreamedCall implements WireStream, MessageSink {
  /** The answer, once its headers are known. */
  readonly answer: Promise<HttpResponse>;
  readonly #request: HttpRequest;
  readonly #route: Route;
  readonly #kind: Kind;
  readonly #format: Format;
  readonly #wire: ConnectWire;
  readonly #meta: Metadata;
  readonly #served: ServedStream;
  readonly #reader: MessageReader;
  readonly #incoming: Compressor | undefined;
  readonly #content: Outgoing;
  #outgoing: Compressor | undefined;
  #respond: (response: HttpResponse) => void = () => {};
  #begun = false;
  #over = false;
  #unread = 0;
  #wake: (() => void) | undefined;

  constructor(
    request: HttpRequest,
    host: ServerHost,
    route: Route,
    kind: Kind,
    wire: ConnectWire,
    deadline: number,
    incoming: Compressor | undefined,
  ) {
    this.#request = request;
    this.#route = route;
    this.#kind = kind;
    this.#format = formatOf(kind.dialect);
    this.#wire = wire;
    this.#meta = requestMetadata(request.headers);
    this.#incoming = incoming;
    this.#reader = new MessageReader(wire.maxReceiveBytes, this);
    this.answer = new Promise((resolve) => this.#respond = resolve);
    const { signal } = request;
    const cancel = (): void => this.#cancel(RpcError.from(signal.reason, "canceled"));
    this.#content = new Outgoing(() => this.#cancel(new RpcError("canceled", "the caller left")));
    const init = { deadline, meta: this.#meta, peer: request.peer };
    this.#served = new ServedStream(host, route.entry, init, this, () => {
      signal.removeEventListener("abort", cancel);
      // Without effect after an answer; a caller that is gone gets none, but its place is to be freed.
      this.#respond({ status: 499 });
    });
    signal.addEventListener("abort", cancel, { once: true });
    this.#served.start();
    if (signal.aborted) cancel();
    else void this.#read();
  }

  message(bytes: Uint8Array, start: number, end: number, compressed: boolean): void {
    let own = bytes.subarray(start, end);
    if (compressed) {
      if (this.#incoming === undefined) {
        throw new GrpcError(
          GrpcStatus.INVALID_ARGUMENT,
          `a message is compressed, and ${this.#format.encodingField} does not say how`,
        );
      }
      own = inflate(this.#incoming, own, this.#wire.maxReceiveBytes);
    }
    const message = this.#route.codecs[this.#kind.codec].request.decode(own);
    if (compressed) this.#meta.noteCompressed(message);
    this.#unread += end - start;
    this.#served.push(message, end - start);
  }

  consumed(bytes: number): void {
    this.#unread -= bytes;
    this.#wake?.();
  }

  send(message: unknown): void | Promise<void> {
    if (this.#over) return;
    const bytes = encodeAnswer(this.#route, this.#kind.codec, message);
    this.#begin();
    const compressor = worthCompressing(bytes.length, this.#meta) ? this.#outgoing : undefined;
    const framed = compressor === undefined ? envelope(0, bytes) : envelope(COMPRESSED, compressor.compress(bytes));
    return this.#content.push(this.#format.wrap(framed));
  }

  end(): void {
    if (this.#over) return;
    let last: Uint8Array;
    try {
      this.#begin();
      last = this.#format.end(undefined, this.#meta);
    } catch (cause) {
      throw new RpcError("internal", RpcError.from(cause).message, { cause });
    }
    this.#finish(last);
  }

  fail(error: RpcError): void {
    if (this.#over) return;
    let last: Uint8Array;
    try {
      this.#begin();
      last = this.#format.end(error, this.#meta);
    } catch {
      // The metadata cannot be sent: the error goes without them.
      this.#meta.backward.clear();
      this.#meta.compression = undefined;
      this.#begin();
      last = this.#format.end(error, undefined);
    }
    this.#finish(last);
  }

  #begin(): void {
    if (this.#begun) return;
    const { encodingField, acceptField } = this.#format;
    this.#outgoing = this.#wire.compression.choose(this.#request.headers.get(acceptField), this.#meta);
    const fields = this.#meta.hasBackward ? responseFields(this.#meta.backward) : [];
    this.#begun = true;
    this.#respond({
      headers: [
        ["content-type", this.#kind.contentType],
        ...(this.#outgoing === undefined ? [] : [[encodingField, this.#outgoing.name] as const]),
        ...fields,
      ],
      body: this.#content,
    });
  }

  #finish(last: Uint8Array): void {
    this.#over = true;
    Promise.resolve(this.#content.push(this.#format.wrap(last))).catch(() => {}); // its reader is gone
    this.#content.end();
    this.#wake?.();
  }

  #cancel(error: RpcError): void {
    this.#over = true;
    this.#served.cancel(error);
    this.#content.end();
    this.#wake?.();
  }

  async #read(): Promise<void> {
    const { body } = this.#request;
    const text = this.#kind.dialect === "text" ? new TextDecoding() : undefined;
    try {
      for (let chunk; (chunk = await body.next()) !== null;) {
        if (this.#over) return body.leave();
        const bytes = text === undefined ? chunk : text.decode(chunk);
        this.#reader.read(bytes, 0, bytes.length);
        while (this.#unread > UNREAD_BYTES && !this.#over) await new Promise<void>((resolve) => this.#wake = resolve);
      }
      if (this.#reader.incomplete || text?.incomplete) {
        throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, "the last message is not all there");
      }
      this.#served.end();
    } catch (reason) {
      this.#served.refuse(RpcError.from(reason, "transport"));
    }
  }
}
