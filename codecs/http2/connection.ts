/**
 * One HTTP/2 connection, either side of it: pure and synchronous. Bytes go in by `receive`, frames come out in an
 * `Http2Output`, what happens is told to an `Http2Handler`. There is no socket, timer or promise in it: whoever owns the
 * connection under it calls `tick` when `nextTickMs` has come, and `drain` when the output has room again.
 *
 * Frames are handled in place, in order, and everything written meanwhile leaves together. A broken rule ends a stream or
 * the connection, with the code the RFC gives; what costs without moving anything is paid from budgets.
 *
 * Above 300 lines because this is what users call and where every frame goes through; what has a state of its own (streams, sending,
 * header blocks, windows, budgets, what both sides say of the connection, its end) has a file of its own.
 *
 * Spec: RFC 9113.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { Control } from "./control.ts";
import { ErrorCode, Http2Error } from "./errors.ts";
import { decodeFrame, Flag, Frame, FRAME_HEADER_BYTES, frameBytes, FrameType, PREFACE } from "./frame.ts";
import { FrameBudgets } from "./frame_budgets.ts";
import { writePing, writePreface } from "./frame_writer.ts";
import type { Http2Handler } from "./handler.ts";
import { HeaderBlock } from "./header_block.ts";
import type { HeaderList } from "./header_list.ts";
import { http2Defaults, type Http2Options } from "./options.ts";
import type { Http2Output, Sender } from "./sender.ts";
import { initialSettings, type Settings } from "./settings.ts";
import { Shutdown } from "./shutdown.ts";
import type { Http2Stream } from "./stream.ts";
import { Streams } from "./streams.ts";

/** Beyond three quarters of the ids a client goes on to another connection. */
const LAST_OPENED_ID = 0x60000000;
const NO_BYTES = new Uint8Array(0);

/** What a connection has done so far. */
export interface Http2Stats {
  /** Streams begun. */
  readonly streams: number;
  /** Those over, the server having ended its side of them. */
  readonly succeeded: number;
  /** Those over before that. */
  readonly failed: number;
  /** Octets of content that the peer takes now, on all streams together. */
  readonly sendWindow: number;
  /** Octets of content that this side takes now, on all streams together. */
  readonly receiveWindow: number;
  /** The code of the peer's last GOAWAY. */
  readonly goaway: number | undefined;
}

/** A connection. */
export class Http2Connection {
  /** The side this is. */
  readonly role: "client" | "server";
  /** What the peer asked for. Read it only. */
  readonly peer: Settings = initialSettings();
  /** After `receive`: how many bytes must be there, from the first unconsumed one on, to go on. */
  need: number = FRAME_HEADER_BYTES;

  readonly #server: boolean;
  readonly #out: Http2Output;
  readonly #handler: Http2Handler;
  readonly #now: () => number;
  readonly #options: Required<Http2Options>;
  readonly #streams: Streams;
  readonly #sender: Sender;
  readonly #block: HeaderBlock;
  readonly #frame = new Frame();
  readonly #budgets: FrameBudgets;
  readonly #control: Control;
  readonly #shutdown: Shutdown;

  #state: "new" | "open" | "over" = "new";
  #prefaced = false;
  #settled = false;
  #startedMs = 0;
  #blockMs = 0;
  #refusedToOpen = false;

