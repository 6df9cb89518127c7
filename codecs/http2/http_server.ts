/**
 * HTTP/2 on a server without RPC: a handler from request to response, as a protocol of `lib/rpc` beside all others.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection } from "../../lib/io/connection.ts";
import type { Protocol, ServerHost, ServerSession } from "../../lib/rpc/protocol.ts";
import { ErrorCode, type Http2Error } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { detectPreface } from "./detect.ts";
import type { HeaderList } from "./header_list.ts";
import { type Http2RequestHandler, serveExchange } from "./serve_exchange.ts";
import { Http2Link, type LinkOptions, type LinkUser } from "./link.ts";
import type { Http2Stream } from "./stream.ts";

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
    void serveExchange(this.#link, exchange, headers, this.#handler).then(() => this.#running.delete(exchange));
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
}
