/**
 * A connection under test without anything under it: its output is collected and shown frame by frame, its events are
 * noted as lines of text, its clock is turned by hand. The other side is written by the test, frame by frame.
 *
 * @module
 */
import { Http2Connection } from "../../../codecs/http2/connection.ts";
import type { Http2Error } from "../../../codecs/http2/errors.ts";
import { errorName } from "../../../codecs/http2/errors.ts";
import {
  decodeFrame,
  Flag,
  Frame,
  FRAME_HEADER_BYTES,
  FrameType,
  MAX_FRAME_BYTES,
} from "../../../codecs/http2/frame.ts";
import {
  beginFrame,
  endFrame,
  endHeaders,
  type Setting,
  writeData,
  writeFrameHeader,
  writePreface,
  writeRstStream,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from "../../../codecs/http2/frame_writer.ts";
import type { Http2Handler } from "../../../codecs/http2/handler.ts";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { HpackDecoder } from "../../../codecs/http2/hpack/decoder.ts";
import type { Http2Options } from "../../../codecs/http2/options.ts";
import type { Http2Stream } from "../../../codecs/http2/stream.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { toHex } from "./hex.ts";

/** Fields as name, value, name, value. */
export const GET: readonly string[] = [":method", "GET", ":scheme", "http", ":path", "/"];
/** A request with content. */
export const POST: readonly string[] = [":method", "POST", ":scheme", "http", ":path", "/p"];
/** An answer. */
export const OK: HeaderList = HeaderList.of({ ":status": "200" });

/** Frames a test writes by hand. Header blocks use no dynamic table. */
export class Script {
  readonly w: WriteBuffer = new WriteBuffer();

  preface(...settings: Setting[]): this {
    writePreface(this.w);
    writeSettings(this.w, settings);
    return this;
  }
  settings(...settings: Setting[]): this {
    writeSettings(this.w, settings);
    return this;
  }
  ack(): this {
    writeSettingsAck(this.w);
    return this;
  }
  headers(id: number, fields: readonly string[], flags: number = Flag.END_STREAM): this {
    const start = beginFrame(this.w, FrameType.HEADERS, flags, id);
    this.bytes(block(fields));
    endHeaders(this.w, start, MAX_FRAME_BYTES);
    return this;
  }
  data(id: number, content: string | number, ended = false): this {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
    writeData(this.w, id, ended ? Flag.END_STREAM : 0, bytes);
    return this;
  }
  reset(id: number, code = 8): this {
    writeRstStream(this.w, id, code);
    return this;
  }
  update(id: number, increment: number): this {
    writeWindowUpdate(this.w, id, increment);
    return this;
  }
  /** Any frame; the payload in hex, or so many zeros. */
  frame(type: number, flags: number, id: number, payload: Uint8Array | number = 0): this {
    const start = beginFrame(this.w, type, flags, id);
    this.bytes(typeof payload === "number" ? new Uint8Array(payload) : payload);
    endFrame(this.w, start);
    return this;
  }
  header(length: number, type: number, flags: number, id: number): this {
    writeFrameHeader(this.w, length, type, flags, id);
    return this;
  }
  bytes(bytes: Uint8Array): this {
    this.w.reserve(bytes.length);
    this.w.bytes.set(bytes, this.w.pos);
    this.w.pos += bytes.length;
    return this;
  }
}

/** A header block of literals without any compression, valid or not. */
export function block(fields: readonly string[]): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    bytes.push(0);
    for (const text of [fields[i]!, fields[i + 1]!]) {
      if (text.length < 127) bytes.push(text.length);
      else {
        let rest = text.length - 127;
        bytes.push(127);
        for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
        bytes.push(rest);
      }
      for (const char of text) bytes.push(char.charCodeAt(0));
    }
  }
  return Uint8Array.from(bytes);
}

/** A connection and all it did. */
export class Peer {
  readonly http2: Http2Connection;
  /** What its handler was told since the last `take`, a line each. */
  events: string[] = [];
  readonly streams: Map<number, Http2Stream> = new Map();
  readonly received: Map<number, string> = new Map();
  nowMs = 0;
  commits = 0;
  /** Stands for what a transport has not taken. */
  blockedBytes = 0;
  /** Consume content at once? */
  consumes = true;
  on: Partial<Http2Handler> = {};
  failed: Http2Error | undefined;
  readonly #w = new WriteBuffer(16);
  readonly #decoder = new HpackDecoder({ maxListBytes: 1 << 20 });
  #rest: Uint8Array = new Uint8Array(0);