  /** Makes a connection; `now` gives monotonic milliseconds. Nothing happens before `start`. */
  constructor(
    role: "client" | "server",
    output: Http2Output,
    handler: Http2Handler,
    now: () => number,
    options: Http2Options = {},
  ) {
    const all = http2Defaults(options);
    this.role = role;
    this.#server = role === "server";
    this.#out = output;
    this.#handler = handler;
    this.#now = now;
    this.#options = all;
    const budgets = this.#budgets = new FrameBudgets(all, now);
    const owner = {
      spendIdle: () => budgets.spendIdle(),
      arrived: (count: number) => this.#control.arrived(count),
      closed: () => this.#streamClosed(),
    };
    const { peer } = this;
    const server = this.#server;
    const streams = this.#streams = new Streams(server, output, handler, owner, now, all, peer);
    this.#sender = this.#streams.sender;
    this.#block = new HeaderBlock(all.maxHeaderListBytes * 4, all.maxContinuations);
    const shutdown = this.#shutdown = new Shutdown(server, streams, output, handler, all.drainPingTimeoutMs);
    this.#control = new Control({ server, out: output, handler, now, options: all, peer, streams, budgets, shutdown });
    if (this.#server) this.need = PREFACE.length;
  }

  /** How many streams are open. */
  get openStreams(): number {
    return this.#streams.table.size;
  }

  /** Is a header block under way, whose end must not take long? */
  get collecting(): boolean {
    return this.#block.streamId !== 0;
  }

  /** How many times headers or content were written: tells whether anything was since the last look. */
  get written(): number {
    return this.#sender.written;
  }

  /** What it has done so far, read when it is asked for. */
  get stats(): Http2Stats {
    const { failed, table, window } = this.#streams;
    return {
      streams: table.added,
      succeeded: table.added - table.size - failed,
      failed,
      sendWindow: this.#sender.window,
      receiveWindow: window.left,
      goaway: this.#control.goawayCode,
    };
  }

  /**
   * By how many octets header fields are more than the peer takes (RFC 9113 §6.5.2); 0 or less if they fit. Whoever sends them all the
   * same may see the stream reset.
   */
  excess(headers: HeaderList, extra?: HeaderList): number {
    return headers.octets + (extra === undefined ? 0 : extra.octets) - this.peer.maxHeaderListSize;
  }

  /** Client: may `open` be called? When this was false, `available` tells of a change. */
  get canOpen(): boolean {
    const can = this.#state === "open" && this.#control.peerLast === Infinity && !this.#shutdown.begun &&
      this.#streams.table.last < LAST_OPENED_ID && this.#streams.table.size < this.#maxToOpen();
    if (!can) this.#refusedToOpen = true;
    return can;
  }

  /** Client: will `open` never be allowed again? */
  get exhausted(): boolean {
    return this.#state === "over" || this.#control.peerLast !== Infinity || this.#shutdown.begun ||
      this.#streams.table.last >= LAST_OPENED_ID;
  }

  /** Sends the preface (client) and the first SETTINGS. Once, first. */
  start(): void {
    if (this.#state !== "new") throw new RpcError("invalid", "the connection was already started");
    this.#state = "open";
    this.#startedMs = this.#now();
    const w = this.#sender.buffer();
    if (!this.#server) writePreface(w);
    this.#control.start(w);
    this.#out.commit();
  }

  /**
   * Handles all whole frames in `bytes` and says how many bytes that were. The rest is to be offered again with what
   * follows, once `need` bytes are there. Nothing of `bytes` is kept.
   */
  receive(bytes: Uint8Array): number {
    let at = 0;
    this.#earn();
    try {
      if (!this.#prefaced && this.#server) {
        if (!this.#readPreface(bytes)) return 0;
        at = PREFACE.length;
      }
      while (this.#state === "open") {
        const frame = decodeFrame(bytes, at, this.#options.maxFrameBytes, this.#frame);
        if (frame === null) break;
        at += FRAME_HEADER_BYTES + frame.length;
        this.#handle(bytes, frame);
      }
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#fail(error);
    }
    if (this.#state === "over") return bytes.length;
    this.#sender.pump();
    this.need = bytes.length - at < FRAME_HEADER_BYTES ? FRAME_HEADER_BYTES : frameBytes(bytes, at);
    return at;
  }

  /** Client: begins a stream with a request. `extra` are more fields. `canOpen` must be true. */
  open(headers: HeaderList, ended: boolean, extra?: HeaderList): Http2Stream {
    if (this.#server || !this.canOpen) throw new RpcError("unavailable", "the connection takes no more streams");
    return this.#streams.open(headers, ended, extra);
  }

  /** Server: sends response headers, interim ones too; with `ended`, all there is. Nothing happens if the stream is closed. */
  headers(stream: Http2Stream, headers: HeaderList, ended: boolean, extra?: HeaderList): void {
    if (!stream.closed) this.#sender.headers(stream, headers, ended, extra);
  }

  /**
   * Sends content: the octets of `bytes` from `start` to `end`, which are the caller's again afterwards. False if so much
   * waits that the caller should too, until `writable`. Nothing happens, and it gives true, if the stream is closed.
   */
  data(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): boolean {
    return stream.closed || this.#sender.data(stream, bytes, start, end, ended);
  }

  /** Ends the stream after what was sent. Nothing happens if it is closed. */
  end(stream: Http2Stream): void {
    if (!stream.closed) this.#sender.data(stream, NO_BYTES, 0, 0, true);
  }

  /**
   * Begins content that the caller appends to the buffer it gets; `endData` or `dropData` must follow before anything else
   * is done with the connection. Saves a copy when it fits into the windows. The stream must not be closed.
   */
  beginData(stream: Http2Stream): WriteBuffer {
    if (stream.closed) throw new RpcError("invalid", `stream ${stream.id} is closed`);
    return this.#sender.beginData(stream);
  }

  /** Sends what was appended since `beginData`; gives what `data` gives. */
  endData(stream: Http2Stream, ended: boolean): boolean {
    return this.#sender.endData(stream, ended);
  }

  /** Forgets what was appended since `beginData`. */
  dropData(): void {
    this.#sender.dropData();
  }

  /** Sends trailers, which end the stream, after what was sent. Nothing happens if it is closed. */
  trailers(stream: Http2Stream, trailers: HeaderList, extra?: HeaderList): void {
    if (!stream.closed) this.#sender.trailers(stream, trailers, extra);
  }

  /** Ends the stream now; what waits is dropped. Nothing happens if it is closed. */
  reset(stream: Http2Stream, code: number): void {
    this.#streams.reset(stream, code);
  }

  /** `count` octets that `data` told of were consumed: the peer may send as many more. */
  consumed(stream: Http2Stream, count: number): void {
    if (this.#state === "open") this.#streams.consumed(stream, count);
  }

  /** Server: the work that made a stream `busy` is done. */
  release(stream: Http2Stream): void {
    this.#streams.release(stream);
  }

  /** Sends a PING with these 8 octets; `pong` tells of the answer. */
  ping(opaque: Uint8Array): void {
    if (this.#state !== "open") return;
    writePing(this.#sender.buffer(), false, opaque);
    this.#out.commit();
  }

  /**
   * Lets what began finish, and nothing new begin: GOAWAY without a limit, and, when the peer has answered a PING and so
   * knows, GOAWAY with the last stream. `drained` tells of the end. Twice is fine.
   */
  shutdown(): void {
    if (this.#state === "open" && !this.#shutdown.begun) this.#shutdown.begin(this.#now());
  }

  /** Ends the connection now, with all its streams, by GOAWAY with `code` and some text for the peer's log. */
  close(code: number = ErrorCode.NO_ERROR, debug = ""): void {
    if (this.#state === "over") return;
    this.#shutdown.goaway(code, debug);
    this.#finish(code, undefined);
  }

  /** The output has room again. */
  drain(): void {
    if (this.#state === "open") this.#sender.pump();
  }

  /** The connection under this one is gone: all streams are reset. Nothing is written, and `closed` not called. */
  lost(): void {
    if (this.#state === "over") return;
    this.#finishStreams(ErrorCode.INTERNAL_ERROR);
  }

  /** When `tick` is to be called next; `Infinity` if it need not be. May become earlier with every call of a method. */
  nextTickMs(): number {
    if (this.#state !== "open") return Infinity;
    const options = this.#options;
    let next = this.#settled ? Infinity : this.#startedMs + options.prefaceTimeoutMs;
    if (this.#block.streamId !== 0) next = Math.min(next, this.#blockMs + options.headersTimeoutMs);
    next = Math.min(next, this.#control.dueMs, this.#shutdown.dueMs);
    if (this.#sender.stalled > 0) {
      for (const stream of this.#streams.table.all()) {
        if (stream.stalledMs >= 0) next = Math.min(next, stream.stalledMs + options.stallTimeoutMs);
      }
    }
    return next;
  }

  /** Looks for what has taken too long. Early or late calls do no harm. */
  tick(): void {
    if (this.#state !== "open") return;
    try {
      this.#checkTimes(this.#now());
      this.#sender.pump();
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#fail(error);
    }
  }

  #checkTimes(nowMs: number): void {
    const options = this.#options;
    if (!this.#settled && nowMs >= this.#startedMs + options.prefaceTimeoutMs) {
      throw new Http2Error(ErrorCode.SETTINGS_TIMEOUT, "no SETTINGS came");
    }
    if (this.#block.streamId !== 0 && nowMs >= this.#blockMs + options.headersTimeoutMs) {
      throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, "header block takes too long");
    }
    if (nowMs >= this.#control.dueMs) {
      throw new Http2Error(ErrorCode.SETTINGS_TIMEOUT, "SETTINGS were not acknowledged");
    }
    if (nowMs >= this.#shutdown.dueMs) this.#shutdown.finish();
    if (this.#sender.stalled > 0) this.#streams.endStalled(nowMs - options.stallTimeoutMs);
  }

  // Frames.

  #readPreface(bytes: Uint8Array): boolean {
    const count = Math.min(bytes.length, PREFACE.length);
    for (let i = 0; i < count; i++) {
      if (bytes[i] !== PREFACE[i]) throw protocolError("no HTTP/2 preface");
    }
    if (count < PREFACE.length) return false;
    this.#prefaced = true;
    return true;
  }

  #handle(bytes: Uint8Array, frame: Frame): void {
    if (!this.#settled) this.#expectSettings(frame);
    if (this.#block.streamId !== 0) {
      if (frame.type !== FrameType.CONTINUATION || frame.streamId !== this.#block.streamId) {
        throw protocolError(`header block of stream ${this.#block.streamId} is interrupted`);
      }
      return this.#onContinuation(bytes, frame);
    }
    switch (frame.type) {
      case FrameType.DATA:
        return this.#streams.onData(bytes, frame);
      case FrameType.HEADERS:
        return this.#onHeaders(bytes, frame);
      case FrameType.PRIORITY:
        this.#budgets.spendIdle();
        return frame.fault === 0 ? undefined : this.#streams.onFaulty(frame.streamId, frame.fault);
      case FrameType.RST_STREAM:
        return this.#streams.onReset(frame);
      case FrameType.SETTINGS:
        return frame.has(Flag.ACK) ? this.#control.onSettingsAck() : this.#onSettings(bytes, frame);
      case FrameType.PUSH_PROMISE:
        throw protocolError("PUSH_PROMISE was not allowed");
      case FrameType.PING:
        return this.#control.onPing(bytes, frame);
      case FrameType.GOAWAY:
        return this.#control.onGoaway(bytes, frame);
      case FrameType.WINDOW_UPDATE:
        this.#budgets.spendIdle();
        return this.#streams.onWindowUpdate(frame);
      case FrameType.CONTINUATION:
        throw protocolError("CONTINUATION without HEADERS");
      default:
        this.#budgets.spendIdle();
    }
  }

  #expectSettings(frame: Frame): void {
    if (frame.type !== FrameType.SETTINGS || frame.has(Flag.ACK)) throw protocolError("first frame is not SETTINGS");
    this.#settled = true;
  }

  #onHeaders(bytes: Uint8Array, frame: Frame): void {
    const ended = frame.has(Flag.END_STREAM);
    if (frame.has(Flag.END_HEADERS)) {
      return this.#streams.onBlock(frame.streamId, ended, bytes, frame.start, frame.end, frame.fault);
    }
    this.#blockMs = this.#now();
    this.#block.begin(bytes, frame, ended);
  }

  #onContinuation(bytes: Uint8Array, frame: Frame): void {
    const block = this.#block;
    block.add(bytes, frame);
    if (!frame.has(Flag.END_HEADERS)) return;
    const { streamId, endStream, fault } = block;
    const collected = block.bytes;
    this.#streams.onBlock(streamId, endStream, collected.bytes, collected.start, collected.end, fault);
    block.clear();
  }

  #onSettings(bytes: Uint8Array, frame: Frame): void {
    this.#control.onSettings(bytes, frame);
    this.#tellAvailable();
  }

  #streamClosed(): void {
    if (this.#streams.table.size === 0) this.#handler.quiet?.();
    this.#shutdown.check();
    this.#tellAvailable();
  }

  #maxToOpen(): number {
    return this.#settled ? this.peer.maxConcurrentStreams : this.#options.initialMaxStreams;
  }

  #tellAvailable(): void {
    if (!this.#refusedToOpen || this.#server || this.#handler.available === undefined) return;
    this.#refusedToOpen = false;
    if (this.canOpen) this.#handler.available();
  }

  /** Counts what was useful since the last time, both ways. */
  #earn(): void {
    const work = this.#streams.work + this.#sender.work;
    this.#streams.work = this.#sender.work = 0;
    this.#budgets.earn(work, this.#out.pendingBytes === 0);
  }

  // The end.

  #fail(error: Http2Error): void {
    if (this.#state === "over") return;
    this.#shutdown.goaway(error.code, error.message);
    this.#finish(error.code, error);
  }

  #finish(code: number, error: Http2Error | undefined): void {
    this.#finishStreams(code);
    this.#handler.closed(error);
  }

  #finishStreams(code: number): void {
    this.#state = "over";
    this.#streams.over = true;
    this.#block.clear();
    this.#streams.endAll(code);
  }
}

function protocolError(message: string): Http2Error {
  return new Http2Error(ErrorCode.PROTOCOL_ERROR, message);
}
