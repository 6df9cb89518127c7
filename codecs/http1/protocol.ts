/**
 * HTTP/1.1 on a server without RPC: a handler from request to response, as a protocol of `lib/rpc` beside all others.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { HttpHandler } from "../../lib/http/message.ts";
import type { Protocol } from "../../lib/rpc/protocol.ts";
import { detectHttp1 } from "./detect.ts";
import { completeLimits, type Http1Options } from "./options.ts";
import { Http1Session } from "./session.ts";

/** Options of `http1`. */
export interface Http1ServerOptions extends Http1Options {
  /** Answers the requests. */
  readonly handler: HttpHandler;
}

/** Serves HTTP/1.1 and HTTP/1.0 as one of a server's protocols. For servers only. */
export function http1(options: Http1ServerOptions): Protocol {
  const limits = completeLimits(options);
  return {
    name: "http1",
    alpn: "http/1.1",
    detect: detectHttp1,
    serve: (conn, host) => new Http1Session(conn, host, options.handler, limits),
    connect: () => {
      throw new RpcError("invalid", "http1() serves requests");
    },
  };
}
