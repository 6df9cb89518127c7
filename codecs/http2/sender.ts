/**
 * The sending half of a connection: header blocks, and data as far as the windows, the other streams and the output allow.
 *
 * Data that can go goes at once, straight into the output. What cannot is copied to its stream, which takes its turn with
 * the others that wait: one frame each, around and around. Data of one stream that follows its own last frame in the
 * output lengthens that frame, so many small messages of a turn leave in one.
 *
 * Spec: RFC 9113 §5.2, §6.1, §6.9.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { ErrorCode, Http2Error } from "./errors.ts";
import { DEFAULT_FRAME_BYTES, Flag, FRAME_HEADER_BYTES, FrameType, MAX_WINDOW } from "./frame.ts";
import { beginFrame, endFrame, endHeaders, extendFrame, writeBytes, writeFrameHeader } from "./frame_writer.ts";
import type { HeaderList } from "./header_list.ts";
import { HpackEncoder } from "./hpack/encoder.ts";
import { DEFAULT_WINDOW } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";

/** Where frames go. `Connection` of `lib/io` is one. */
export interface Http2Output {
  /** The buffer of this turn; read again after every `commit`. Nobody else may write to it. */
  readonly output: WriteBuffer;
  /** What was committed and the transport has not taken yet. */
  readonly pendingBytes: number;
  /** Whole frames are in `output`: they may leave at the end of the turn. */
  commit(): void;
}

/** What a sender tells its connection. */
export interface SenderEvents {
  /** A stream that had to wait may send again. */
  writable(stream: Http2Stream): void;
  /** END_STREAM of a stream was sent. */
  ended(stream: Http2Stream): void;
  /** Monotonic milliseconds. */
  now(): number;
}

/** From so many octets sent on, a stream that is short of window is not stalled. */
const PROGRESS_BYTES = 1024;
/** Peers answer a frame with a PING of theirs, window updates and more. */
const FRAME_WORTH = 4;
const NO_BYTES = new Uint8Array(0);

/** Sends headers and data. */
export class Sender {
  /** The connection's window. */
  window: number = DEFAULT_WINDOW;
  /** The peer's SETTINGS_MAX_FRAME_SIZE. */
  maxFrameBytes: number = DEFAULT_FRAME_BYTES;
  /** How many streams have data that hardly moves. */
  stalled = 0;
  /** How many frames that move nothing the peer may have sent because of what was written. */
  work = 0;
  /** How many HEADERS and DATA frames were written, or lengthened, in all. */
  written = 0;
  readonly encoder: HpackEncoder = new HpackEncoder();
  readonly #out: Http2Output;
  readonly #events: SenderEvents;
  readonly #streamBytes: number;
  readonly #outputBytes: number;
  // A ring would have to grow; streams that wait are few, and one that is over is passed over when its turn comes.
  #queue: Http2Stream[] = [];
  #head = 0;
  /** How many streams in the queue are over. */
  #dead = 0;
  /** The last frame in the output if it is DATA: its buffer, where it begins and ends there, its stream. */
  #lastBuffer: WriteBuffer | undefined;
  #lastStart = 0;
  #lastEnd = 0;
  #lastId = 0;
  /** Where the payload begins that the user of `beginData` writes, and does it lengthen the frame before? */
  #openAt = 0;
  #openFollows = false;

  /** Streams keep up to about `streamBytes`; nothing more is put into an output with more than `outputBytes` pending. */
  constructor(out: Http2Output, events: SenderEvents, streamBytes: number, outputBytes: number) {
    this.#out = out;
    this.#events = events;
    this.#streamBytes = streamBytes;
    this.#outputBytes = outputBytes;
  }

  /** How many streams wait for their turn; some of them may be over. */
  get queued(): number {
    return this.#queue.length - this.#head;
  }

  /** The output, for any frame but DATA. Every write that is not a sender's must get it here. */
  buffer(): WriteBuffer {
    this.#lastBuffer = undefined;
    return this.#out.output;
  }

  /** Writes HEADERS now. */
  headers(stream: Http2Stream, list: HeaderList, ended: boolean, extra?: HeaderList): void {
    this.#checkOpen(stream);
    this.#writeHeaders(stream, list, ended, extra);
  }

