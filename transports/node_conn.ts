/**
 * A `node:net` or `node:tls` socket as a `RawConn`.
 *
 * Bytes come either from the handle straight into a reused buffer (`take`, borrowed) or by `data` events (owned). A
 * write is taken whole; while the socket still holds some of it, further ones are refused, so nothing piles up.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Endpoint, RawConn, RawSink, TlsState } from "../lib/io/raw.ts";
import type { UnixEnds } from "./address.ts";
import { Inbound } from "./inbound.ts";

const NOTHING = new Uint8Array(0);

/** What can stop reading below a socket. */
export interface ReadHandle {
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
  readonly #in: Inbound;
  readonly #resettable: boolean;
  #below: ReadHandle | undefined;
  #wasLent = false;
  #writeEnded = false;

  /** Takes the socket over; `unix` tells both sides' addresses of a unix socket. */
  constructor(socket: Socket, unix: UnixEnds | undefined, tls?: TlsState) {
    this.#socket = socket;
    this.#resettable = unix === undefined && tls === undefined;
    this.local = unix?.local ?? tcp(socket.localAddress, socket.localPort);
    this.remote = unix?.remote ?? tcp(socket.remoteAddress, socket.remotePort);
    this.tls = tls;
    const inbound = this.#in = new Inbound({
      pause: () => this.#stop(),
      resume: () => this.#go(),
    });
    socket.on("end", () => inbound.end());
    socket.on("error", (cause) => inbound.fail(cause));
    socket.on("close", () => {
      this.lent = false;
      inbound.close();
    });
  }

  /** Delivers bytes that were read into a buffer used again. */
  take(bytes: Uint8Array): void {
    this.#in.chunk(bytes, false);
  }

  /** Keeps the first bytes, which were read before there was a connection, for `start`; they are the connection's now. */
  putBack(bytes: Uint8Array): void {
    this.#in.putBack(bytes);
  }

  /** Delivers what the socket's `data` events bring; what is `below` is stopped and started with it. */
  listenForData(below?: ReadHandle): void {
    this.#below = below;
    this.#socket.on("data", (chunk: Uint8Array<ArrayBuffer>) => this.#in.chunk(plainBytes(chunk), true));
    this.#stop(); // a first listener would set it flowing
  }

  start(sink: RawSink): void {
    this.#in.start(sink);
  }

  write(bytes: Uint8Array): number {
    if (this.lent || this.#writeEnded || this.#in.gone || bytes.length === 0) return 0;
    // A socket that broke takes everything and drops it, until it closes: who goes on at once would keep that from happening.
    if (this.#socket.destroyed) return 0;
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
    this.#in.pause();
  }

  resume(): void {
    this.#in.resume();
  }

  closeWrite(): void {
    if (this.#writeEnded || this.#in.gone) return;
    this.#writeEnded = true;
    this.#socket.end();
  }

  close(): void {
    if (this.#in.shut) return;
    this.#writeEnded = true;
    this.#in.shutDown(false);
    if (!this.#in.gone) this.#socket.end(() => this.#socket.destroy());
  }

  abort(reason?: unknown): void {
    this.#writeEnded = true;
    this.#in.shutDown(true, reason);
    if (this.#in.gone) return;
    if (this.#resettable) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  // Node goes on reading when a socket is resumed and paused in one turn; what then comes is kept, and it is told again.
  #stop(): void {
    this.#socket.pause();
    this.#below?.readStop();
  }

  #go(): void {
    this.#below?.readStart();
    this.#socket.resume();
  }

  readonly #written = (): void => {
    if (!this.lent || this.#socket.writableLength !== 0) return;
    this.lent = false;
    this.#in.drain();
  };
}

/** The same bytes without `Buffer`'s methods, whose `slice` does not copy. */
export function plainBytes(buffer: Uint8Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

function tcp(hostname: string | undefined, port: number | undefined): Endpoint {
  return { hostname: hostname ?? "", port: port ?? 0 };
}
