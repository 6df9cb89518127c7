/**
 * One connection of a client of TTHeader streaming: any number of streams at once, told apart by their ids.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { Connection, ConnectionHandler } from "../../../lib/io/connection.ts";
import { describeEndpoint } from "../../../lib/io/endpoint.ts";
import type { Call } from "../../../lib/rpc/call.ts";
import type { ClientSession, WireStream } from "../../../lib/rpc/protocol.ts";
import type { MessageQueue } from "../../../lib/rpc/stream/message_queue.ts";
import { IntKey, StrKey } from "../keys.ts";
import { type Holder, MESSAGE_OVERHEAD, ReceiveBudget } from "./receive_budget.ts";
import { cancelPath, cancelType, decodeFailure, StreamErrorType } from "./stream_error.ts";
import { type FrameKeys, frameKeys, FrameType, StreamFrameReader } from "./stream_frame.ts";
import { openingStrings, statusOf } from "./stream_headers.ts";
import { type StreamMethod, type StreamWire, StreamWriter } from "./stream_wire.ts";

/** One connection of a client. */
export class StreamClientSession implements ClientSession, ConnectionHandler {
  readonly conn: Connection;
  onUnusable: (() => void) | undefined = undefined;
  readonly #wire: StreamWire;
  readonly #writer: StreamWriter;
  readonly #frames = new StreamFrameReader();
  readonly #streams = new Map<number, ClientStream>();
  readonly #budget: ReceiveBudget;
  #opening: { readonly method: StreamMethod; readonly caller: string; readonly keys: FrameKeys } | undefined =
    undefined;
  #lastId = 0;
  #ended = false;

  /** Takes the connection over and starts it. */
  constructor(conn: Connection, wire: StreamWire) {
    this.conn = conn;
    this.#wire = wire;
    this.#writer = new StreamWriter(conn, wire);
    this.#budget = new ReceiveBudget(conn, wire.limits, this.#streams);
    conn.start(this);
  }

  get usable(): boolean {
    return !this.#ended && this.conn.isActive;
  }

  get pendingCount(): number {
    return this.#streams.size;
  }

  openStream(call: Call, messages: MessageQueue): WireStream {
    const { maxStreams } = this.#wire.limits;
    if (this.#streams.size >= maxStreams) {
      const text = `${maxStreams} streams are open on the connection, and more than that may not be`;
      throw new RpcError("overload", text, { retryable: true });
    }
    const method = this.#wire.method(call.method, call.service.payload);
    const id = this.#nextId();
    this.#writer.frame(id, this.#openingKeys(call, method), method.protocolId, FrameType.HEADER, openingStrings(call));
    const over = (): void => void this.#streams.delete(id);
    const stream = new ClientStream(id, call, method, messages, this.#writer, this.#budget, over);
    this.#streams.set(id, stream);
    return stream;
  }

  data(bytes: Uint8Array): number {
    const frames = this.#frames;
    let at = 0;
    try {
      while (at < bytes.length && !this.#budget.held) {
        if (!frames.read(bytes, at, this.#wire.limits.maxFrameBytes)) {
          this.conn.need = frames.parts.need;
          break;
        }
        at = frames.parts.end;
        this.#frame(bytes);
      }
    } catch (reason) {
      const error = RpcError.from(reason, "protocol");
      this.#failAll(error);
      this.conn.abort(error);
      return bytes.length;
    }
    return at;
  }

  end(): void {
    this.#becomeUnusable();
    void this.conn.close();
  }

  close(reason?: unknown): void {
    this.#budget.close();
    const text = reason === undefined ? "" : `: ${RpcError.from(reason).message}`;
    const where = describeEndpoint(this.conn.remote);
    this.#failAll(
      new RpcError("transport", `connection to ${where} closed before the stream ended${text}`, { cause: reason }),
    );
  }

  #frame(bytes: Uint8Array): void {
    const { parts, type } = this.#frames;
    const stream = this.#streams.get(parts.seqid);
    if (stream === undefined) return; // it is over here, and the server did not know yet
    const { reader, errors } = this.#wire;
    switch (type) {
      case FrameType.DATA:
        reader.reset(bytes, parts.payloadStart, parts.end);
        return stream.message(reader, parts.need + MESSAGE_OVERHEAD);
      case FrameType.HEADER:
        return stream.header(this.#frames.strings(bytes));
      case FrameType.TRAILER: {
        const trailers = this.#frames.strings(bytes);
        const error = parts.payloadStart < parts.end
          ? decodeFailure(errors, reader.reset(bytes, parts.payloadStart, parts.end))
          : statusOf(trailers);
        if (error?.code === StreamErrorType.TRANSPORT_CLOSING) this.#becomeUnusable();
        return stream.trailer(trailers, error);
      }
      case FrameType.RST: {
        const path = this.#frames.strings(bytes).get(StrKey.CANCEL_PATH);
        return stream.over(decodeFailure(errors, reader.reset(bytes, parts.payloadStart, parts.end), path));
      }
      default: // Meta frames are for proxies
    }
  }

  /** The integer keys of a Header frame: those of all frames, and who calls. A client says the same in all its calls. */
  #openingKeys({ caller, method: { name } }: Call, method: StreamMethod): FrameKeys {
    if (caller === undefined) return method.keys;
    const last = this.#opening;
    if (last?.method === method && last.caller === caller) return last.keys;
    const keys = frameKeys(name, new Map([[IntKey.FROM_SERVICE, caller]]));
    this.#opening = { method, caller, keys };
    return keys;
  }

