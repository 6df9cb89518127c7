/**
 * One HTTP/2 connection, either side of it: pure and synchronous. Bytes go in by `receive`, frames come out in an
 * `Http2Output`, what happens is told to an `Http2Handler`. There is no socket, timer or promise in it: whoever owns the
 * connection under it calls `tick` when `nextTickMs` has come, and `drain` when the output has room again.
 *
 * Frames are handled in place, in order, and everything written meanwhile leaves together. A broken rule ends a stream or
 * the connection, with the code the RFC gives; what costs without moving anything is paid from budgets.
 *
 * Above 500 lines because the frames of one connection all work on one state; everything that has a state of its own
 * (sending, header blocks, windows, budgets, the table of streams) has a file of its own.
 *
 * Spec: RFC 9113.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { Bandwidth, BANDWIDTH_PING } from "./bandwidth.ts";
import { Budget } from "./budget.ts";
import { ErrorCode, Http2Error } from "./errors.ts";
import {
  decodeFrame,
  DEFAULT_FRAME_BYTES,
  Flag,
  Frame,
  FRAME_HEADER_BYTES,
  frameBytes,
  FrameType,
  MAX_WINDOW,
  PREFACE,
} from "./frame.ts";
import {
  type Setting,
  writeGoaway,
  writePing,
  writePreface,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from "./frame_writer.ts";
import type { Http2Handler } from "./handler.ts";
import { HeaderBlock } from "./header_block.ts";
import type { HeaderList } from "./header_list.ts";
import { http2Defaults, type Http2Options } from "./options.ts";
import type { Http2Output, Sender } from "./sender.ts";
import { applySettings, DEFAULT_WINDOW, initialSettings, SettingId, type Settings } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";
import { Gone } from "./stream_table.ts";
import { Streams } from "./streams.ts";

/** The PING between the two GOAWAYs of a shutdown, the same that grpc-go and Kitex use. */
const DRAIN_PING = new Uint8Array([1, 6, 1, 8, 0, 3, 3, 9]);
/** Beyond three quarters of the ids a client goes on to another connection. */
const LAST_OPENED_ID = 0x60000000;
const MAX_DEBUG_BYTES = 256;
const NO_BYTES = new Uint8Array(0);

