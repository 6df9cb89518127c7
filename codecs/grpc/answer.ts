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
import { encodeBinary, tooManyFields, writeResponseMetadata } from "./metadata.ts";
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
    this.begin(meta);
    this.#link.sent();
    const compressor = meta.compress ? this.#compressor : undefined;
    const { recorder, wire: { maxSendBytes } } = this.#session;
    const open = !this.#stream.closed;
    const roomy = sendMessage(this.#link.h2, this.#stream, codec, message, compressor, maxSendBytes, false);
    if (open) recorder?.messageSent();
    return roomy;
  }

  /** The call went well. Throws a `GrpcError` for metadata that are more than the caller takes: it is to fail with that. */
  end(meta: Metadata): void {
    if (this.#ended) return;
    this.begin(meta);
    const more = meta.hasTrailers ? trailersOf(meta) : undefined;
    this.#check("answer's end", OK, more);
    this.#trailers(OK, more);
    this.#session.recorder?.callEnded(true);
  }

  /** The call failed. Of an error that is more than the caller takes goes what fits: its status, and so much of its message. */
  fail(error: RpcError, meta: Metadata | undefined, httpStatus = "200"): void {
    if (this.#ended) return;
    const { h2 } = this.#link;
    const head = this.#begun ? undefined : headOf(httpStatus, this.#head.contentType);
    let status = statusFields(error);
    let more = this.#metadataOf(meta);
    if (h2.excess(status, more) + (head?.octets ?? 0) > 0) {
      more = this.#metadataOf(undefined);
      const room = h2.peer.maxHeaderListSize - (head?.octets ?? 0) - (more?.octets ?? 0);
      if (status.octets > room) status = shortStatusFields(error, room);
    }
    if (head === undefined) {
      this.#trailers(status, more);
      return this.#session.recorder?.callEnded(false);
    }
    for (const [name, value] of status) head.add(name, value);
    this.lost();
    h2.headers(this.#stream, head, true, more);
    this.#leave();
  }

  /** Nobody is left to answer to. */
  lost(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#session.recorder?.callEnded(false);
  }

  /** What goes with an error beside it: where nothing was sent, also what would have been headers. */
  #metadataOf(meta: Metadata | undefined): HeaderList | undefined {
    const { offers } = this.#head;
    const alone = !this.#begun;
    if (!meta?.hasTrailers && !(alone && (meta?.hasBackward || offers !== undefined))) return undefined;
    const list = new HeaderList();
    if (alone && meta?.hasBackward) writeResponseMetadata(list, meta.backward);
    if (alone && offers !== undefined) list.add("grpc-accept-encoding", offers);
    if (meta?.hasTrailers) writeResponseMetadata(list, meta.trailers);
    return list;
  }

  #check(what: string, list: HeaderList, more: HeaderList | undefined): void {
    const { h2 } = this.#link;
    if (h2.excess(list, more) > 0) throw tooManyFields(what, list, more, h2.peer.maxHeaderListSize);
  }

  /** Sends the headers, if that was not done. Throws an `RpcError` for metadata that cannot be sent: then they were not. */
  begin(meta: Metadata): void {
    if (this.#begun || this.#ended) return;
    this.#compressor = this.#choose(meta);
    let more: HeaderList | undefined;
    if (this.#compressor !== undefined) (more ??= new HeaderList()).add("grpc-encoding", this.#compressor.name);
    if (meta.hasBackward) writeResponseMetadata(more ??= new HeaderList(), meta.backward);
    const head = headOfAnswer(this.#head.contentType);
    this.#check("answer", head, more);
    this.#begun = true;
    this.#link.h2.headers(this.#stream, head, false, more);
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

/** The same without what explains it, in at most `room` octets if that is possible: its message is cut. */
function shortStatusFields(error: RpcError, room: number): HeaderList {
  for (let text = error.message;; text = text.slice(0, text.length >> 1)) {
    const list = new HeaderList().add("grpc-status", String(statusOf(error))).add("grpc-message", encodePercent(text));
    if (error.kind === "business") list.add("biz-status", String(error.code ?? 0));
    if (list.octets <= room || text === "") return list;
  }
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