  #nextId(): number {
    do this.#lastId = this.#lastId + 1 | 0; while (this.#lastId === 0 || this.#streams.has(this.#lastId));
    return this.#lastId;
  }

  #failAll(error: RpcError): void {
    this.#becomeUnusable();
    for (const stream of [...this.#streams.values()]) stream.lost(error);
  }

  #becomeUnusable(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onUnusable?.();
  }
}

/** One stream of a client: open, half closed once `end` was called, then over. */
class ClientStream implements WireStream, Holder {
  readonly queue: MessageQueue;
  readInHold = 0;
  readonly #id: number;
  readonly #call: Call;
  readonly #method: StreamMethod;
  readonly #writer: StreamWriter;
  readonly #budget: ReceiveBudget;
  readonly #onOver: () => void;
  #answered = false;
  #ended = false;
  #over = false;

  constructor(
    id: number,
    call: Call,
    method: StreamMethod,
    queue: MessageQueue,
    writer: StreamWriter,
    budget: ReceiveBudget,
    onOver: () => void,
  ) {
    this.#id = id;
    this.#call = call;
    this.#method = method;
    this.queue = queue;
    this.#writer = writer;
    this.#budget = budget;
    this.#onOver = onOver;
  }

  send(message: unknown): void | Promise<void> {
    return this.#writer.message(this.#id, this.#method, this.#method.request, message, () => !this.#ended);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#writer.frame(this.#id, this.#method.keys, this.#method.protocolId, FrameType.TRAILER);
  }

  fail(error: RpcError): void {
    if (this.#over) return;
    const { clock, deadline, caller } = this.#call;
    const type = cancelType(error, clock.now() >= deadline);
    const path = cancelPath(error, caller);
    const strings = path === undefined ? undefined : new Map([[StrKey.CANCEL_PATH, path]]);
    this.#writer.failure(this.#id, this.#method, FrameType.RST, type, error, strings);
    this.#finish();
  }

  consumed(bytes: number): void {
    this.#budget.remove(bytes, this);
  }

  /** Too much of it waits to be read. */
  giveUp(error: RpcError): void {
    this.fail(error);
    this.queue.abort(error);
  }

  message(reader: Parameters<StreamMethod["response"]["decode"]>[0], bytes: number): void {
    let message: unknown;
    try {
      message = this.#method.response.decode(reader);
    } catch (reason) {
      return this.giveUp(this.#broken("message", RpcError.from(reason, "protocol")));
    }
    this.#budget.add(bytes, this.#call.clock);
    this.queue.push(message, bytes);
  }

  header(strings: ReadonlyMap<string, string>): void {
    if (this.#answered) {
      const text = "a second header came";
      const error = new RpcError("protocol", text, { code: StreamErrorType.UNEXPECTED_HEADER });
      return this.giveUp(this.#broken("stream", error));
    }
    this.#answered = true;
    if (strings.size > 0) fill(this.#call.meta.backward, strings);
  }

  trailer(strings: ReadonlyMap<string, string>, error: RpcError | undefined): void {
    if (strings.size > 0) fill(this.#call.meta.trailers, strings);
    this.over(error);
  }

  /** The server has ended it. */
  over(error: RpcError | undefined): void {
    this.#finish();
    if (error === undefined) this.queue.end();
    else this.queue.fail(error);
  }

  /** The connection is gone. */
  lost(error: RpcError): void {
    this.#over = this.#ended = true;
    this.#onOver();
    this.queue.fail(error);
  }

  /** Servers of Kitex that do not know Rst wait for a trailer whatever happened; and Kitex's clients always send one. */
  #finish(): void {
    this.#over = true;
    this.end();
    this.#onOver();
  }

  #broken(what: string, { message, code }: RpcError): RpcError {
    const { service, method } = this.#call;
    const text = `${what} of ${service.name}.${method.name}: ${message}`;
    return new RpcError("protocol", text, { code: code ?? StreamErrorType.ILLEGAL_FRAME });
  }
}

function fill(map: Map<string, string>, pairs: ReadonlyMap<string, string>): void {
  for (const [key, value] of pairs) map.set(key, value);
}
