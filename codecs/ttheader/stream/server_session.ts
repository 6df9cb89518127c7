/**
 * One connection of a server of TTHeader streaming: opens a stream for each Header frame, and tells it what comes for it.
 *
 * What comes for a stream that is over, or never was, is dropped: either side may end one while the other still sends. A
 * stream takes its place among `maxStreams` until its handler is done.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { Connection, ConnectionHandler } from "../../../lib/io/connection.ts";
import { decodeText } from "../../../lib/io/text.ts";
import type { Timer } from "../../../lib/io/timer_wheel.ts";
import type { MethodEntry } from "../../../lib/rpc/method_table.ts";
import type { ServerHost, ServerSession } from "../../../lib/rpc/protocol.ts";
import { decodeInfo } from "../info.ts";
import { IntKey, StrKey } from "../keys.ts";
import { MESSAGE_OVERHEAD, ReceiveBudget } from "./receive_budget.ts";
import { ServerStream } from "./server_stream.ts";
import { decodeFailure, failureType, StreamErrorType } from "./stream_error.ts";
import { frameKeys, FrameType, methodBytes, StreamFrameReader } from "./stream_frame.ts";
import { metadataOf, statusOf } from "./stream_headers.ts";
import { type StreamMethod, type StreamWire, StreamWriter } from "./stream_wire.ts";

/** How long a peer may take to close its side after this one did. */
const LINGER_MS = 1_000;

/**
 * A peer that takes no output is still heard, for it may say that it wants none. What it provokes meanwhile is small, but
 * above this it has to wait.
 */
const MOST_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Of a method's name, no more is looked at: no method has a longer one, and an answer need not repeat it. */
const MAX_NAME_BYTES = 4_096;

/** Of a name that came, errors show no more characters. */
const MAX_SHOWN_CHARS = 100;

/** One connection of a server. */
export class StreamServerSession implements ServerSession, ConnectionHandler {
  readonly readWhileFull = true;
  readonly #conn: Connection;
  readonly #host: ServerHost;
  readonly #wire: StreamWire;
  readonly #writer: StreamWriter;
  readonly #frames = new StreamFrameReader();
  readonly #streams = new Map<number, ServerStream>();
  readonly #budget: ReceiveBudget;
  /** Streams whose handler is not done, also those that are over on the wire. */
  #running = 0;
  /** Bytes of the headers they came with. */
  #headerBytes = 0;
  #partial = false;
  #leaving = false;
  #closed = false;
  /** Set once FIN was sent; ends the wait for the peer's. */
  #ending: Timer | undefined = undefined;

  /** Takes the connection over. */
  constructor(conn: Connection, host: ServerHost, wire: StreamWire) {
    this.#conn = conn;
    this.#host = host;
    this.#wire = wire;
    this.#writer = new StreamWriter(conn, wire);
    this.#budget = new ReceiveBudget(conn, wire.limits, this.#streams);
    conn.setHandler(this);
  }

