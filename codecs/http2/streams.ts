/**
 * The streams of one connection, both ways: what frames do to them, and what their user does with them.
 *
 * Rules of a stream are kept here, those of the connection as a whole in `connection.ts`. Windows for what is received
 * belong to both: what no user will consume is given back here at once.
 *
 * Above 300 lines because frames, sending and closing all change the same few fields of a stream and its place in the table.
 *
 * Spec: RFC 9113 §5, §6.1, §6.2, §6.4, §6.9, §8.1.
 *
 * @module
 */
import { Budget } from "./budget.ts";
import { ErrorCode, Http2Error } from "./errors.ts";
import { Flag, type Frame, MAX_WINDOW } from "./frame.ts";
import { writeRstStream, writeWindowUpdate } from "./frame_writer.ts";
import type { Http2Handler } from "./handler.ts";
import { HeaderList } from "./header_list.ts";
import { HpackDecoder } from "./hpack/decoder.ts";
import { contentLength, requestFault, responseFault, statusOf, trailersFault } from "./message.ts";
import type { Http2Options } from "./options.ts";
import { ReceiveWindow } from "./receive_window.ts";
import { type Http2Output, Sender } from "./sender.ts";
import { DEFAULT_WINDOW, type Settings } from "./settings.ts";
import { Http2Stream } from "./stream.ts";
import { Gone, StreamTable } from "./stream_table.ts";

/** What streams need of their connection. */
export interface StreamsOwner {
  /** Pays for a frame that moves nothing. Throws when nothing is left to pay with. */
  spendIdle(): void;
  /** So many octets of content came. */
  arrived(count: number): void;
  /** A stream was closed, or released after that. */
  closed(): void;
}

/** The streams of one connection. */
export class Streams {
  /** Open ones, and what is known of others. */
  readonly table: StreamTable = new StreamTable();
  /** The half that sends. */
  readonly sender: Sender;
  /** Decodes every header block that comes. */
  readonly decoder: HpackDecoder;
  /** What the peer may send on all streams together. */
  readonly window: ReceiveWindow = new ReceiveWindow(DEFAULT_WINDOW);
  /** What it may send on a new one: what it has acknowledged. */
  windowBytes: number = DEFAULT_WINDOW;
  /** Streams begun by the peer after this one are passed over. */
  lastAccepted: number = MAX_WINDOW;
  /** Closed streams whose handlers still run. */
  held = 0;
  /** How many useful frames came. */
  work = 0;
  /** How many streams were over before the server had ended its side of them. */
  failed = 0;
  /** The connection is over: nothing is written any more. */
  over = false;
  readonly #server: boolean;
  readonly #out: Http2Output;
  readonly #handler: Http2Handler;
  readonly #owner: StreamsOwner;
  readonly #options: Required<Http2Options>;
  readonly #peer: Settings;
  readonly #resets: Budget;

  /** No streams, on a connection whose peer has the settings `peer`. */
  constructor(
    server: boolean,
    out: Http2Output,
    handler: Http2Handler,
    owner: StreamsOwner,
    now: () => number,
    options: Required<Http2Options>,
    peer: Settings,
  ) {
    this.#server = server;
    this.#out = out;
    this.#handler = handler;
    this.#owner = owner;
    this.#options = options;
    this.#peer = peer;
    const events = {
      writable: (stream: Http2Stream) => handler.writable?.(stream),
      ended: (stream: Http2Stream) => this.#closeIfEnded(stream),
      now,
    };
    this.sender = new Sender(out, events, options.streamBufferBytes, options.outputHighWaterBytes);
    this.decoder = new HpackDecoder({ maxListBytes: options.maxHeaderListBytes, spaceAllowed: options.spaceAllowed });
    this.#resets = new Budget(options.resetBurst, options.resetsPerSecond, now);
  }

  // What their user does.