  constructor(role: "client" | "server", options: Http2Options = {}) {
    const note = (text: string): unknown => this.events.push(text);
    const w = this.#w;
    const blocked = (): number => this.blockedBytes;
    const output = {
      output: w,
      get pendingBytes() {
        return w.pos + blocked();
      },
      commit: () => void this.commits++,
    };
    const on = (): Partial<Http2Handler> => this.on;
    const handler = {
      headers: (stream, headers, ended) => {
        this.streams.set(stream.id, stream);
        note(`headers ${stream.id} ${shown(headers)}${ended ? " END" : ""}`);
        this.on.headers?.(stream, headers, ended);
      },
      data: (stream, bytes, start, end, ended) => {
        const before = this.received.get(stream.id) ?? "";
        if (before.length < 100) {
          this.received.set(
            stream.id,
            before + String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 100))),
          );
        }
        note(`data ${stream.id} ${end - start}${ended ? " END" : ""}`);
        if (this.consumes) this.http2.consumed(stream, end - start);
        this.on.data?.(stream, bytes, start, end, ended);
      },
      trailers: (stream, headers) => {
        note(`trailers ${stream.id} ${shown(headers)}`);
        this.on.trailers?.(stream, headers);
      },
      reset: (stream, code, remote) => {
        note(
          `reset ${stream.id} ${errorName(code)}${remote ? " remote" : ""}${stream.unprocessed ? " unprocessed" : ""}`,
        );
        this.on.reset?.(stream, code, remote);
      },
      get oversized() {
        return on().oversized;
      },
      informational: (stream, headers) => note(`informational ${stream.id} ${shown(headers)}`),
      writable: (stream) => {
        note(`writable ${stream.id}`);
        this.on.writable?.(stream);
      },
      available: () => note("available"),
      pong: (opaque) => note(`pong ${toHex(opaque)}`),
      goaway: (last, code, debug) => note(`goaway ${last} ${errorName(code)} ${new TextDecoder().decode(debug)}`),
      drained: () => note("drained"),
      closed: (error) => {
        this.failed = error;
        note(`closed ${error === undefined ? "" : errorName(error.code)}`);
      },
    } as Http2Handler;
    this.http2 = new Http2Connection(role, output, handler, () => this.nowMs, options);
    this.http2.start();
  }

  /** Feeds a script, as a transport would; gives what came out. */
  feed(script: Script): string[] {
    this.push(script.w.written().slice());
    return this.take();
  }

  /** Feeds bytes, keeping what is not consumed. */
  push(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const used = all.length >= this.http2.need ? this.http2.receive(all) : 0;
    this.#rest = all.slice(used);
  }

  /** The bytes that came out since the last time. */
  takeBytes(): Uint8Array {
    const bytes = this.#w.written().slice();
    this.#w.pos = 0;
    return bytes;
  }

  /** The frames that came out since the last time, a line each. */
  take(): string[] {
    let bytes = this.takeBytes();
    if (bytes[0] === 0x50 && bytes[1] === 0x52) bytes = bytes.subarray(24);
    return showFrames(bytes, this.#decoder);
  }

  /** The events since the last time. */
  takeEvents(): string[] {
    const { events } = this;
    this.events = [];
    return events;
  }
}

/** A server that has exchanged settings with its client. */
export function server(options: Http2Options = {}, ...settings: Setting[]): Peer {
  const peer = new Peer("server", options);
  peer.feed(new Script().preface(...settings).ack());
  return peer;
}

/** A client that has exchanged settings with its server. */
export function client(options: Http2Options = {}, ...settings: Setting[]): Peer {
  const peer = new Peer("client", options);
  peer.feed(new Script().settings(...settings).ack());
  return peer;
}

/** Frames as text, a line each. */
export function showFrames(bytes: Uint8Array, decoder: HpackDecoder): string[] {
  const lines: string[] = [];
  const frame = new Frame();
  let at = 0;
  for (; decodeFrame(bytes, at, MAX_FRAME_BYTES, frame) !== null; at += FRAME_HEADER_BYTES + frame.length) {
    lines.push(showFrame(bytes, frame, decoder));
  }
  if (at !== bytes.length) lines.push(`rest ${bytes.length - at}`);
  return lines;
}

function showFrame(bytes: Uint8Array, frame: Frame, decoder: HpackDecoder): string {
  const { streamId: id, start, end } = frame;
  const ended = frame.has(Flag.END_STREAM) ? " END" : "";
  switch (frame.type) {
    case FrameType.DATA:
      return `DATA ${id} ${end - start}${ended}`;
    case FrameType.HEADERS: {
      if (!frame.has(Flag.END_HEADERS)) return `HEADERS ${id} ${end - start}...`;
      return `HEADERS ${id} ${shown(decoder.decode(bytes, start, end))}${ended}`;
    }
    case FrameType.CONTINUATION:
      return `CONTINUATION ${id} ${end - start}${frame.has(Flag.END_HEADERS) ? "" : "..."}`;
    case FrameType.RST_STREAM:
      return `RST ${id} ${errorName(frame.code)}`;
    case FrameType.SETTINGS:
      return frame.has(Flag.ACK) ? "SETTINGS ACK" : `SETTINGS ${toHex(bytes.subarray(start, end))}`;
    case FrameType.PING:
      return `PING ${frame.has(Flag.ACK) ? "ACK " : ""}${toHex(bytes.subarray(start, end))}`;
    case FrameType.GOAWAY:
      return `GOAWAY ${frame.otherId} ${errorName(frame.code)}`;
    case FrameType.WINDOW_UPDATE:
      return `UPDATE ${id} ${frame.increment}`;
    default:
      return `frame ${frame.type}`;
  }
}

function shown(list: HeaderList): string {
  return [...list].map(([name, value]) => `${name}=${value}`).join(" ") + (list.tooLarge ? " ..." : "");
}
