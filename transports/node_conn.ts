/**
 * A `node:net` or `node:tls` socket as a `RawConn`.
 *
 * Bytes come either from the handle straight into a reused buffer (`take`, borrowed) or by `data` events (owned). A
 * write is taken whole; while the socket still holds some of it, further ones are refused, so nothing piles up.
 *
 * @module
 */
import type { Socket } from "node:net";
import { RpcError } from "../lib/errors.ts";
import type { Endpoint, RawConn, RawSink, TlsState } from "../lib/io/raw.ts";
import { abortReason, type UnixEnds } from "./address.ts";

const NOTHING = new Uint8Array(0);

/** What can stop reading below a socket. */
export interface Flow {
  /** Goes on reading. */
  readStart(): unknown;
  /** Stops reading. */
  readStop(): unknown;
}

/** One open socket; it must be paused when handed over. */
export class NodeConn implements RawConn {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls: TlsState | undefined;
  lent = false;
  readonly #socket: Socket;
  readonly #resettable: boolean;
  #sink: RawSink | undefined;
  /** Chunks that came before `start` or in spite of a pause. */
  readonly #kept: Uint8Array[] = [];
  #flow: Flow | undefined;
  #paused = true;
  #pauseAsked = false;
  #readEnded = false;
  #wasLent = false;
  #writeEnded = false;
  #closing = false;
  #gone = false;
  #closeTold = false;
  #reason: unknown;

  /** Takes the socket over; `unix` tells both sides' addresses of a unix socket. */
  constructor(socket: Socket, unix: UnixEnds | undefined, tls?: TlsState) {
    this.#socket = socket;
    this.#resettable = unix === undefined && tls === undefined;
    this.local = unix?.local ?? tcp(socket.localAddress, socket.localPort);
    this.remote = unix?.remote ?? tcp(socket.remoteAddress, socket.remotePort);
    this.tls = tls;
    socket.on("end", () => {
      this.#readEnded = true;
      if (this.#kept.length === 0) this.#tellEnd();
    });
    socket.on("error", (cause) => {
      this.#reason ??= RpcError.from(cause);
    });
    socket.on("close", () => {
      this.#gone = true;
      this.lent = false;
      if (this.#closing || this.#reason !== undefined) this.#kept.length = 0;
      if (this.#kept.length === 0) this.#tellClose();
    });
  }

  /** Delivers bytes that were read into a buffer used again. */
  take(bytes: Uint8Array): void {
    if (this.#closing) return;
    if (!this.#paused) return this.#sink!.chunk(bytes, false);
    // Node goes on reading when a socket is resumed and paused in one turn.
    this.#kept.push(bytes.slice());
    this.#socket.pause();
  }

  /** Keeps the first bytes, which were read before there was a connection, for `start`; they are the connection's now. */
  putBack(bytes: Uint8Array): void {
    this.#kept.push(bytes);
  }

  /** Delivers what the socket's `data` events bring; `flow` is stopped and started with it. */
  listenForData(flow?: Flow): void {
    this.#flow = flow;
    this.#socket.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
      if (!this.#closing) this.#sink?.chunk(plainBytes(chunk), true);
    });
    this.#stop(); // a first listener would set it flowing
  }

  start(sink: RawSink): void {
    this.#sink = sink;
    if (this.#gone && this.#kept.length === 0) this.#tellClose();
    else if (!this.#pauseAsked) this.resume();
  }

  write(bytes: Uint8Array): number {
    if (this.lent || this.#writeEnded || this.#gone || bytes.length === 0) return 0;
    // A callback for each write costs about a tenth of a call: plain sockets are asked for it where the last write was
    // lent, and by an empty write where one turns out to be. TLS lends always, and Deno's fails at an empty write.
    const asks = this.#wasLent || this.tls !== undefined;
    if (asks) this.#socket.write(bytes, this.#written);
    else this.#socket.write(bytes);
    this.#wasLent = this.lent = this.#socket.writableLength !== 0;
    if (this.lent && !asks) this.#socket.write(NOTHING, this.#written);
    return bytes.length;
  }

  pause(): void {
    this.#paused = this.#pauseAsked = true;
    if (!this.#gone) this.#stop();
  }

  resume(): void {
    this.#pauseAsked = false;
    const sink = this.#sink;
    if (sink === undefined) return;
    this.#paused = false;
    const kept = this.#kept;
    while (kept.length > 0 && !this.#paused && !this.#closing) {
      const bytes = kept.shift()!;
      sink.chunk(bytes, true);
      if (kept.length === 0 && this.#readEnded) this.#tellEnd();
      if (kept.length === 0 && this.#gone) this.#tellClose();
    }
    if (this.#gone || this.#paused) return;
    this.#flow?.readStart();
    this.#socket.resume();
  }

  closeWrite(): void {
    if (this.#writeEnded || this.#gone) return;
    this.#writeEnded = true;
    this.#socket.end();
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#writeEnded = true;
    if (this.#gone) queueMicrotask(() => this.#tellClose());
    else this.#socket.end(() => this.#socket.destroy());
  }

  abort(reason?: unknown): void {
    if (this.#gone) return this.close();
    this.#closing = true;
    this.#writeEnded = true;
    this.#reason ??= abortReason(reason);
    if (this.#resettable) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #stop(): void {
    this.#socket.pause();
    this.#flow?.readStop();
  }

  #tellEnd(): void {
    if (!this.#closing) this.#sink?.end();
  }

  #tellClose(): void {
    if (this.#closeTold || this.#sink === undefined) return;
    this.#closeTold = true;
    this.#sink.close(this.#reason);
  }

  readonly #written = (): void => {
    if (!this.lent || this.#gone || this.#socket.writableLength !== 0) return;
    this.lent = false;
    if (!this.#closing) this.#sink?.drain();
  };
}

/** The same bytes without `Buffer`'s methods, whose `slice` does not copy. */
export function plainBytes(buffer: Uint8Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

function tcp(hostname: string | undefined, port: number | undefined): Endpoint {
  return { hostname: hostname ?? "", port: port ?? 0 };
}