/** SETTINGS that were sent and wait for their ACK. */
interface Announced {
  readonly windowBytes: number;
  readonly tableBytes: number;
  readonly sentMs: number;
}

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
  readonly #bandwidth: Bandwidth;
  readonly #idleFrames: Budget;
  readonly #replies: Budget;
  #announced: Announced[] = [];

  #state: "new" | "open" | "over" = "new";
  #prefaced = false;
  #settled = false;
  #startedMs = 0;
  #blockMs = 0;
  #shutdownMs = -1;
  #drained = false;
  /** Of the peer's GOAWAY; above every id if there was none. */
  #peerLast = Infinity;
  #goawayCode: number | undefined;
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
    const owner = {
      spendIdle: () => this.#spendIdle(),
      arrived: (count: number) => this.#arrived(count),
      closed: () => this.#streamClosed(),
    };
    this.#streams = new Streams(this.#server, output, handler, owner, now, all, this.peer);
    this.#sender = this.#streams.sender;
    this.#block = new HeaderBlock(all.maxHeaderListBytes * 4, all.maxContinuations);
    this.#bandwidth = new Bandwidth(all.windowBytes, all.maxWindowBytes);
    this.#idleFrames = new Budget(all.idleFrameBurst, all.idleFramesPerSecond, now);
    this.#replies = new Budget(all.maxQueuedReplies, all.idleFramesPerSecond, now);
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
      goaway: this.#goawayCode,
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
    const can = this.#state === "open" && this.#peerLast === Infinity && this.#shutdownMs < 0 &&
      this.#streams.table.last < LAST_OPENED_ID && this.#streams.table.size < this.#maxToOpen();
    if (!can) this.#refusedToOpen = true;
    return can;
  }

  /** Client: will `open` never be allowed again? */
  get exhausted(): boolean {
    return this.#state === "over" || this.#peerLast !== Infinity || this.#shutdownMs >= 0 ||
      this.#streams.table.last >= LAST_OPENED_ID;
  }

  /** Sends the preface (client) and the first SETTINGS. Once, first. */
  start(): void {
    if (this.#state !== "new") throw new RpcError("invalid", "the connection was already started");
    this.#state = "open";
    this.#startedMs = this.#now();
    const options = this.#options;
    const settings: Setting[] = this.#server
      ? [[SettingId.MAX_CONCURRENT_STREAMS, options.maxConcurrentStreams]]
      : [[SettingId.ENABLE_PUSH, 0]];
    if (options.headerTableBytes !== 4096) settings.push([SettingId.HEADER_TABLE_SIZE, options.headerTableBytes]);
    if (options.windowBytes !== DEFAULT_WINDOW) settings.push([SettingId.INITIAL_WINDOW_SIZE, options.windowBytes]);
    if (options.maxFrameBytes !== DEFAULT_FRAME_BYTES) settings.push([SettingId.MAX_FRAME_SIZE, options.maxFrameBytes]);
    settings.push([SettingId.MAX_HEADER_LIST_SIZE, options.maxHeaderListBytes]);
    const w = this.#sender.buffer();
    if (!this.#server) writePreface(w);
    this.#announce(w, settings);
    const more = options.connectionWindowBytes - DEFAULT_WINDOW;
    if (more > 0) writeWindowUpdate(w, 0, this.#streams.window.grow(options.connectionWindowBytes));
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
    if (this.#state !== "open" || this.#shutdownMs >= 0) return;
    this.#shutdownMs = this.#now();
    const w = this.#sender.buffer();
    if (this.#server) {
      writeGoaway(w, MAX_WINDOW, ErrorCode.NO_ERROR, NO_BYTES);
      writePing(w, false, DRAIN_PING);
      this.#out.commit();
    } else {
      this.#finishShutdown(w);
    }
  }

  /** Ends the connection now, with all its streams, by GOAWAY with `code` and some text for the peer's log. */
  close(code: number = ErrorCode.NO_ERROR, debug = ""): void {
    if (this.#state === "over") return;
    this.#goaway(code, debug);
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
    if (this.#announced.length > 0) next = Math.min(next, this.#announced[0]!.sentMs + options.settingsTimeoutMs);
    if (this.#awaitsDrainPing()) next = Math.min(next, this.#shutdownMs + options.drainPingTimeoutMs);
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
    if (this.#announced.length > 0 && nowMs >= this.#announced[0]!.sentMs + options.settingsTimeoutMs) {
      throw new Http2Error(ErrorCode.SETTINGS_TIMEOUT, "SETTINGS were not acknowledged");
    }
    if (this.#awaitsDrainPing() && nowMs >= this.#shutdownMs + options.drainPingTimeoutMs) {
      this.#finishShutdown(this.#sender.buffer());
    }
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
        this.#spendIdle();
        return frame.fault === 0 ? undefined : this.#streams.onFaulty(frame.streamId, frame.fault);
      case FrameType.RST_STREAM:
        return this.#streams.onReset(frame);
      case FrameType.SETTINGS:
        return frame.has(Flag.ACK) ? this.#onSettingsAck() : this.#onSettings(bytes, frame);
      case FrameType.PUSH_PROMISE:
        throw protocolError("PUSH_PROMISE was not allowed");
      case FrameType.PING:
        return this.#onPing(bytes, frame);
      case FrameType.GOAWAY:
        return this.#onGoaway(bytes, frame);
      case FrameType.WINDOW_UPDATE:
        this.#spendIdle();
        return this.#streams.onWindowUpdate(frame);
      case FrameType.CONTINUATION:
        throw protocolError("CONTINUATION without HEADERS");
      default:
        this.#spendIdle();
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
    this.#spendReply();
    const { peer } = this;
    const windowBefore = peer.initialWindowSize;
    const { encoder } = this.#sender;
    applySettings(peer, bytes, frame.start, frame.end, !this.#server, (octets) => encoder.limitTable(octets));
    this.#sender.maxFrameBytes = peer.maxFrameSize;
    const change = peer.initialWindowSize - windowBefore;
    if (change !== 0) this.#streams.moveSendWindows(change);
    writeSettingsAck(this.#sender.buffer());
    this.#out.commit();
    this.#handler.settings?.(peer);
    this.#tellAvailable();
  }

  #onSettingsAck(): void {
    this.#spendIdle();
    const announced = this.#announced.shift();
    if (announced === undefined) return;
    this.#streams.decoder.limitTable(announced.tableBytes);
    this.#streams.moveReceiveWindows(announced.windowBytes);
  }

  #onPing(bytes: Uint8Array, frame: Frame): void {
    const opaque = bytes.subarray(frame.start, frame.end);
    if (frame.has(Flag.ACK)) return this.#onPong(opaque);
    this.#spendReply();
    writePing(this.#sender.buffer(), true, opaque);
    this.#out.commit();
    this.#handler.pinged?.();
  }

  #onPong(opaque: Uint8Array): void {
    this.#spendIdle();
    if (same(opaque, BANDWIDTH_PING)) return this.#onMeasured();
    if (same(opaque, DRAIN_PING) && this.#awaitsDrainPing()) return this.#finishShutdown(this.#sender.buffer());
    this.#handler.pong?.(opaque);
  }

  #onGoaway(bytes: Uint8Array, frame: Frame): void {
    this.#spendIdle();
    const last = frame.otherId;
    this.#goawayCode = frame.code;
    if (!this.#server) {
      if (last !== 0 && (last & 1) === 0) throw protocolError(`GOAWAY with the server's stream ${last}`);
      if (last > this.#peerLast) throw protocolError(`GOAWAY with stream ${last} after ${this.#peerLast}`);
      this.#peerLast = last;
    }
    this.#handler.goaway?.(last, frame.code, bytes.subarray(frame.start, frame.end));
    if (this.#server) return;
    for (const stream of this.#streams.table.all()) {
      if (stream.id <= last || stream.closed) continue;
      stream.unprocessed = true;
      this.#streams.close(stream, Gone.RESET_BY_US);
      this.#handler.reset(stream, ErrorCode.REFUSED_STREAM, true);
    }
  }

  #streamClosed(): void {
    if (this.#streams.table.size === 0) this.#handler.quiet?.();
    this.#checkDrained();
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

  // Windows.

  #arrived(count: number): void {
    if (!this.#bandwidth.received(count)) return;
    this.#bandwidth.sent(this.#now());
    writePing(this.#sender.buffer(), false, BANDWIDTH_PING);
    this.#out.commit();
  }

  #onMeasured(): void {
    if (!this.#bandwidth.answered(this.#now())) return;
    const { window } = this.#bandwidth;
    const w = this.#sender.buffer();
    this.#announce(w, [[SettingId.INITIAL_WINDOW_SIZE, window]], window);
    if (window > this.#streams.window.limit) writeWindowUpdate(w, 0, this.#streams.window.grow(window));
    this.#out.commit();
  }

  #announce(w: WriteBuffer, settings: readonly Setting[], windowBytes = this.#options.windowBytes): void {
    writeSettings(w, settings);
    this.#announced.push({ windowBytes, tableBytes: this.#options.headerTableBytes, sentMs: this.#now() });
  }

  // Budgets.

  /** Counts what was useful since the last time, both ways. */
  #earn(): void {
    const work = this.#streams.work + this.#sender.work;
    this.#streams.work = this.#sender.work = 0;
    this.#idleFrames.earn(work);
    this.#replies.earn(this.#out.pendingBytes === 0 ? Infinity : work);
  }

  #spendIdle(): void {
    if (!this.#idleFrames.spend()) throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, "too many frames that do nothing");
  }

  #spendReply(): void {
    this.#spendIdle();
    if (!this.#replies.spend()) throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, "replies are not read");
  }

  // The end.

  #awaitsDrainPing(): boolean {
    return this.#shutdownMs >= 0 && this.#streams.lastAccepted === MAX_WINDOW;
  }

  #finishShutdown(w: WriteBuffer): void {
    this.#streams.lastAccepted = this.#server ? this.#streams.table.last : 0;
    writeGoaway(w, this.#streams.lastAccepted, ErrorCode.NO_ERROR, NO_BYTES);
    this.#out.commit();
    this.#checkDrained();
  }

  #checkDrained(): void {
    const done = this.#shutdownMs >= 0 && !this.#awaitsDrainPing() &&
      this.#streams.table.size + this.#streams.held === 0;
    if (!done || this.#drained || this.#state !== "open") return;
    this.#drained = true;
    this.#handler.drained?.();
  }

  #fail(error: Http2Error): void {
    if (this.#state === "over") return;
    this.#goaway(error.code, error.message);
    this.#finish(error.code, error);
  }

  #goaway(code: number, debug: string): void {
    const last = this.#server ? Math.min(this.#streams.table.last, this.#streams.lastAccepted) : 0;
    const text = new TextEncoder().encode(debug).subarray(0, MAX_DEBUG_BYTES);
    writeGoaway(this.#sender.buffer(), last, code, text);
    this.#out.commit();
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

function same(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 8; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
