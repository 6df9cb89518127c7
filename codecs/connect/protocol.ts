/**
 * Connect and gRPC-Web as a protocol of `lib/rpc`: over HTTP/1.1, HTTP/2 and `fetch`.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http/message.ts";
import type { Connection } from "../../lib/io/connection.ts";
import type { Protocol, ServerHost, ServerSession } from "../../lib/rpc/protocol.ts";
import { detectHttp1 } from "../http1/detect.ts";
import { http1 } from "../http1/protocol.ts";
import type { Http1Options } from "../http1/options.ts";
import { detectPreface } from "../http2/detect.ts";
import { http2 } from "../http2/http_server.ts";
import type { LinkOptions } from "../http2/link.ts";
import { type ConnectLimits, connectLimits } from "./codec.ts";
import { Compression } from "./compression.ts";
import { Cors, type CorsOptions } from "./cors.ts";
import { respond } from "./respond.ts";
import { Routes } from "./route.ts";
import type { ConnectWire } from "./wire.ts";

/** Options of `connect`. */
export interface ConnectOptions {
  /** Bytes of the largest message taken, decompressed. Default 4 MiB. */
  readonly maxReceiveBytes?: number | undefined;
  /** Limits on what is in a message: `maxNested`, by default 1 Mi. */
  readonly limits?: Partial<ConnectLimits> | undefined;
  /**
   * Ways to compress, beside none. Callers may use any of them, and are answered with the first of those they accept, unless
   * the call's `meta.compression` says otherwise. Default: those of the server, in the front door the runtime's gzip.
   */
  readonly compressors?: readonly Compressor[] | undefined;
  /** Which pages of other origins may call. Default: none. */
  readonly cors?: CorsOptions | undefined;
  /** Limits of HTTP/1.1. */
  readonly http1?: Http1Options | undefined;
  /** Settings of HTTP/2, where no other protocol of the server brings its own. */
  readonly http2?: LinkOptions | undefined;
}

const MAX_RECEIVE_BYTES = 4 * 1024 * 1024;

/**
 * Connect and gRPC-Web for Protocol Buffers services, over HTTP/1.1 and HTTP/2 on the same port as everything else, and
 * through `Server.fetch`. Beside `grpc()` the two share connections of HTTP/2: the content type tells them apart. For
 * servers; browsers call by `createWebClient` of `@updraft/rpc/connect-web`.
 */
export function connect(options: ConnectOptions = {}): Protocol {
  const { maxReceiveBytes = MAX_RECEIVE_BYTES } = options;
  if (!(Number.isInteger(maxReceiveBytes) && maxReceiveBytes > 0 && maxReceiveBytes <= 0x7fff_ffff)) {
    throw new RpcError("invalid", `maxReceiveBytes ${maxReceiveBytes} is not 1 to ${0x7fff_ffff}`);
  }
  const limits = connectLimits(options.limits);
  const cors = options.cors === undefined ? undefined : new Cors(options.cors);
  const served = new WeakMap<ServerHost, { readonly routes: Routes; readonly wire: ConnectWire }>();
  const answer = (request: HttpRequest, host: ServerHost): HttpResponse | Promise<HttpResponse> | undefined => {
    let known = served.get(host);
    if (known === undefined) {
      const compression = new Compression(options.compressors ?? host.compressors);
      served.set(host, known = { routes: new Routes(host.methods, limits), wire: { maxReceiveBytes, compression } });
    }
    return respond(request, host, known.routes, known.wire, cors);
  };
  return {
    name: "connect",
    payloads: ["protobuf"],
    alpn: ["h2", "http/1.1"],
    yields: true,
    detect(bytes) {
      const claims = [detectHttp1(bytes), detectPreface(bytes)];
      return claims.includes(true) ? true : claims.includes(null) ? null : false;
    },
    serve: (conn, host) => new HttpSession(conn, host, options),
    respond: answer,
    connect: () => {
      throw new RpcError("invalid", "connect() serves calls; createWebClient() of @updraft/rpc/connect-web makes them");
    },
  };
}

/** A connection, before and after it is known which HTTP it speaks. */
class HttpSession implements ServerSession {
  #session: ServerSession | undefined;
  readonly #conn: Connection;

  constructor(conn: Connection, host: ServerHost, options: ConnectOptions) {
    this.#conn = conn;
    const handler = host.respond ?? (() => ({ status: 404 }));
    conn.setHandler({
      data: (bytes) => {
        const protocol = detectPreface(bytes)
          ? http2({ ...options.http2, handler })
          : http1({ ...options.http1, handler });
        this.#session = protocol.serve(conn, host);
        return 0;
      },
      close() {
        // Gone before it was served.
      },
    });
  }

  shutdown(): void {
    if (this.#session === undefined) void this.#conn.close();
    else this.#session.shutdown();
  }

  abort(error: RpcError): void {
    if (this.#session === undefined) this.#conn.abort(error);
    else this.#session.abort(error);
  }
}
