/**
 * How this side says that a connection ends: GOAWAY. What began may finish if a server says so twice, first without a limit, then,
 * when the peer has answered a PING and so knows, with the last stream; a client's streams are its own, and it says so once.
 *
 * Spec: RFC 9113 §6.8.
 *
 * @module
 */
import { ErrorCode } from "./errors.ts";
import { MAX_WINDOW } from "./frame.ts";
import { writeGoaway, writePing } from "./frame_writer.ts";
import type { Http2Handler } from "./handler.ts";
import type { Http2Output } from "./sender.ts";
import type { Streams } from "./streams.ts";

/** The PING between the two GOAWAYs, the same that grpc-go and Kitex use. */
const DRAIN_PING = new Uint8Array([1, 6, 1, 8, 0, 3, 3, 9]);
const MAX_DEBUG_BYTES = 256;
const NO_BYTES = new Uint8Array(0);

/** The end of one connection, as this side brings it about. */
export class Shutdown {
  readonly #server: boolean;
  readonly #streams: Streams;
  readonly #out: Http2Output;
  readonly #handler: Http2Handler;
  readonly #pingTimeoutMs: number;
  #beganMs = -1;
  #drained = false;

  /** Not begun; the peer has `pingTimeoutMs` to answer the PING. */
  constructor(server: boolean, streams: Streams, out: Http2Output, handler: Http2Handler, pingTimeoutMs: number) {
    this.#server = server;
    this.#streams = streams;
    this.#out = out;
    this.#handler = handler;
    this.#pingTimeoutMs = pingTimeoutMs;
  }

  /** Shall nothing new begin? */
  get begun(): boolean {
    return this.#beganMs >= 0;
  }

  /** When the PING is waited for no more; `Infinity` if none is. */
  get dueMs(): number {
    return this.#awaitsPong ? this.#beganMs + this.#pingTimeoutMs : Infinity;
  }

  /** Lets what began finish; once. */
  begin(nowMs: number): void {
    this.#beganMs = nowMs;
    if (!this.#server) return this.finish();
    const w = this.#streams.sender.buffer();
    writeGoaway(w, MAX_WINDOW, ErrorCode.NO_ERROR, NO_BYTES);
    writePing(w, false, DRAIN_PING);
    this.#out.commit();
  }

  /** The 8 octets of an answered PING: were they what was waited for? */
  ponged(opaque: Uint8Array): boolean {
    if (!this.#awaitsPong || !isSamePing(opaque, DRAIN_PING)) return false;
    this.finish();
    return true;
  }

  /** Says which stream was the last. */
  finish(): void {
    const streams = this.#streams;
    streams.lastAccepted = this.#server ? streams.table.last : 0;
    writeGoaway(streams.sender.buffer(), streams.lastAccepted, ErrorCode.NO_ERROR, NO_BYTES);
    this.#out.commit();
    this.check();
  }

  /** A stream may have been the last: tells the user so, once. */
  check(): void {
    const { table, held, over } = this.#streams;
    if (!this.begun || this.#awaitsPong || this.#drained || over || table.size + held > 0) return;
    this.#drained = true;
    this.#handler.drained?.();
  }

  /** Says that all ends now. */
  goaway(code: number, debug: string): void {
    const { table, lastAccepted, sender } = this.#streams;
    const last = this.#server ? Math.min(table.last, lastAccepted) : 0;
    writeGoaway(sender.buffer(), last, code, new TextEncoder().encode(debug).subarray(0, MAX_DEBUG_BYTES));
    this.#out.commit();
  }

  get #awaitsPong(): boolean {
    return this.#beganMs >= 0 && this.#streams.lastAccepted === MAX_WINDOW;
  }
}

/** Compares the 8 octets of two PINGs. */
export function isSamePing(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 8; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
