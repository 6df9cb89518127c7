/**
 * A request that is no gRPC on a connection of a gRPC server: whoever answers HTTP there gets it.
 *
 * @module
 */
import type { RpcError } from "../../lib/errors.ts";
import type { HttpHandler } from "../../lib/http/message.ts";
import { Exchange } from "../http2/exchange.ts";
import type { HeaderList } from "../http2/header_list.ts";
import { serveExchange } from "../http2/serve_exchange.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { ServerCall } from "./server_call.ts";
import type { GrpcServerSession } from "./server_session.ts";

/** A request that is no gRPC. */
export class HttpCall implements ServerCall {
  previous: ServerCall | undefined = undefined;
  next: ServerCall | undefined = undefined;
  readonly ticket = undefined;
  readonly #exchange: Exchange;

  /** Begins at once. */
  constructor(session: GrpcServerSession, stream: Http2Stream, list: HeaderList, handler: HttpHandler) {
    this.#exchange = new Exchange(session.link, stream);
    stream.value = this;
    stream.busy = true;
    session.began(this);
    void serveExchange(session.link, this.#exchange, list, handler).then(() => session.over(this));
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    this.#exchange.received(bytes, start, end, false);
  }

  requestEnded(): void {
    this.#exchange.ended();
  }

  writable(): void {
    this.#exchange.writable();
  }

  gone(reason: () => RpcError): void {
    this.#exchange.fail(reason());
  }

  giveUp(error: RpcError): void {
    this.#exchange.fail(error);
  }
}
