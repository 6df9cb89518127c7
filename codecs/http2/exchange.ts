/**
 * One request and its response on a stream, whichever side this is: its content both ways, and how it ends.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { ErrorCode, errorName } from "./errors.ts";
import type { HeaderList } from "./header_list.ts";
import { IncomingBody } from "../../lib/http/incoming_body.ts";
import type { OutgoingBody } from "../../lib/http/message.ts";
import type { Http2Link } from "./link.ts";
import type { Http2Stream } from "./stream.ts";

/** A request and its response. */
export class Exchange {
  /** The stream. */
  readonly stream: Http2Stream;
  /** What the peer sends. */
  readonly incoming: IncomingBody;
  readonly #link: Http2Link;
  #error: RpcError | undefined;
  #controller: AbortController | undefined;
  #wake: (() => void) | undefined;
  #over: ((error: RpcError | undefined) => void) | undefined;

  /** Belongs to `stream`, whose `value` it becomes. */
  constructor(link: Http2Link, stream: Http2Stream) {
    this.#link = link;
    this.stream = stream;
    stream.value = this;
    this.incoming = new IncomingBody({
      consumed: (count) => link.h2.consumed(stream, count),
      left: () => this.#unwanted(),
    });
  }

  /** Aborts when the peer gave up or is gone. Made when first read. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#error !== undefined) this.#controller.abort(this.#error);
    return this.#controller.signal;
  }

  /** Calls `fn` once, when all of the peer's part is here, or with the error that ended it. One `fn` at most. */
  onOver(fn: (error: RpcError | undefined) => void): void {
    this.#over = fn;
  }

  /** Content came. */
  received(bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    if (end > start) this.incoming.push(bytes, start, end);
    if (ended) this.ended();
  }

  /** The peer's part is all here. */
  ended(trailers?: HeaderList): void {
    this.incoming.end(trailers);
    this.#tellOver(undefined);
  }

  /** Ends it: by `error`, with RST_STREAM of `code` unless the stream is closed already. The first time counts. */
  fail(error: RpcError, code: number = ErrorCode.CANCEL): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#link.h2.reset(this.stream, code);
    this.incoming.fail(error);
    this.#controller?.abort(error);
    this.#wake?.();
    this.#tellOver(error);
  }

  /** The stream was reset. */
  wasReset(code: number, remote: boolean): void {
    const { failure } = this.#link;
    const refused = this.stream.unprocessed;
    this.fail(
      failure ?? new RpcError(refused ? "unavailable" : remote ? "canceled" : "protocol", describe(code, remote), {
        code,
        remote,
        retryable: refused,
      }),
      code,
    );
  }

  /** More can be sent. */
  writable(): void {
    this.#wake?.();
  }

  /** Sends content and, after it, trailers. Rejects if the stream breaks, or `body` does, which resets the stream. */
  async send(body: OutgoingBody | undefined, trailers?: HeaderList): Promise<void> {
    const { h2 } = this.#link;
    const { stream } = this;
    if (body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array)) {
      try {
        for await (const chunk of body) {
          const roomy = h2.data(stream, chunk, 0, chunk.length, false);
          this.#link.sent();
          if (!roomy) await this.#room();
          if (this.#error !== undefined) throw this.#error;
        }
      } catch (reason) {
        const error = RpcError.from(reason, "internal");
        this.fail(error, ErrorCode.INTERNAL_ERROR);
        throw error;
      }
    } else if (body !== undefined && body.length > 0) {
      const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
      h2.data(stream, bytes, 0, bytes.length, trailers === undefined);
      if (trailers === undefined) return;
    }
    if (trailers !== undefined) h2.trailers(stream, trailers);
    else h2.end(stream);
    this.#link.sent();
  }

  #tellOver(error: RpcError | undefined): void {
    const over = this.#over;
    this.#over = undefined;
    over?.(error);
  }

  async #room(): Promise<void> {
    while (this.stream.waiting && this.#error === undefined) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    this.#wake = undefined;
  }

  /** Nobody reads what comes: a client resets the stream, a server does when it has answered. */
  #unwanted(): void {
    if (this.#link.h2.role === "client") this.fail(new RpcError("canceled", "the reader left"));
  }
}

function describe(code: number, remote: boolean): string {
  return remote ? `the peer reset the stream: ${errorName(code)}` : `the stream broke a rule: ${errorName(code)}`;
}
