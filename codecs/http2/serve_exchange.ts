/**
 * One request of a server answered by a handler: what comes before and after the content.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { IncomingBody } from "../../lib/http/incoming_body.ts";
import { type HttpRequest, type HttpResponse, type OutgoingFields, pairsOf } from "../../lib/http/message.ts";
import type { Endpoint } from "../../lib/io/raw.ts";
import { ErrorCode } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { HeaderList } from "./header_list.ts";
import type { Http2Link } from "./link.ts";

/** A request. */
export interface Http2Request extends HttpRequest {
  /** `GET`, `POST` ... */
  readonly method: string;
  /** Path and query. Empty for CONNECT. */
  readonly path: string;
  /** `http` or `https`, as the client says. */
  readonly scheme: string;
  /** The authority, or the host field. Empty if there is neither. */
  readonly authority: string;
  /** All fields, pseudo-header fields included. It may be shared by equal requests. */
  readonly headers: HeaderList;
  /** The content. Not read, it costs one flow-control window and is dropped when the answer is sent. */
  readonly body: IncomingBody;
  /** Aborts when the client gave up or is gone. Made when first read. */
  readonly signal: AbortSignal;
  /** Address of the client. */
  readonly peer: Endpoint;
}

/** A response. Its fields include no pseudo-header fields; trailers may be a `HeaderList`. */
export type Http2Response = HttpResponse;

/** Answers requests. One that throws is answered with status 500. Every `HttpHandler` is one, too. */
export type Http2RequestHandler = (request: Http2Request) => Http2Response | Promise<Http2Response>;

/**
 * Answers the request of `headers` on the stream of `exchange`, and frees its place when `handler` is done. Mark the stream
 * busy before. Never rejects.
 */
export async function serveExchange(
  link: Http2Link,
  exchange: Exchange,
  headers: HeaderList,
  handler: Http2RequestHandler,
): Promise<void> {
  const { stream } = exchange;
  const { h2 } = link;
  let begun = false;
  try {
    const response = await handler(requestOf(exchange, headers, link.conn.remote));
    const list = headersOf(response);
    const trailers = response.trailers === undefined ? undefined : listOf(response.trailers);
    const bare = response.body === undefined && trailers === undefined;
    begun = true;
    h2.headers(stream, list, bare);
    link.sent();
    if (!bare) await exchange.send(response.body, trailers);
  } catch (reason) {
    if (!begun) h2.headers(stream, INTERNAL_ERROR, true);
    else exchange.fail(RpcError.from(reason, "internal"), ErrorCode.INTERNAL_ERROR);
  }
  // What the client still sends is not wanted any more (RFC 9113 §8.1).
  if (!stream.remoteEnded && stream.localEnded) h2.reset(stream, ErrorCode.NO_ERROR);
  exchange.incoming.leave();
  h2.release(stream);
}

const INTERNAL_ERROR = HeaderList.of({ ":status": "500", "content-length": "0" });

function requestOf(exchange: Exchange, headers: HeaderList, peer: Endpoint): Http2Request {
  return {
    method: headers.get(":method") ?? "",
    path: headers.get(":path") ?? "",
    scheme: headers.get(":scheme") ?? "",
    authority: headers.get(":authority") ?? headers.get("host") ?? "",
    headers,
    body: exchange.incoming,
    get signal() {
      return exchange.signal;
    },
    peer,
  };
}

function headersOf(response: Http2Response): HeaderList {
  const { status = 200, headers = {} } = response;
  if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new RpcError("invalid", `status ${status} is not 200 to 599`);
  }
  const list = new HeaderList().add(":status", String(status));
  for (const [name, value] of pairsOf(headers)) list.add(name, value);
  return list;
}

function listOf(fields: OutgoingFields): HeaderList {
  return fields instanceof HeaderList ? fields : HeaderList.of(pairsOf(fields));
}