  /** Writes HEADERS with END_STREAM after all data of the stream. */
  trailers(stream: Http2Stream, list: HeaderList, extra?: HeaderList): void {
    this.#checkOpen(stream);
    if (stream.pending.length === 0) return this.#writeHeaders(stream, list, true, extra);
    stream.endPending = true;
    stream.trailers = list;
    stream.moreTrailers = extra;
  }

  /** Sends data; false if the stream has so much waiting that its user should wait too. */
  data(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): boolean {
    this.#checkOpen(stream);
    if (start === end && !ended) return !stream.waiting;
    let at = start;
    if (stream.pending.length === 0) {
      if (this.#head === this.#queue.length) at = this.#sendNow(stream, bytes, start, end, ended);
      else if (start === end && ended) this.#writeData(stream, NO_BYTES, 0, 0, true);
      if (at === end && stream.localEnded) return true;
    }
    if (at < end) {
      stream.pending.append(bytes, at, end);
      this.#enqueue(stream);
    }
    if (ended && stream.pending.length > 0) stream.endPending = true;
    if (stream.pending.length < this.#streamBytes) return true;
    stream.waiting = true;
    return false;
  }

  /** Begins data that the caller appends to the buffer given, and ends with `endData` or `dropData` before anything else. */
  beginData(stream: Http2Stream): WriteBuffer {
    this.#checkOpen(stream);
    const w = this.#out.output;
    this.#openFollows = this.#follows(w, stream);
    if (!this.#openFollows) writeFrameHeader(w, 0, FrameType.DATA, 0, stream.id);
    this.#openAt = w.pos;
    return w;
  }

  /** Ends what `beginData` began; otherwise as `data`. */
  endData(stream: Http2Stream, ended: boolean): boolean {
    const w = this.#out.output;
    const at = this.#openAt;
    const count = w.pos - at;
    const start = this.#openFollows ? this.#lastStart : at - FRAME_HEADER_BYTES;
    const fits = w.pos - start - FRAME_HEADER_BYTES <= this.maxFrameBytes && count <= this.window &&
      count <= stream.sendWindow && this.#head === this.#queue.length && stream.pending.length === 0 &&
      this.#out.pendingBytes <= this.#outputBytes;
    if (!fits || count === 0) {
      const copy = w.bytes.slice(at, w.pos);
      this.dropData();
      return this.data(stream, copy, 0, count, ended);
    }
    endFrame(w, start);
    if (ended) w.bytes[start + 4]! |= Flag.END_STREAM;
    this.#wrote(stream, w, start, count, ended);
    return true;
  }

  /** Takes back what `beginData` began. */
  dropData(): void {
    this.#out.output.pos = this.#openFollows ? this.#openAt : this.#openAt - FRAME_HEADER_BYTES;
  }

  /** The peer allows `increment` more on the connection. Throws if that is too much. */
  widen(increment: number): void {
    if (this.window + increment > MAX_WINDOW) {
      throw new Http2Error(ErrorCode.FLOW_CONTROL_ERROR, "window of the connection exceeds 2^31-1");
    }
    this.window += increment;
  }

  /** The peer allows `change` more, or less, on a stream. False if that is too much. */
  widenStream(stream: Http2Stream, change: number): boolean {
    if (stream.sendWindow + change > MAX_WINDOW) return false;
    stream.sendWindow += change;
    if (stream.pending.length > 0) this.#enqueue(stream);
    return true;
  }

  /** Sends what can be sent of what waits. */
  pump(): void {
    while (this.#head < this.#queue.length && this.window > 0 && this.#out.pendingBytes <= this.#outputBytes) {
      const stream = this.#queue[this.#head++]!;
      stream.queued = false;
      if (stream.closed) this.#dead--;
      else this.#sendPending(stream);
      if (this.#head === this.#queue.length) this.#queue.length = this.#head = 0;
    }
    if (this.#head > 256 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** A stream is over: nothing of it is sent any more. */
  forget(stream: Http2Stream): void {
    stream.pending.clear();
    stream.endPending = stream.waiting = false;
    stream.trailers = stream.moreTrailers = undefined;
    this.#unstall(stream);
    if (stream.queued) this.#passOver();
  }

  /** A stream in the queue is over. While the connection's window is shut the queue stands still, and must not grow. */
  #passOver(): void {
    if (++this.#dead < 64 || this.#dead * 2 < this.#queue.length - this.#head) return;
    this.#queue = this.#queue.slice(this.#head).filter((stream) => !stream.closed);
    this.#head = this.#dead = 0;
  }

  #writeHeaders(stream: Http2Stream, list: HeaderList, ended: boolean, extra: HeaderList | undefined): void {
    const w = this.buffer();
    const start = beginFrame(w, FrameType.HEADERS, ended ? Flag.END_STREAM : 0, stream.id);
    this.encoder.encode(w, list, extra);
    endHeaders(w, start, this.maxFrameBytes);
    this.work += FRAME_WORTH;
    this.written++;
    this.#out.commit();
    if (ended) this.#end(stream);
  }

  #checkOpen(stream: Http2Stream): void {
    if (stream.localEnded || stream.endPending) throw new RpcError("invalid", `stream ${stream.id} was ended already`);
  }

  /** Sends as much as the windows and the output allow; gives how far it came. */
  #sendNow(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): number {
    let at = start;
    do {
      const count = Math.min(end - at, stream.sendWindow, this.window, this.maxFrameBytes);
      if (at < end && (count <= 0 || this.#out.pendingBytes > this.#outputBytes)) break;
      this.#writeData(stream, bytes, at, at + Math.max(count, 0), ended && at + count >= end);
      at += Math.max(count, 0);
    } while (at < end);
    return at;
  }

  #sendPending(stream: Http2Stream): void {
    const pending = stream.pending;
    const count = Math.min(pending.length, stream.sendWindow, this.window, this.maxFrameBytes);
    if (count <= 0) return this.#stall(stream);
    const last = count === pending.length && stream.endPending;
    const { bytes, start } = pending;
    const trailers = stream.trailers;
    pending.drop(count);
    this.#writeData(stream, bytes, start, start + count, last && trailers === undefined);
    if (last && trailers !== undefined) this.#writeHeaders(stream, trailers, true, stream.moreTrailers);
    if (stream.closed) return;
    this.#noteProgress(stream, count);
    if (pending.length > 0) this.#enqueue(stream);
    if (stream.waiting && pending.length * 2 <= this.#streamBytes) {
      stream.waiting = false;
      this.#events.writable(stream);
    }
  }

  /** In the queue are streams that have data and window. */
  #enqueue(stream: Http2Stream): void {
    if (stream.queued) return;
    if (stream.sendWindow <= 0) return this.#stall(stream);
    if (this.window <= 0) this.#stall(stream);
    stream.queued = true;
    this.#queue.push(stream);
  }

  #writeData(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    const w = this.#out.output;
    const count = end - start;
    const flags = ended ? Flag.END_STREAM : 0;
    let at = this.#lastStart;
    if (this.#follows(w, stream) && w.pos - at - FRAME_HEADER_BYTES + count <= this.maxFrameBytes) {
      extendFrame(w, at, count, flags);
    } else {
      at = w.pos;
      writeFrameHeader(w, count, FrameType.DATA, flags, stream.id);
    }
    writeBytes(w, bytes, start, end);
    this.#wrote(stream, w, at, count, ended);
  }

  #wrote(stream: Http2Stream, w: WriteBuffer, start: number, count: number, ended: boolean): void {
    this.#lastBuffer = w;
    this.#lastStart = start;
    this.#lastEnd = w.pos;
    this.#lastId = stream.id;
    stream.sendWindow -= count;
    this.window -= count;
    this.work += FRAME_WORTH + (count >> 10);
    this.written++;
    this.#out.commit();
    if (ended) this.#end(stream);
  }

  /** Is a DATA frame of the stream the last thing in the output? A buffer that was sent begins again at 0. */
  #follows(w: WriteBuffer, stream: Http2Stream): boolean {
    return this.#lastBuffer === w && this.#lastEnd === w.pos && this.#lastId === stream.id;
  }

  #end(stream: Http2Stream): void {
    stream.localEnded = true;
    stream.endPending = stream.waiting = false;
    this.#unstall(stream);
    this.#events.ended(stream);
  }

  #stall(stream: Http2Stream): void {
    if (stream.stalledMs >= 0) return;
    stream.stalledMs = this.#events.now();
    stream.progress = 0;
    this.stalled++;
  }

  #noteProgress(stream: Http2Stream, count: number): void {
    if (stream.stalledMs < 0) return;
    stream.progress += count;
    if (stream.progress >= PROGRESS_BYTES || stream.pending.length === 0) this.#unstall(stream);
  }

  #unstall(stream: Http2Stream): void {
    if (stream.stalledMs < 0) return;
    stream.stalledMs = -1;
    this.stalled--;
  }
}
