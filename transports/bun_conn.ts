/**
 * A socket of Bun as a `RawConn`.
 *
 * Each chunk is a fresh buffer, so chunks are owned. A write takes what the kernel has room for at once and keeps
 * nothing, so buffers are never lent.
 *
 * @module
 */
import type { Endpoint, RawConn, RawSink, TlsState } from "../lib/io/raw.ts";
import type { UnixEnds } from "./address.ts";
import type { BunEvents, BunSocket } from "./bun_api.ts";
import { Inbound } from "./inbound.ts";

/** One open socket. */
export class BunConn implements RawConn, BunEvents {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls: TlsState | undefined;
  readonly lent = false;
  readonly #socket: BunSocket;
  readonly #in: Inbound;
  #short = false;
  #writeEnded = false;

  /** Takes the socket over and pauses it; `unix` tells both sides' addresses of a unix socket. */
  constructor(socket: BunSocket, unix: UnixEnds | undefined, tls?: TlsState) {
    this.#socket = socket;
    this.local = unix?.local ?? tcp(socket.localAddress, socket.localPort);
    this.remote = unix?.remote ?? tcp(socket.remoteAddress, socket.remotePort);
    this.tls = tls;
    this.#in = new Inbound(socket);
    socket.pause(); // nothing is delivered before start()
    if (unix === undefined) socket.setNoDelay(true);
  }

  start(sink: RawSink): void {
    this.#in.start(sink);
  }

  write(bytes: Uint8Array): number {
    if (this.#writeEnded || this.#in.gone || bytes.length === 0) return 0;
    const taken = Math.max(0, this.#socket.write(bytes));
    this.#short = taken < bytes.length;
    return taken;
  }

  pause(): void {
    this.#in.pause();
  }

  resume(): void {
    this.#in.resume();
  }

  closeWrite(): void {
    if (this.#writeEnded || this.#in.gone) return;
    this.#writeEnded = true;
    this.#socket.shutdown();
  }

  close(): void {
    if (this.#in.shut) return;
    this.#writeEnded = true;
    this.#in.shutDown(false);
    // Under TLS a closed socket that still has something to send cannot be dropped any more: wait for room first.
    if (!this.#in.gone && (this.tls === undefined || !this.#short)) this.#socket.close();
  }

  abort(reason?: unknown): void {
    this.#writeEnded = true;
    this.#in.shutDown(true, reason);
    if (!this.#in.gone) this.#socket.terminate();
  }

  data(bytes: Uint8Array): void {
    this.#in.chunk(bytes, true);
  }

  drain(): void {
    if (!this.#short) return; // Bun says so also when nobody waits for it
    this.#short = false;
    if (!this.#in.shut) this.#in.drain();
    else if (!this.#in.gone) this.#socket.close();
  }

  end(): void {
    this.#in.end();
  }

  closed(cause: unknown): void {
    if (cause != null) this.#in.fail(cause);
    else this.#in.end(); // after our own FIN, Bun tells the peer's only by closing
    this.#in.close();
  }
}

function tcp(hostname: string | undefined, port: number | undefined): Endpoint {
  return { hostname: hostname ?? "", port: port ?? 0 };
}
