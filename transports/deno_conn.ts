/**
 * A `Deno.Conn` as a `RawConn`: one read in flight into a reused buffer, one write in flight at most.
 *
 * Chunks are borrowed. A written buffer is lent until all of it is sent. Deno cannot send RST: `abort` just closes.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Endpoint, RawConn, RawSink } from "../lib/io/raw.ts";
import { abortReason } from "./address.ts";
import type { DenoAddr, DenoSocket } from "./deno_api.ts";

const FIRST_BUFFER_BYTES = 16 * 1024;
const LARGEST_BUFFER_BYTES = 256 * 1024;
/** So many reads in a row that would have fitted the first buffer give the large one back. */
const SMALL_READS_TO_SHRINK = 64;

const NOTHING = new Uint8Array(0);

/** One open connection. */
export class DenoConn implements RawConn {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls = undefined;
  lent = false;
  readonly #conn: DenoSocket;
  #sink: RawSink | undefined;
  #lentBytes: Uint8Array = NOTHING;
  #paused = false;
  #wake: (() => void) | undefined;
  #readEnded = false;
  #writeEnded = false;
  #finAsked = false;
  #finSent = false;
  #closing = false;
  #done = false;
  #closeTold = false;
  #reason: unknown;

  /** Takes the connection over. */
  constructor(conn: DenoSocket) {
    this.#conn = conn;
    this.local = endpointOf(conn.localAddr);
    this.remote = endpointOf(conn.remoteAddr);
  }

  start(sink: RawSink): void {
    this.#sink = sink;
    if (this.#done) this.#tellClose();
    else void this.#readAll();
  }

  write(bytes: Uint8Array): number {
    if (this.lent || this.#writeEnded || bytes.length === 0) return 0;
    this.lent = true;
    this.#lentBytes = bytes;
    this.#send();
    return bytes.length;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
    this.#wake = undefined;
  }

  closeWrite(): void {
    if (this.#writeEnded) return;
    this.#writeEnded = true;
    if (!this.lent) this.#sendFin();
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#writeEnded = true;
    if (!this.lent) this.#finish();
  }

  abort(reason?: unknown): void {
    this.#finish(abortReason(reason));
  }

  async #readAll(): Promise<void> {
    let buffer = new Uint8Array(FIRST_BUFFER_BYTES);
    let chunk = buffer;
    let small = 0;
    try {
      while (!this.#done) {
        if (this.#paused) await this.#resumed();
        const length = await this.#conn.read(buffer);
        if (this.#paused) await this.#resumed();
        if (length === null) break;
        if (this.#closing) continue; // read only so that it does not turn the close into a reset
        // Messages of one length often follow each other, and making a view costs more than parsing a small one.
        if (chunk.length !== length || chunk.buffer !== buffer.buffer) chunk = buffer.subarray(0, length);
        if (length > 0) this.#sink?.chunk(chunk, false);
        if (length === buffer.length && length < LARGEST_BUFFER_BYTES) buffer = new Uint8Array(length * 4);
        small = length < FIRST_BUFFER_BYTES ? small + 1 : 0;
        if (small > SMALL_READS_TO_SHRINK && buffer.length > FIRST_BUFFER_BYTES) {
          buffer = new Uint8Array(FIRST_BUFFER_BYTES);
        }
      }
      if (this.#closing) return;
      this.#readEnded = true;
      this.#sink?.end();
      if (this.#finSent) this.#finish();
    } catch (cause) {
      this.#finish(RpcError.from(cause));
    }
  }

  #resumed(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  /** Sends what is left of the lent buffer. Callbacks made once: an async function here costs a tenth of a call. */
  #send(): void {
    this.#conn.write(this.#lentBytes).then(this.#sent, this.#failed);
  }

  readonly #sent = (count: number): void => {
    if (count < this.#lentBytes.length) {
      this.#lentBytes = this.#lentBytes.subarray(count);
      return this.#send();
    }
    this.#lentBytes = NOTHING;
    this.lent = false;
    if (this.#closing) return this.#finish();
    const finDue = this.#writeEnded;
    this.#sink?.drain();
    if (finDue) this.#sendFin();
  };

  readonly #failed = (cause: unknown): void => {
    this.#finish(RpcError.from(cause));
  };

  #sendFin(): void {
    if (this.#finAsked) return;
    this.#finAsked = true;
    this.#conn.closeWrite().then(() => {
      this.#finSent = true;
      if (this.#readEnded) this.#finish();
    }, this.#failed);
  }

  #finish(reason?: unknown): void {
    if (this.#done) return;
    this.#done = true;
    this.#closing = true;
    this.#writeEnded = true;
    this.#reason = reason;
    this.#conn.close();
    this.resume();
    queueMicrotask(() => {
      this.lent = false;
      this.#tellClose();
    });
  }

  #tellClose(): void {
    if (this.#closeTold || this.#sink === undefined) return;
    this.#closeTold = true;
    this.#sink.close(this.#reason);
  }
}

function endpointOf(address: DenoAddr): Endpoint {
  return address.transport === "unix"
    ? { path: address.path ?? "" }
    : { hostname: address.hostname, port: address.port };
}