  /** Client: begins a stream. */
  open(headers: HeaderList, ended: boolean, extra?: HeaderList): Http2Stream {
    const id = this.table.last === 0 ? 1 : this.table.last + 2;
    const stream = new Http2Stream(id, this.#peer.initialWindowSize, this.windowBytes);
    stream.head = headers.get(":method") === "HEAD";
    this.table.use(id);
    this.table.add(stream);
    this.sender.headers(stream, headers, ended, extra);
    return stream;
  }

  /** Sends RST_STREAM. */
  reset(stream: Http2Stream, code: number): void {
    if (stream.closed) return;
    writeRstStream(this.sender.buffer(), stream.id, code);
    this.#out.commit();
    this.close(stream, Gone.RESET_BY_US);
  }

  /** `count` octets were consumed. */
  consumed(stream: Http2Stream, count: number): void {
    const known = Math.min(count, stream.unconsumed);
    stream.unconsumed -= known;
    this.#giveBack(known);
    if (!stream.closed && !stream.remoteEnded) this.#update(stream.id, stream.window.give(known));
  }

  /** The work that made a stream busy is done. */
  release(stream: Http2Stream): void {
    if (!stream.busy) return;
    stream.busy = false;
    if (!stream.closed) return;
    this.held--;
    this.#owner.closed();
  }

  // What frames do.

  /** A whole header block came. */
  onBlock(
    id: number,
    ended: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    fault: number,
  ): void {
    const stream = this.table.get(id);
    if (stream === undefined && !this.#server && this.table.isIdle(id)) throw protocolError(`HEADERS on idle ${id}`);
    // Whatever becomes of the stream, the block changes the table.
    const list = this.decoder.decode(bytes, start, end);
    this.work++;
    if (stream === undefined) return this.#onFirstBlock(id, list, ended, fault);
    if (fault !== 0) return this.breakStream(stream, fault);
    if (stream.remoteEnded) return this.breakStream(stream, ErrorCode.STREAM_CLOSED);
    if (list.tooLarge) return this.breakStream(stream, ErrorCode.ENHANCE_YOUR_CALM);
    if (this.#server || stream.answered) return this.#onTrailers(stream, list, ended);
    this.#onResponse(stream, list, ended);
  }

  #onFirstBlock(id: number, list: HeaderList, ended: boolean, fault: number): void {
    const { table } = this;
    if (!table.isIdle(id)) {
      this.#onGone(id, "HEADERS");
      return this.#owner.spendIdle();
    }
    if ((id & 1) === 0) throw protocolError(`a client began stream ${id}`);
    table.use(id);
    if (id > this.lastAccepted) return;
    if (fault !== 0) return this.#refuse(id, fault);
    if (table.size + this.held >= this.#options.maxConcurrentStreams) {
      return this.#refuse(id, ErrorCode.REFUSED_STREAM);
    }
    const expected = contentLength(list);
    if (!list.tooLarge && (requestFault(list) !== undefined || (ended && expected > 0))) {
      return this.#refuse(id, ErrorCode.PROTOCOL_ERROR);
    }
    const stream = new Http2Stream(id, this.#peer.initialWindowSize, this.windowBytes);
    table.add(stream);
    stream.expected = expected;
    stream.remoteEnded = ended;
    if (list.tooLarge) return this.#onOversized(stream, list, ended);
    this.#handler.headers(stream, list, ended);
    this.#closeIfEnded(stream);
  }

  #onOversized(stream: Http2Stream, list: HeaderList, ended: boolean): void {
    if (this.#handler.oversized !== undefined) {
      this.#handler.oversized(stream, list, ended);
      return this.#closeIfEnded(stream);
    }
    this.sender.headers(stream, new HeaderList().add(":status", "431"), true);
    this.reset(stream, ErrorCode.NO_ERROR);
  }

  #onResponse(stream: Http2Stream, list: HeaderList, ended: boolean): void {
    if (responseFault(list) !== undefined) return this.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
    const status = statusOf(list);
    if (status < 200) {
      if (ended) return this.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
      this.#owner.spendIdle();
      return this.#handler.informational?.(stream, list);
    }
    stream.answered = true;
    stream.expected = stream.head || status === 304 ? -1 : contentLength(list);
    if (ended && stream.breaksLength(true)) return this.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
    stream.remoteEnded = ended;
    this.#handler.headers(stream, list, ended);
    this.#closeIfEnded(stream);
  }

  #onTrailers(stream: Http2Stream, list: HeaderList, ended: boolean): void {
    if (!ended || trailersFault(list) !== undefined || stream.breaksLength(true)) {
      return this.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
    }
    stream.remoteEnded = true;
    this.#handler.trailers(stream, list);
    this.#closeIfEnded(stream);
  }

