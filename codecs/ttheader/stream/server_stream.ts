/**
 * One stream of a server, on the wire: its Header goes before its first message, its Trailer ends it for both sides.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { Metadata } from "../../../lib/rpc/metadata.ts";
import type { MethodEntry } from "../../../lib/rpc/method_table.ts";
import type { ServerHost, WireStream } from "../../../lib/rpc/protocol.ts";
import type { MessageQueue } from "../../../lib/rpc/stream/message_queue.ts";
import { ServedStream, type ServedStreamInit } from "../../../lib/rpc/stream/served_stream.ts";
import type { Holder, ReceiveBudget } from "./receive_budget.ts";
import { failureType, StreamErrorType } from "./stream_error.ts";
import { FrameType } from "./stream_frame.ts";
import { withStatus } from "./stream_headers.ts";
import type { StreamMethod, StreamWriter } from "./stream_wire.ts";

/** Who owns a stream. */
export interface StreamOwner {
  /** It is over on the wire: nothing that comes for it counts. Once. */
  over(): void;
  /** Its handler is done as well. Once. */
  done(): void;
}

/** One stream of a server. */
export class ServerStream implements WireStream, Holder {
  readInHold = 0;
  readonly #host: ServerHost;
  readonly #id: number;
  readonly #method: StreamMethod;
  readonly #meta: Metadata;
  readonly #writer: StreamWriter;
  readonly #budget: ReceiveBudget;
  readonly #owner: StreamOwner;
  readonly #served: ServedStream;
  #answered = false;
  #over = false;

  /** Makes one; then `start`. */
  constructor(
    host: ServerHost,
    entry: MethodEntry,
    init: ServedStreamInit & { readonly meta: Metadata },
    id: number,
    method: StreamMethod,
    writer: StreamWriter,
    budget: ReceiveBudget,
    owner: StreamOwner,
  ) {
    this.#host = host;
    this.#id = id;
    this.#method = method;
    this.#meta = init.meta;
    this.#writer = writer;
    this.#budget = budget;
    this.#owner = owner;
    this.#served = new ServedStream(host, entry, init, this, () => owner.done());
  }

  /** What the handler has not read. */
  get queue(): MessageQueue | undefined {
    return this.#served.queue;
  }

  /** Begins; may run the handler before it returns. */
  start(): void {
    this.#served.start();
  }

  // What comes for it.

  /** A message. */
  message(reader: ReadBuffer, bytes: number): void {
    let message: unknown;
    try {
      message = this.#method.request.decode(reader);
    } catch (reason) {
      const { message: text } = RpcError.from(reason, "protocol");
      return this.#served.refuse(new RpcError("protocol", `message of the stream: ${text}`));
    }
    this.#budget.add(bytes, this.#host.wheel.clock);
    this.#served.push(message, bytes);
  }

  /** The caller sends no more. */
  ended(): void {
    this.#served.end();
  }

  /** The caller gave the call up, or is gone. */
  canceled(error: RpcError): void {
    this.#finish();
    this.#served.cancel(error);
  }

  /** A Header frame with the id of this stream, which is not over. */
  unexpectedHeader(): void {
    const text = `header of stream ${this.#id}, which is open`;
    const error = new RpcError("protocol", text, { code: StreamErrorType.UNEXPECTED_HEADER });
    this.#host.refused(error);
    this.#writer.failure(this.#id, this.#method, FrameType.RST, StreamErrorType.UNEXPECTED_HEADER, error);
    this.canceled(error);
  }

  /** Ends it from this side. */
  giveUp(error: RpcError): void {
    this.#served.abort(error);
  }

  // What the handler does.

  send(message: unknown): void | Promise<void> {
    return this.#writer.message(this.#id, this.#method, this.#method.response, message, () => this.#header());
  }

  end(): void {
    if (!this.#header()) return;
    this.#writer.frame(this.#id, this.#method.keys, this.#method.protocolId, FrameType.TRAILER, this.#meta.trailers);
    this.#finish();
  }

  fail(error: RpcError): void {
    if (this.#over) return;
    const { trailers } = this.#meta;
    try {
      this.#header();
      if (error.kind === "business" && error.code !== undefined) {
        const { keys, protocolId } = this.#method;
        this.#writer.frame(this.#id, keys, protocolId, FrameType.TRAILER, withStatus(trailers, error));
      } else this.#failure(error, trailers);
    } catch {
      this.#failure(error); // the pairs are too long for a header: the error goes without them
    }
    this.#finish();
  }

  consumed(bytes: number): void {
    this.#budget.remove(bytes, this);
  }

  /** Writes the Header frame if that was not done; false if the stream is over. */
  #header(): boolean {
    if (this.#over) return false;
    if (this.#answered) return true;
    this.#answered = true;
    this.#writer.frame(this.#id, this.#method.keys, this.#method.protocolId, FrameType.HEADER, this.#meta.backward);
    return true;
  }

  #failure(error: RpcError, trailers?: ReadonlyMap<string, string>): void {
    this.#writer.failure(this.#id, this.#method, FrameType.TRAILER, failureType(error), error, trailers);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.over();
  }
}
