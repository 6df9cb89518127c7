/**
 * A server's answer to one call: headers, messages, trailers; or trailers alone.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import { HeaderList } from "../http2/header_list.ts";
import type { Http2Link } from "../http2/link.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { WireCodec } from "./bindings.ts";
import { accepts } from "./compressors.ts";
import { sendMessage } from "./messages.ts";
import { encodeBinary, writeResponseMetadata } from "./metadata.ts";
import { encodePercent } from "./percent.ts";
import type { RequestHead } from "./request.ts";
import type { GrpcServerSession } from "./server_session.ts";
import { GrpcError, statusOf } from "./status.ts";

// Lists that stay the same are sent as they were encoded before.
const HEADS: ReadonlyMap<string, HeaderList> = new Map(
  ["application/grpc", "application/grpc+proto", "application/grpc+thrift"].map((type) => [type, headOf("200", type)]),
);
const OK: HeaderList = HeaderList.of({ "grpc-status": "0" });

/** Writes the answer of one call. After its end, or the stream's, nothing has an effect. */
export class Answer {
  readonly #session: GrpcServerSession;
  readonly #link: Http2Link;
  readonly #stream: Http2Stream;
  readonly #head: RequestHead;
  #compressor: Compressor | undefined = undefined;
  #begun = false;
  #ended = false;

  /** Answers the request of `head` on `stream`. */
  constructor(session: GrpcServerSession, stream: Http2Stream, head: RequestHead) {
    this.#session = session;
    this.#link = session.link;
    this.#stream = stream;
    this.#head = head;
    session.recorder?.callBegun();
  }

  /** Sends a message. Gives what `Http2Connection.data` gives. Throws an `RpcError` of kind `"invalid"`: then it was not sent. */
  message(codec: WireCodec, message: unknown, meta: Metadata): boolean {
    if (this.#ended) return true;
    this.#begin(meta);
    this.#link.sent();
    const compressor = meta.compress ? this.#compressor : undefined;
    const { recorder, wire: { maxSendBytes } } = this.#session;
    const open = !this.#stream.closed;
    const roomy = sendMessage(this.#link.h2, this.#stream, codec, message, compressor, maxSendBytes, false);
    if (open) recorder?.messageSent();
    return roomy;
  }

  /** The call went well. */
  end(meta: Metadata): void {
    if (this.#ended) return;
    this.#begin(meta);
    this.#trailers(OK, meta.hasTrailers ? trailersOf(meta) : undefined);
    this.#session.recorder?.callEnded(true);
  }

  /** The call failed. */
  fail(error: RpcError, meta: Metadata | undefined, httpStatus = "200"): void {
    if (this.#ended) return;
    const status = statusFields(error);
    const more = meta?.hasTrailers ? trailersOf(meta) : undefined;
    if (this.#begun) {
      this.#trailers(status, more);
      return this.#session.recorder?.callEnded(false);
    }
    // Trailers alone: what would have been headers goes with them.
    const list = headOf(httpStatus, this.#head.contentType);
    if (meta?.hasBackward) writeResponseMetadata(list, meta.backward);
    if (this.#head.offers !== undefined) list.add("grpc-accept-encoding", this.#head.offers);
    for (const [name, value] of status) list.add(name, value);
    this.lost();
    this.#link.h2.headers(this.#stream, list, true, more);
    this.#leave();
  }

  /** Nobody is left to answer to. */
  lost(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#session.recorder?.callEnded(false);
  }

  #begin(meta: Metadata): void {
    if (this.#begun) return;
    this.#compressor = this.#choose(meta);
    this.#begun = true;
    let more: HeaderList | undefined;
    if (this.#compressor !== undefined) (more ??= new HeaderList()).add("grpc-encoding", this.#compressor.name);
    if (meta.hasBackward) writeResponseMetadata(more ??= new HeaderList(), meta.backward);
    this.#link.h2.headers(this.#stream, headOfAnswer(this.#head.contentType), false, more);
  }

  /** How messages are compressed: not in a way that the caller does not take. */
  #choose(meta: Metadata): Compressor | undefined {
    const { served, wire } = this.#session;
    const chosen = served.compressors.choose(meta, wire.compression);
    return chosen !== undefined && accepts(this.#head.accepts, chosen.name) ? chosen : undefined;
  }

  #trailers(list: HeaderList, more: HeaderList | undefined): void {
    this.#ended = true;
    this.#link.h2.trailers(this.#stream, list, more);
    this.#leave();
  }

  /** What the caller still sends is not wanted (RFC 9113 §8.1). */
  #leave(): void {
    const { h2 } = this.#link;
    this.#link.sent();
    if (this.#stream.localEnded && !this.#stream.remoteEnded) h2.reset(this.#stream, 0);
  }
}

function headOfAnswer(contentType: string): HeaderList {
  return HEADS.get(contentType) ?? headOf("200", contentType);
}

function headOf(status: string, contentType: string): HeaderList {
  return new HeaderList().add(":status", status).add("content-type", contentType);
}

function trailersOf(meta: Metadata): HeaderList {
  const list = new HeaderList();
  writeResponseMetadata(list, meta.trailers);
  return list;
}

/** The fields that tell of an error. A business error is `biz-status`, as Kitex has it. */
export function statusFields(error: RpcError): HeaderList {
  const list = new HeaderList().add("grpc-status", String(statusOf(error))).add(
    "grpc-message",
    encodePercent(error.message),
  );
  if (error.kind === "business") {
    list.add("biz-status", String(error.code ?? 0));
    if (error.extra !== undefined && Object.keys(error.extra).length > 0) list.add("biz-extra", asciiJson(error.extra));
  }
  if (error instanceof GrpcError && error.details !== undefined) {
    list.add("grpc-status-details-bin", encodeBinary(error.details));
  }
  return list;
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