  /** DATA came. */
  onData(bytes: Uint8Array, frame: Frame): void {
    const { streamId, length, start, end } = frame;
    if (!this.window.take(length)) {
      throw new Http2Error(ErrorCode.FLOW_CONTROL_ERROR, "more data than the connection's window allows");
    }
    const stream = this.table.get(streamId);
    const broken = stream === undefined ? this.#onStrayData(streamId, length) : this.#dataFault(stream, length);
    if (stream === undefined || broken !== undefined) {
      // Nobody will consume it.
      this.#giveBack(length);
      if (stream !== undefined) this.breakStream(stream, broken!);
      return;
    }
    const ended = frame.has(Flag.END_STREAM);
    const count = end - start;
    if (count > 0) this.work++;
    else if (!ended) this.#owner.spendIdle();
    stream.received += count;
    stream.unconsumed += length;
    if (stream.breaksLength(ended)) return this.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
    stream.remoteEnded = ended;
    if (length > count) this.consumed(stream, length - count);
    this.#owner.arrived(count);
    this.#handler.data(stream, bytes, start, end, ended);
    this.#closeIfEnded(stream);
  }

  #onStrayData(id: number, length: number): undefined {
    if (this.table.isIdle(id)) throw protocolError(`DATA on idle stream ${id}`);
    this.#onGone(id, "DATA");
    // A window full of small frames may be under way when a stream is reset: content pays for itself.
    if (length === 0) this.#owner.spendIdle();
    return undefined;
  }

  #dataFault(stream: Http2Stream, length: number): number | undefined {
    if (stream.remoteEnded) return ErrorCode.STREAM_CLOSED;
    if (!stream.window.take(length)) return ErrorCode.FLOW_CONTROL_ERROR;
    return this.#server || stream.answered ? undefined : ErrorCode.PROTOCOL_ERROR;
  }

  /** A frame came for a stream that is no more. */
  #onGone(id: number, what: string): void {
    const how = this.table.gone(id);
    if (how === Gone.SKIPPED) throw protocolError(`${what} on stream ${id} after ${this.table.last}`);
    if (how !== Gone.RESET_BY_US) throw new Http2Error(ErrorCode.STREAM_CLOSED, `${what} on closed stream ${id}`);
  }

  /** RST_STREAM came. */
  onReset(frame: Frame): void {
    const stream = this.table.get(frame.streamId);
    if (stream === undefined) {
      if (this.table.isIdle(frame.streamId)) throw protocolError(`RST_STREAM on idle stream ${frame.streamId}`);
      return this.#owner.spendIdle();
    }
    // One that had its whole answer cost nothing that it should not.
    if (!stream.localEnded) this.#spendReset();
    stream.unprocessed = !this.#server && frame.code === ErrorCode.REFUSED_STREAM;
    this.close(stream, Gone.RESET_BY_PEER);
    this.#handler.reset(stream, frame.code, true);
  }

  /** WINDOW_UPDATE came, for a stream or the connection. */
  onWindowUpdate(frame: Frame): void {
    const { streamId } = frame;
    if (streamId === 0) return this.sender.widen(frame.increment);
    const stream = this.table.get(streamId);
    if (stream === undefined) {
      if (this.table.isIdle(streamId)) throw protocolError(`WINDOW_UPDATE on idle stream ${streamId}`);
    } else if (frame.fault !== 0) {
      this.breakStream(stream, frame.fault);
    } else if (!this.sender.widenStream(stream, frame.increment)) {
      this.breakStream(stream, ErrorCode.FLOW_CONTROL_ERROR);
    }
  }

  /** A frame that breaks a rule of its stream came. Where there is no stream to end, the connection ends. */
  onFaulty(id: number, code: number): void {
    const stream = this.table.get(id);
    if (stream === undefined) throw new Http2Error(code, "faulty frame without an open stream");
    this.breakStream(stream, code);
  }

  /** Ends those whose data waits for window since `beforeMs`. */
  endStalled(beforeMs: number): void {
    for (const stream of this.table.all()) {
      if (stream.stalledMs < 0 || stream.stalledMs > beforeMs) continue;
      // Its own window is open: what it waits for is the connection's.
      if (stream.sendWindow > 0) {
        throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, "data waited too long for the connection's window");
      }
      this.breakStream(stream, ErrorCode.ENHANCE_YOUR_CALM);
    }
  }

  /** The peer's initial window has changed. */
  moveSendWindows(change: number): void {
    for (const stream of this.table.all()) {
      if (!this.sender.widenStream(stream, change)) {
        throw new Http2Error(ErrorCode.FLOW_CONTROL_ERROR, `window of stream ${stream.id} exceeds 2^31-1`);
      }
    }
  }

  /** The peer has acknowledged a new initial window. */
  moveReceiveWindows(windowBytes: number): void {
    this.windowBytes = windowBytes;
    for (const stream of this.table.all()) {
      stream.window.move(windowBytes);
      // What was consumed may be half of the window only now.
      if (!stream.remoteEnded) this.#update(stream.id, stream.window.give(0));
    }
  }

  // How they end.

  /** Does not begin the stream that the peer wanted. */
  #refuse(id: number, code: number): void {
    this.#spendReset();
    writeRstStream(this.sender.buffer(), id, code);
    this.#out.commit();
  }

  /** Ends a stream because the peer broke a rule. */
  breakStream(stream: Http2Stream, code: number): void {
    if (stream.closed) return;
    this.#spendReset();
    this.reset(stream, code);
    this.#handler.reset(stream, code, false);
  }

  #closeIfEnded(stream: Http2Stream): void {
    if (stream.localEnded && stream.remoteEnded && !stream.closed) this.close(stream, Gone.ENDED);
  }

  /** A stream is over; `how` is one of `Gone`. */
  close(stream: Http2Stream, how: number): void {
    if (how !== Gone.ENDED && !(this.#server ? stream.localEnded : stream.remoteEnded)) this.failed++;
    stream.closed = stream.localEnded = true;
    this.table.remove(stream, how);
    this.sender.forget(stream);
    if (stream.busy) this.held++;
    if (how !== Gone.ENDED) {
      // Its user is not asked to consume what is left.
      this.#giveBack(stream.unconsumed);
      stream.unconsumed = 0;
    }
    this.#owner.closed();
  }

  /** Ends all of them, the connection being over. */
  endAll(code: number): void {
    for (const stream of this.table.all()) {
      if (stream.closed) continue;
      this.close(stream, Gone.RESET_BY_US);
      this.#handler.reset(stream, code, false);
    }
  }

  #giveBack(count: number): void {
    if (count > 0) this.#update(0, this.window.give(count));
  }

  #update(id: number, increment: number): void {
    if (increment === 0 || this.over) return;
    writeWindowUpdate(this.sender.buffer(), id, increment);
    this.#out.commit();
  }

  #spendReset(): void {
    if (this.#server && !this.#resets.spend()) {
      throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, "too many streams ended early");
    }
  }
}

function protocolError(message: string): Http2Error {
  return new Http2Error(ErrorCode.PROTOCOL_ERROR, message);
}
