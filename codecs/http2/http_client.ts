/**
 * An HTTP/2 client without RPC: one connection, requests out and responses in.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { Connection } from "../../lib/io/connection.ts";
import type { Clock } from "../../lib/io/clock.ts";
import { describeEndpoint, parseTarget } from "../../lib/io/endpoint.ts";
import type { ClientTls, Endpoint, RawConn, Transport } from "../../lib/io/raw.ts";
import { TimerWheel } from "../../lib/io/timer_wheel.ts";
import { Exchange } from "./exchange.ts";
import { HeaderList } from "./header_list.ts";
import type { IncomingBody } from "../../lib/http/incoming_body.ts";
import type { OutgoingBody } from "../../lib/http/message.ts";
import { Http2Link, type LinkOptions, type LinkUser } from "./link.ts";
import { statusOf } from "./message.ts";
import type { Http2Stream } from "./stream.ts";

/** Options of `connectHttp2`. */
export interface Http2ClientOptions extends LinkOptions {
  /** Where to connect to: `host:port`, `unix:/path`, or an `Endpoint`. */
  readonly to: string | Endpoint;
  /** Opens the connection. */
  readonly transport: Transport;
  /** Set to connect by TLS; ALPN is `h2` unless it says otherwise. */
  readonly tls?: ClientTls | undefined;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
  /** Tells the time; for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** A request to make. */
export interface Http2RequestInit {
  /** Default `GET`. */
  readonly method?: string | undefined;
  /** Path and query. Default `/`. */
  readonly path?: string | undefined;
  /** Default: where the client is connected to. */
  readonly authority?: string | undefined;
  /** Fields; names in lower case. No pseudo-header fields. */
  readonly headers?: Iterable<readonly [string, string]> | Readonly<Record<string, string>> | undefined;
  /** The content. Default: none. */
  readonly body?: OutgoingBody | undefined;
  /** Fields after the content. */
  readonly trailers?: HeaderList | undefined;
  /** Gives the request up; the response's body then breaks, too. */
  readonly signal?: AbortSignal | undefined;
}

/** A response. */
export interface Http2ClientResponse {
  /** 200 to 599. */
  readonly status: number;
  /** All fields, `:status` included. It may be shared by equal responses. */
  readonly headers: HeaderList;
  /** The content. It must be read, or left by `leave`: until then it holds its stream. */
  readonly body: IncomingBody;
}

/** A connection to make requests on. */
export interface Http2Client {
  /** True while requests can be made, if need be after some wait. */
  readonly usable: boolean;
  /**
   * Makes a request; resolves with the head of its response. Waits while the server takes no more streams. Rejects with
   * kind `"unavailable"` or `"transport"` if the connection is going or gone, `"canceled"` if the signal fired.
   */
  request(init?: Http2RequestInit): Promise<Http2ClientResponse>;
  /** Finishes the requests under way, then closes. Twice is fine. */
  close(): Promise<void>;
  /** Breaks every request off and closes. */
  abort(): void;
  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Connects. Rejects with kind `"connect"`, or `"invalid"` for options that cannot be honoured. */
export async function connectHttp2(options: Http2ClientOptions): Promise<Http2Client> {
  const { transport, tls, signal } = options;
  const to = parseTarget(options.to);
  const raw = await transport.dial(to, {
    ...(signal === undefined ? {} : { signal }),
    ...(tls === undefined ? {} : { tls: { alpn: ["h2"], ...tls } }),
  });
  if (tls !== undefined && raw.tls?.alpn !== "h2") {
    raw.abort();
    throw new RpcError("connect", `${describeEndpoint(to)} does not speak HTTP/2: ALPN gave ${raw.tls?.alpn}`);
  }
  return new ClientConnection(raw, options, tls === undefined ? "http" : "https", authorityOf(to));
}

class ClientConnection implements Http2Client, LinkUser {
  readonly #link: Http2Link;
  readonly #wheel: TimerWheel;
  readonly #scheme: string;
  readonly #authority: string;
  /** Requests that wait until a stream can be opened. */
  readonly #waiting = new Set<() => void>();
  /** Those whose response has not begun. */
  readonly #asked = new Map<Exchange, (headers: HeaderList) => void>();
  #closing: Promise<void> | undefined;

  constructor(raw: RawConn, options: Http2ClientOptions, scheme: string, authority: string) {
    this.#scheme = scheme;
    this.#authority = authority;
    this.#wheel = new TimerWheel(options.clock);
    const conn = new Connection(raw, { wheel: this.#wheel, readWhileFull: true });
    // How many streams the server takes is known when its SETTINGS are here: until then requests wait.
    this.#link = new Http2Link("client", conn, this.#wheel, this, { initialMaxStreams: 0, ...options });
    this.#link.start();
  }

  get usable(): boolean {
    return this.#link.usable;
  }

  async request(init: Http2RequestInit = {}): Promise<Http2ClientResponse> {
    const { signal } = init;
    const list = this.#headersOf(init);
    if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
    while (!this.#link.h2.canOpen) await this.#turn(signal);
    const excess = this.#link.h2.excess(list);
    if (excess > 0) {
      throw new RpcError("overload", `the request's header list is ${excess} octets more than the server takes`);
    }
    const bare = init.body === undefined && init.trailers === undefined;
    const exchange = new Exchange(this.#link, this.#link.h2.open(list, bare));
    this.#link.sent();
    const abort = (): void => exchange.fail(RpcError.from(signal?.reason, "canceled"));
    signal?.addEventListener("abort", abort, { once: true });
    const answer = new Promise<HeaderList>((resolve, reject) => {
      this.#asked.set(exchange, resolve);
      exchange.onOver((error) => {
        signal?.removeEventListener("abort", abort);
        this.#asked.delete(exchange);
        if (error !== undefined) reject(error);
      });
    });
    // What goes wrong while sending ends the exchange, which the answer tells of.
    if (!bare) exchange.send(init.body, init.trailers).catch(() => {});
    const headers = await answer;
    return { status: statusOf(headers), headers, body: exchange.incoming };
  }

  close(): Promise<void> {
    return this.#closing ??= new Promise((resolve) => {
      this.#link.conn.onClose(() => resolve());
      this.#link.shutdown();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  abort(): void {
    this.#link.goAway();
  }

  headers(stream: Http2Stream, headers: HeaderList, ended: boolean): void {
    const exchange = stream.value as Exchange;
    this.#asked.get(exchange)?.(headers);
    if (ended) exchange.ended();
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

  available(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  unusable(): void {
    this.available();
  }

  gone(): void {
    this.#wheel.close();
  }

  #headersOf(init: Http2RequestInit): HeaderList {
    const list = new HeaderList()
      .add(":method", init.method ?? "GET")
      .add(":scheme", this.#scheme)
      .add(":path", init.path ?? "/")
      .add(":authority", init.authority ?? this.#authority);
    for (const [name, value] of HeaderList.of(init.headers ?? {})) list.add(name, value);
    return list;
  }

  /** Waits until it is worth asking again whether a stream can be opened. */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (!this.usable) throw this.#link.failure ?? new RpcError("unavailable", "the connection takes no more requests");
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
    if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
  }
}

function authorityOf(to: Endpoint): string {
  return "path" in to ? "localhost" : describeEndpoint(to);
}
