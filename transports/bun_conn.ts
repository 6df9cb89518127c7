/**
 * A socket of Bun as a `RawConn`.
 *
 * Each chunk is a fresh buffer, so chunks are owned. A write takes what the kernel has room for at once and keeps
 * nothing, so buffers are never lent.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Endpoint, RawConn, RawSink, TlsState } from "../lib/io/raw.ts";
import { abortReason, type UnixEnds } from "./address.ts";
import type { BunEvents, BunSocket } from "./bun_api.ts";

/** One open socket. */
export class BunConn implements RawConn, BunEvents {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls: TlsState | undefined;
  readonly lent = false;
  readonly #socket: BunSocket;
  #sink: RawSink | undefined;
  /** Bytes that came before `start` in spite of the pause: under TLS, with the end of the handshake. */
  #early: Uint8Array[] = [];
  #paused = false;
  #short = false;
  #readEnded = false;
  #writeEnded = false;
  #closing = false;
  #gone = false;
  #closeTold = false;
  #reason: unknown;

  /** Takes the socket over and pauses it; `unix` tells both sides' addresses of a unix socket. */
  constructor(socket: BunSocket, unix: UnixEnds | undefined, tls?: TlsState) {
    this.#socket = socket;
    this.local = unix?.local ?? tcp(socket.localAddress, socket.localPort);
    this.remote = unix?.remote ?? tcp(socket.remoteAddress, socket.remotePort);
    this.tls = tls;
    socket.pause(); // nothing is delivered before start()
    if (unix === undefined) socket.setNoDelay(true);
  }

  start(sink: RawSink): void {
    this.#sink = sink;
    for (const bytes of this.#early.splice(0)) this.data(bytes);
    if (this.#readEnded && !this.#closing) sink.end();
    if (this.#gone) this.#tellClose();
    else if (!this.#paused) this.#socket.resume();
  }

  write(bytes: Uint8Array): number {
    if (this.#writeEnded || this.#gone || bytes.length === 0) return 0;
    const taken = Math.max(0, this.#socket.write(bytes));
    this.#short = taken < bytes.length;
    return taken;
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
    this.#socket.shutdown();
  }

  close(): void {
    if (this.#closing || this.#gone) return;
    this.#closing = true;
    this.#writeEnded = true;
    // Under TLS a closed socket that still has something to send cannot be dropped any more: wait for room first.
    if (this.tls === undefined || !this.#short) this.#socket.close();
  }

  abort(reason?: unknown): void {
    if (this.#gone) return;
    this.#closing = true;
    this.#writeEnded = true;
    this.#reason ??= abortReason(reason);
    this.#socket.terminate();
  }

  data(bytes: Uint8Array): void {
    if (this.#closing) return;
    if (this.#sink === undefined) this.#early.push(bytes);
    else this.#sink.chunk(bytes, true);
  }

  drain(): void {
    if (!this.#short) return;
    this.#short = false;
    if (!this.#closing) this.#sink?.drain();
    else if (!this.#gone) this.#socket.close();
  }

  end(): void {
    if (this.#readEnded || this.#closing) return;
    this.#readEnded = true;
    this.#sink?.end();
  }

  closed(cause: unknown): void {
    if (this.#gone) return;
    this.#gone = true;
    if (cause != null) this.#reason ??= RpcError.from(cause);
    else this.end(); // after our own FIN, Bun tells the peer's only by closing
    // Bun may say so from inside end() and terminate(), where the sink must not be called.
    if (this.#closing) queueMicrotask(() => this.#tellClose());
    else this.#tellClose();
  }

  #tellClose(): void {
    if (this.#closeTold || this.#sink === undefined) return;
    this.#closeTold = true;
    this.#sink.close(this.#reason);
  }
}

function tcp(hostname: string | undefined, port: number | undefined): Endpoint {
  return { hostname: hostname ?? "", port: port ?? 0 };
}
