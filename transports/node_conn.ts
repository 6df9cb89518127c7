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

/** One open socket; it must be paused when handed over. */
export class NodeConn implements RawConn {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls: TlsState | undefined;
  lent = false;
  readonly #socket: Socket;
  readonly #resettable: boolean;
  #sink: RawSink | undefined;
  #early: Uint8Array | undefined;
  #paused = false;
  #wasLent = false;
  #writeEnded = false;
  #closing = false;
  #gone = false;
  #reason: unknown;

  /** Takes the socket over; `unix` tells both sides' addresses of a unix socket. */
  constructor(socket: Socket, unix: UnixEnds | undefined, tls?: TlsState) {
    this.#socket = socket;
    this.#resettable = unix === undefined && tls === undefined;
    this.local = unix?.local ?? tcp(socket.localAddress, socket.localPort);
    this.remote = unix?.remote ?? tcp(socket.remoteAddress, socket.remotePort);
    this.tls = tls;
    socket.on("end", () => {
      if (!this.#closing) this.#sink?.end();
    });
    socket.on("error", (cause) => {
      this.#reason ??= RpcError.from(cause);
    });
    socket.on("close", () => {
      this.#gone = true;
      this.lent = false;
      this.#sink?.close(this.#reason);
    });
  }

  /** Delivers bytes that were read into a buffer used again. */
  take(bytes: Uint8Array): void {
    if (!this.#closing) this.#sink?.chunk(bytes, false);
  }

  /** Keeps the first bytes, which were read before there was a connection, for `start`; they are the connection's now. */
  putBack(bytes: Uint8Array): void {
    this.#early = bytes;
  }

  /** Delivers what the socket's `data` events bring. */
  listenForData(): void {
    this.#socket.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
      if (!this.#closing) this.#sink?.chunk(plainBytes(chunk), true);
    });
    this.#socket.pause(); // a first listener would set it flowing
  }

  start(sink: RawSink): void {
    this.#sink = sink;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined && !this.#closing) sink.chunk(early, true);
    if (this.#gone) sink.close(this.#reason);
    else if (!this.#paused) this.#socket.resume();
  }

  write(bytes: Uint8Array): number {
    if (this.lent || this.#writeEnded || this.#gone || bytes.length === 0) return 0;
    // A callback for each write costs about a tenth of a call, so it is asked for only where the last write was lent.
    if (this.#wasLent) this.#socket.write(bytes, this.#written);
    else this.#socket.write(bytes);
    this.lent = this.#socket.writableLength !== 0;
    if (this.lent && !this.#wasLent) this.#socket.write(NOTHING, this.#written);
    this.#wasLent = this.lent;
    return bytes.length;
  }

  pause(): void {
    this.#paused = true;
    if (!this.#gone) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#gone) this.#socket.resume();
  }

  closeWrite(): void {
    if (this.#writeEnded || this.#gone) return;
    this.#writeEnded = true;
    this.#socket.end();
  }

  close(): void {
    if (this.#closing || this.#gone) return;
    this.#closing = true;
    this.#writeEnded = true;
    this.#socket.end(() => this.#socket.destroy());
  }

  abort(reason?: unknown): void {
    if (this.#gone) return;
    this.#closing = true;
    this.#writeEnded = true;
    this.#reason ??= abortReason(reason);
    if (this.#resettable) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
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