  data(bytes: Uint8Array): number {
    if (this.#ending !== undefined) return bytes.length;
    const frames = this.#frames;
    let at = 0;
    try {
      while (at < bytes.length && !this.#budget.held) {
        if (this.#conn.pendingBytes > MOST_OUTPUT_BYTES) {
          this.#conn.hold();
          break;
        }
        if (!frames.read(bytes, at, this.#wire.limits.maxFrameBytes)) {
          this.#conn.need = frames.parts.need;
          break;
        }
        at = frames.parts.end;
        this.#frame(bytes);
      }
    } catch (reason) {
      const error = RpcError.from(reason, "protocol");
      this.#host.refused(error);
      this.abort(new RpcError("canceled", `the connection was lost: ${error.message}`));
      return bytes.length;
    }
    this.#partial = at < bytes.length;
    if (this.#leaving) this.#finishIfIdle();
    return at;
  }

  drain(): void {
    if (!this.#budget.held) this.#conn.release();
  }

  end(): void {
    this.#cancelAll("the caller closed its side of the connection");
    void this.#conn.close();
  }

  idle(): boolean {
    return this.#running > 0;
  }

  close(): void {
    this.#closed = true;
    this.#budget.close();
    if (this.#ending !== undefined) this.#host.wheel.cancel(this.#ending);
    this.#cancelAll("the connection was closed");
  }

  shutdown(): void {
    this.#leaving = true;
    this.#finishIfIdle();
  }

  abort(error: RpcError): void {
    this.#leaving = true;
    for (const stream of [...this.#streams.values()]) stream.giveUp(error);
    this.#finish();
  }

  #finishIfIdle(): void {
    if (this.#streams.size === 0 && !this.#partial) this.#finish();
  }

  /** Sends what was answered and FIN, then waits for the peer's: closing at once could take answers from it. */
  #finish(): void {
    if (this.#closed || this.#ending !== undefined) return;
    const { wheel } = this.#host;
    this.#ending = wheel.add(wheel.clock.now() + LINGER_MS, () => void this.#conn.close());
    this.#conn.closeWrite();
  }

  #cancelAll(why: string): void {
    if (this.#streams.size === 0) return;
    const error = new RpcError("canceled", why, { code: StreamErrorType.CONNECTION_CLOSED });
    for (const stream of [...this.#streams.values()]) stream.canceled(error);
  }

  #frame(bytes: Uint8Array): void {
    const { parts, type } = this.#frames;
    const { reader, errors } = this.#wire;
    const stream = this.#streams.get(parts.seqid);
    if (type === FrameType.HEADER) {
      if (stream === undefined) this.#open(bytes);
      else stream.unexpectedHeader();
      return;
    }
    if (stream === undefined) return;
    reader.reset(bytes, parts.payloadStart, parts.end);
    if (type === FrameType.DATA) stream.message(reader, parts.need + MESSAGE_OVERHEAD);
    else if (type === FrameType.RST) {
      const path = this.#frames.strings(bytes).get(StrKey.CANCEL_PATH);
      stream.canceled(decodeFailure(errors, reader, path));
    } else if (type === FrameType.TRAILER) {
      const error = reader.pos < reader.end ? decodeFailure(errors, reader) : statusOf(this.#frames.strings(bytes));
      if (error === undefined) stream.ended();
      else stream.canceled(error);
    }
  }

  #open(bytes: Uint8Array): void {
    const { parts, methodStart, methodEnd } = this.#frames;
    const { seqid: id, infoStart, payloadStart, protocolId } = parts;
    const { strings, ints } = decodeInfo(bytes, infoStart, payloadStart);
    const name = decodeText(bytes, methodStart, Math.min(methodEnd, methodStart + MAX_NAME_BYTES));
    const headerBytes = payloadStart - infoStart;
    const service = strings.get(StrKey.IDL_SERVICE_NAME) ?? "";
    const entry = this.#find(service, name, protocolId);
    let method: StreamMethod | undefined;
    let refusal = entry === undefined ? this.#unknown(service, name, protocolId) : this.#full(headerBytes);
    if (entry !== undefined && refusal === undefined) {
      try {
        method = this.#wire.method(entry.method, entry.service.payload);
      } catch (reason) {
        refusal = RpcError.from(reason, "invalid");
      }
    }
    if (entry === undefined || method === undefined) {
      return this.#refuse(id, name, refusal ?? new RpcError("internal", "the stream was not opened"));
    }
    this.#running++;
    this.#headerBytes += headerBytes;
    const init = { meta: metadataOf(strings), caller: ints.get(IntKey.FROM_SERVICE), peer: this.#conn.remote };
    const stream = new ServerStream(this.#host, entry, init, id, method, this.#writer, this.#budget, {
      over: () => {
        if (this.#streams.get(id) === stream) this.#streams.delete(id);
        if (this.#leaving) this.#finishIfIdle();
      },
      done: () => {
        this.#running--;
        this.#headerBytes -= headerBytes;
      },
    });
    this.#streams.set(id, stream);
    stream.start();
  }

  /** The method by both names, or by its own where the service is not known and only one has it, as Kitex finds it. */
  #find(service: string, name: string, protocolId: number): MethodEntry | undefined {
    const { methods } = this.#host;
    const kinds = this.#wire.kindsOf(protocolId);
    const known = kinds.find((kind) => methods.has(service, kind));
    if (known !== undefined) return methods.findIn(service, name, known);
    const bytes = methodBytes(name);
    for (const kind of kinds) {
      const entry = methods.find(bytes, 0, bytes.length, kind);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  #unknown(service: string, name: string, protocolId: number): RpcError {
    const { methods } = this.#host;
    const known = this.#wire.kindsOf(protocolId).some((kind) => methods.has(service, kind));
    const shown = (known ? name : service).slice(0, MAX_SHOWN_CHARS);
    const served = methods.services.map((service) => service.name).join(", ");
    const text = known ? `unknown method ${shown} of ${service.slice(0, MAX_SHOWN_CHARS)}` : `unknown service ${shown}`;
    return new RpcError("unimplemented", `${text} (served: ${served})`, { code: known ? 1 : 20 });
  }

  /** Why there is no place for another stream, or nothing. */
  #full(headerBytes: number): RpcError | undefined {
    const { maxStreams, maxHeaderBytes } = this.#wire.limits;
    if (this.#leaving) {
      return new RpcError("unavailable", "the server is closing", { code: StreamErrorType.TRANSPORT_CLOSING });
    }
    if (this.#running >= maxStreams) {
      return new RpcError("overload", `stream ${this.#running + 1} exceeds ${maxStreams}`);
    }
    const total = this.#headerBytes + headerBytes;
    if (total <= maxHeaderBytes) return undefined;
    return new RpcError("overload", `streams with headers of ${total} bytes exceed ${maxHeaderBytes}`);
  }

  #refuse(id: number, method: string, error: RpcError): void {
    if (error.kind !== "unavailable") this.#host.refused(error);
    const unbound = { name: methodBytes(method), keys: frameKeys(method), protocolId: this.#frames.parts.protocolId };
    this.#writer.frame(id, unbound.keys, unbound.protocolId, FrameType.HEADER);
    this.#writer.failure(id, unbound, FrameType.TRAILER, failureType(error), error);
  }
}
