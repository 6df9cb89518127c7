/**
 * One stream: its state, its windows, what waits to be sent.
 *
 * ```
 *                          +--------+
 *        send HEADERS      |        |      recv HEADERS
 *       ,------------------|  idle  |------------------.
 *       |                  |        |                  |
 *       |                  +--------+                  |
 *       |                                              |
 *       |                  +--------+                  |
 *       `----------------->|        |<-----------------'
 *          recv END_STREAM |  open  | send END_STREAM
 *              ,-----------|        |-----------.
 *              v           +---+----+           v
 *       +-------------+        |         +-------------+
 *       | half-closed |   RST_STREAM     | half-closed |
 *       |  (remote)   |    either way    |   (local)   |
 *       +------+------+        |         +------+------+
 *              |               v                |
 *              |  send     +--------+   recv    |
 *              `---------->| closed |<----------'
 *         END_STREAM or    +--------+   END_STREAM or
 *         RST_STREAM                    RST_STREAM
 * ```
 *
 * An object exists from HEADERS on, so "idle" is an id above all that were seen. The RFC's two "reserved" states need
 * PUSH_PROMISE, which a client here forbids and a server here never sends. `remoteEnded` and `localEnded` together are the
 * state; a closed stream leaves the connection's table, which remembers for a while how it went.
 *
 * Spec: RFC 9113 §5.1.
 *
 * @module
 */
import { ByteQueue } from "../../lib/io/byte_queue.ts";
import type { HeaderList } from "./header_list.ts";
import { ReceiveWindow } from "./receive_window.ts";

/** The states of RFC 9113 §5.1 that an object can be in. */
export type StreamState = "open" | "half-closed (local)" | "half-closed (remote)" | "closed";

/** A stream of a connection. Its user reads it and owns `value` and `busy`; the rest belongs to the connection. */
export class Http2Stream {
  /** Odd: begun by the client. */
  readonly id: number;
  /** Whatever the user of the connection keeps with the stream. */
  value: unknown = undefined;
  /**
   * Set by a server's user while work for the stream goes on: then the stream keeps its place among the concurrent ones,
   * even when it is closed, until `Http2Connection.release`.
   */
  busy = false;
  /** True if the peer said that it did nothing for the stream: the request can safely be made again. */
  unprocessed = false;

  /** END_STREAM was sent, or RST_STREAM. */
  localEnded = false;
  /** END_STREAM was received. */
  remoteEnded = false;
  /** No frame is sent or expected any more. */
  closed = false;

  /** What may be sent. Below zero after the peer lowered its initial window. */
  sendWindow: number;
  /** Waits for window, its turn, or room in the output. */
  readonly pending: ByteQueue = new ByteQueue();
  /** END_STREAM goes with the last of `pending`. */
  endPending = false;
  /** Go after `pending`, with END_STREAM. */
  trailers: HeaderList | undefined = undefined;
  /** More fields of the trailers. */
  moreTrailers: HeaderList | undefined = undefined;
  /** Its user was told to wait, and will be told to go on. */
  waiting = false;
  /** Is it in the queue of those that can send? */
  queued = false;
  /** Clock time since when hardly anything of `pending` could be sent; -1 if that is not so. */
  stalledMs: number = -1;
  /** How much was sent since then. */
  progress = 0;

  /** What may be received. */
  readonly window: ReceiveWindow;
  /** A client's stream: the final response headers are here. */
  answered = false;
  /** A client's stream: the request was HEAD, whose answer has no content whatever content-length says. */
  head = false;
  /** Octets of content to come by content-length; -1 if not known. */
  expected: number = -1;
  /** Octets of content received. */
  received = 0;
  /** Octets of frames received that count against the connection's window. */
  unconsumed = 0;

  /** A stream in the state "open". */
  constructor(id: number, sendWindow: number, receiveWindow: number) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.window = new ReceiveWindow(receiveWindow);
  }

  /** The state. */
  get state(): StreamState {
    if (this.closed) return "closed";
    if (this.localEnded) return this.remoteEnded ? "closed" : "half-closed (local)";
    return this.remoteEnded ? "half-closed (remote)" : "open";
  }

  /** Does the content received so far go against content-length? `ended`: there is no more of it. */
  breaksLength(ended: boolean): boolean {
    return this.expected >= 0 && (this.received > this.expected || (ended && this.received !== this.expected));
  }
}
