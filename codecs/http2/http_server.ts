/**
 * HTTP/2 on a server without RPC: a handler from request to response, as a protocol of `lib/rpc` beside all others.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection } from "../../lib/io/connection.ts";
import type { Endpoint } from "../../lib/io/raw.ts";
import type { Protocol, ServerHost, ServerSession } from "../../lib/rpc/protocol.ts";
import { ErrorCode, type Http2Error } from "./errors.ts";
import { Exchange, type OutgoingBody } from "./exchange.ts";
import { detectPreface } from "./detect.ts";
import { HeaderList } from "./header_list.ts";
import type { IncomingBody } from "./incoming_body.ts";
import { Http2Link, type LinkOptions, type LinkUser } from "./link.ts";
import type { Http2Stream } from "./stream.ts";

/** A request. */
export interface Http2Request {
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

/** A response. */
export interface Http2Response {
  /** 200 to 599. Default 200. */
  readonly status?: number | undefined;
  /** Fields; names in lower case. No pseudo-header fields. */
  readonly headers?: Iterable<readonly [string, string]> | Readonly<Record<string, string>> | undefined;
  /** The content. Default: none. */
  readonly body?: OutgoingBody | undefined;
  /** Fields after the content. */
  readonly trailers?: HeaderList | undefined;
}

/** Answers requests. One that throws is answered with status 500. */
export type Http2RequestHandler = (request: Http2Request) => Http2Response | Promise<Http2Response>;

/** Options of `http2`. */
export interface Http2ServerOptions extends LinkOptions {
  /** Answers the requests. */
  readonly handler: Http2RequestHandler;
}

/** Serves HTTP/2, with prior knowledge or by ALPN `h2`, as one of a server's protocols. For servers only. */
export function http2(options: Http2ServerOptions): Protocol {
  return {
    name: "http2",
    alpn: "h2",
    detect: detectPreface,
    serve: (conn, host) => new HttpServerSession(conn, host, options),
    connect: () => {
      throw new RpcError("invalid", "http2() serves requests; connectHttp2() makes them");
    },
  };
}

class HttpServerSession implements LinkUser, ServerSession {
  readonly #host: ServerHost;
  readonly #link: Http2Link;
  readonly #handler: Http2RequestHandler;
  readonly #running = new Set<Exchange>();

  constructor(conn: Connection, host: ServerHost, options: Http2ServerOptions) {
    this.#host = host;
    this.#handler = options.handler;
    const maxConcurrentStreams = Math.min(options.maxConcurrentStreams ?? 100, host.maxConcurrentCalls);
    this.#link = new Http2Link("server", conn, host.wheel, this, { ...options, maxConcurrentStreams });
    this.#link.start();
  }

  shutdown(): void {
    this.#link.shutdown();
  }

  abort(error: RpcError): void {
    for (const exchange of [...this.#running]) exchange.fail(error);
    this.#link.goAway(ErrorCode.NO_ERROR, error.message);
  }

  headers(stream: Http2Stream, headers: HeaderList, ended: boolean): void {
    const exchange = new Exchange(this.#link, stream);
    if (ended) exchange.ended();
    stream.busy = true;
    this.#running.add(exchange);
    void this.#serve(exchange, headers);
  }

  data(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    (stream.value as Exchange).received(bytes, start, end, ended);
  }

  trailers(stream: Http2Stream, trailers: HeaderList): void {
    (stream.value as Exchange).ended(trailers);
  }

  reset(stream: Http2Stream, code: number, remote: boolean): void {
    (stream.value as Exchange).wasReset(code, remote);
  }

  writable(stream: Http2Stream): void {
    (stream.value as Exchange).writable();
  }

  broken(error: Http2Error): void {
    this.#host.refused(error);
  }

  gone(): void {
    // Every exchange heard of it when its stream was reset.
  }

  async #serve(exchange: Exchange, headers: HeaderList): Promise<void> {
    const { stream } = exchange;
    const { h2 } = this.#link;
    let begun = false;
    try {
      const response = await this.#handler(requestOf(exchange, headers, this.#link.conn.remote));
      const list = headersOf(response);
      const bare = response.body === undefined && response.trailers === undefined;
      begun = true;
      h2.headers(stream, list, bare);
      this.#link.sent();
      if (!bare) await exchange.send(response.body, response.trailers);
    } catch (reason) {
      if (!begun) h2.headers(stream, INTERNAL_ERROR, true);
      else exchange.fail(RpcError.from(reason, "internal"), ErrorCode.INTERNAL_ERROR);
    }
    // What the client still sends is not wanted any more (RFC 9113 §8.1).
    if (!stream.remoteEnded && stream.localEnded) h2.reset(stream, ErrorCode.NO_ERROR);
    exchange.incoming.leave();
    this.#running.delete(exchange);
    h2.release(stream);
  }
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
  for (const [name, value] of HeaderList.of(headers)) list.add(name, value);
  return list;
}
