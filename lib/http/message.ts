/**
 * Requests and responses of HTTP, whatever carries them: HTTP/1.1, HTTP/2 or a runtime's own `fetch` handler.
 *
 * One handler serves all of them. What a version of HTTP has beside this stays in its own folder.
 *
 * @module
 */
import type { Endpoint } from "../io/raw.ts";

/** Fields of a header or of trailers that came. Names are in lower case. */
export interface HttpFields extends Iterable<readonly [string, string]> {
  /** The first value of the field `name` (lower case); `undefined` if there is none. */
  get(name: string): string | undefined;
  /** All values of the field `name`. */
  getAll(name: string): string[];
}

/** Content that comes, with flow control by who reads it. Reads must not overlap. */
export interface HttpBody extends AsyncIterable<Uint8Array> {
  /** Fields after the content, once it was read to its end; `undefined` if there were none. */
  readonly trailers: HttpFields | undefined;
  /** All that came since the last time, as memory of its own; `null` at the end. Rejects if the request broke off. */
  next(): Promise<Uint8Array | null>;
  /** The whole content. Rejects with kind `"protocol"` when it is longer than `maxBytes`; default 4 MiB. */
  bytes(maxBytes?: number): Promise<Uint8Array>;
  /** The reader wants no more. Twice is fine. */
  leave(): void;
}

/** A request. */
export interface HttpRequest {
  /** `GET`, `POST` ... */
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** `http` or `https`. */
  readonly scheme: string;
  /** Whom it is for: host and port. Empty if that was not said. */
  readonly authority: string;
  /** All fields. They may be shared by equal requests. */
  readonly headers: HttpFields;
  /** The content. Not read, it is dropped when the answer is sent. */
  readonly body: HttpBody;
  /** Aborts when the client gave up or is gone. Made when first read. */
  readonly signal: AbortSignal;
  /** Address of the client; `undefined` where what carries the request does not tell. */
  readonly peer: Endpoint | undefined;
}

/** Content to send: text goes as UTF-8, and chunks as they come, no faster than the peer takes them. */
export type OutgoingBody = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Fields to send; names in lower case. */
export type OutgoingFields = Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

/** A response. */
export interface HttpResponse {
  /** 200 to 599. Default 200. */
  readonly status?: number | undefined;
  /** Fields; names in lower case. */
  readonly headers?: OutgoingFields | undefined;
  /** The content. Default: none. */
  readonly body?: OutgoingBody | undefined;
  /** Fields after the content, where what carries the response has room for them. */
  readonly trailers?: OutgoingFields | undefined;
}

/** Answers requests. One that throws is answered with status 500. */
export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** The pairs of `fields`, in their order. */
export function pairsOf(fields: OutgoingFields): Iterable<readonly [string, string]> {
  return Symbol.iterator in fields ? fields as Iterable<readonly [string, string]> : Object.entries(fields);
}
