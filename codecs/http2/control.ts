/**
 * The frames of a connection as a whole, both ways: SETTINGS and their acknowledgement, PING, GOAWAY of the peer, and the
 * windows that grow by what was measured.
 *
 * Spec: RFC 9113 §6.5, §6.7, §6.8.
 *
 * @module
 */
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { Bandwidth, BANDWIDTH_PING } from "./bandwidth.ts";
import { ErrorCode, Http2Error } from "./errors.ts";
import { DEFAULT_FRAME_BYTES, Flag, type Frame } from "./frame.ts";
import type { FrameBudgets } from "./frame_budgets.ts";
import { type Setting, writePing, writeSettings, writeSettingsAck, writeWindowUpdate } from "./frame_writer.ts";
import type { Http2Handler } from "./handler.ts";
import type { Http2Options } from "./options.ts";
import type { Http2Output } from "./sender.ts";
import { applySettings, DEFAULT_WINDOW, SettingId, type Settings } from "./settings.ts";
import { isSamePing, type Shutdown } from "./shutdown.ts";
import { Gone } from "./stream_table.ts";
import type { Streams } from "./streams.ts";

/** SETTINGS that were sent and wait for their ACK. */
interface Announced {
  readonly windowBytes: number;
  readonly tableBytes: number;
  readonly sentMs: number;
}

/** What control frames work on. */
export interface ControlInit {
  /** Is this the server's side? */
  readonly server: boolean;
  /** Where frames go. */
  readonly out: Http2Output;
  /** Who is told. */
  readonly handler: Http2Handler;
  /** Gives monotonic milliseconds. */
  readonly now: () => number;
  /** All options. */
  readonly options: Required<Http2Options>;
  /** What the peer asked for; changed here. */
  readonly peer: Settings;
  /** The streams. */
  readonly streams: Streams;
  /** What frames are paid from. */
  readonly budgets: FrameBudgets;
  /** This side's end. */
  readonly shutdown: Shutdown;
}

/** What both sides say of one connection. */
export class Control {
  /** Of the peer's GOAWAY; above every id if there was none. */
  peerLast: number = Infinity;
  /** The code of that; `undefined` if there was none. */
  goawayCode: number | undefined = undefined;
  readonly #init: ControlInit;
  readonly #bandwidth: Bandwidth;
  #announced: Announced[] = [];

  /** Nothing was said. */
  constructor(init: ControlInit) {
    this.#init = init;
    const { windowBytes, maxWindowBytes } = init.options;
    this.#bandwidth = new Bandwidth(windowBytes, maxWindowBytes);
  }

  /** When SETTINGS must have been acknowledged; `Infinity` if all are. */
  get dueMs(): number {
    const [first] = this.#announced;
    return first === undefined ? Infinity : first.sentMs + this.#init.options.settingsTimeoutMs;
  }

  /** Writes the first SETTINGS. */
  start(w: WriteBuffer): void {
    const { server, options, streams } = this.#init;
    const settings: Setting[] = server
      ? [[SettingId.MAX_CONCURRENT_STREAMS, options.maxConcurrentStreams]]
      : [[SettingId.ENABLE_PUSH, 0]];
    if (options.headerTableBytes !== 4096) settings.push([SettingId.HEADER_TABLE_SIZE, options.headerTableBytes]);
    if (options.windowBytes !== DEFAULT_WINDOW) settings.push([SettingId.INITIAL_WINDOW_SIZE, options.windowBytes]);
    if (options.maxFrameBytes !== DEFAULT_FRAME_BYTES) settings.push([SettingId.MAX_FRAME_SIZE, options.maxFrameBytes]);
    settings.push([SettingId.MAX_HEADER_LIST_SIZE, options.maxHeaderListBytes]);
    this.#announce(w, settings, options.windowBytes);
    const more = options.connectionWindowBytes - DEFAULT_WINDOW;
    if (more > 0) writeWindowUpdate(w, 0, streams.window.grow(options.connectionWindowBytes));
  }

  /** SETTINGS of the peer. */
  onSettings(bytes: Uint8Array, frame: Frame): void {
    const { server, out, handler, peer, streams, budgets } = this.#init;
    budgets.spendReply();
    const windowBefore = peer.initialWindowSize;
    const { encoder } = streams.sender;
    applySettings(peer, bytes, frame.start, frame.end, !server, (octets) => encoder.limitTable(octets));
    streams.sender.maxFrameBytes = peer.maxFrameSize;
    const change = peer.initialWindowSize - windowBefore;
    if (change !== 0) streams.moveSendWindows(change);
    writeSettingsAck(streams.sender.buffer());
    out.commit();
    handler.settings?.(peer);
  }

  /** The peer acknowledged SETTINGS. */
  onSettingsAck(): void {
    const { streams, budgets } = this.#init;
    budgets.spendIdle();
    const announced = this.#announced.shift();
    if (announced === undefined) return;
    streams.decoder.limitTable(announced.tableBytes);
    streams.moveReceiveWindows(announced.windowBytes);
  }

  /** PING of the peer, or its answer to one. */
  onPing(bytes: Uint8Array, frame: Frame): void {
    const { out, handler, streams, budgets, shutdown } = this.#init;
    const opaque = bytes.subarray(frame.start, frame.end);
    if (frame.has(Flag.ACK)) {
      budgets.spendIdle();
      if (isSamePing(opaque, BANDWIDTH_PING)) return this.#onMeasured();
      if (!shutdown.ponged(opaque)) handler.pong?.(opaque);
      return;
    }
    budgets.spendReply();
    writePing(streams.sender.buffer(), true, opaque);
    out.commit();
    handler.pinged?.();
  }

  /** GOAWAY of the peer: a client's streams above its last were not processed. */
  onGoaway(bytes: Uint8Array, frame: Frame): void {
    const { server, handler, streams, budgets } = this.#init;
    budgets.spendIdle();
    const last = frame.otherId;
    this.goawayCode = frame.code;
    if (!server) {
      if (last !== 0 && (last & 1) === 0) throw protocolError(`GOAWAY with the server's stream ${last}`);
      if (last > this.peerLast) throw protocolError(`GOAWAY with stream ${last} after ${this.peerLast}`);
      this.peerLast = last;
    }
    handler.goaway?.(last, frame.code, bytes.subarray(frame.start, frame.end));
    if (server) return;
    for (const stream of streams.table.all()) {
      if (stream.id <= last || stream.closed) continue;
      stream.unprocessed = true;
      streams.close(stream, Gone.RESET_BY_US);
      handler.reset(stream, ErrorCode.REFUSED_STREAM, true);
    }
  }

  /** So many octets of content came. */
  arrived(count: number): void {
    if (!this.#bandwidth.received(count)) return;
    const { out, now, streams } = this.#init;
    this.#bandwidth.sent(now());
    writePing(streams.sender.buffer(), false, BANDWIDTH_PING);
    out.commit();
  }

  #onMeasured(): void {
    const { out, now, streams } = this.#init;
    if (!this.#bandwidth.answered(now())) return;
    const { window } = this.#bandwidth;
    const w = streams.sender.buffer();
    this.#announce(w, [[SettingId.INITIAL_WINDOW_SIZE, window]], window);
    if (window > streams.window.limit) writeWindowUpdate(w, 0, streams.window.grow(window));
    out.commit();
  }

  #announce(w: WriteBuffer, settings: readonly Setting[], windowBytes: number): void {
    const { now, options } = this.#init;
    writeSettings(w, settings);
    this.#announced.push({ windowBytes, tableBytes: options.headerTableBytes, sentMs: now() });
  }
}

function protocolError(message: string): Http2Error {
  return new Http2Error(ErrorCode.PROTOCOL_ERROR, message);
}
