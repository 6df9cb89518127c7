/**
 * A connection as channelz knows it: messages and times are told to it, the rest it reads from the connection.
 *
 * @module
 */
import { describeEndpoint } from "../../../lib/io/endpoint.ts";
import type { CallCounts } from "./call_counts.ts";
import type { ChannelzSocket, SocketRecorder } from "./recorder.ts";

/** One connection. */
export class SocketEntry implements SocketRecorder {
  /** Its id. */
  readonly id: number;
  /** Both ends of it. */
  readonly name: string;
  /** The connection. */
  readonly socket: ChannelzSocket;
  /** Whose calls those on it are: the server's, or the subchannel's once it is known. */
  calls: CallCounts | undefined;
  /** Messages sent. */
  sent = 0;
  /** Messages that came. */
  received = 0;
  /** When the last stream was begun, in milliseconds of the epoch, as all times here. */
  streamMs: number | undefined = undefined;
  /** When the last message was sent. */
  sentMs: number | undefined = undefined;
  /** When the last message came. */
  receivedMs: number | undefined = undefined;
  readonly #now: () => number;
  readonly #closers: (() => void)[] = [];

  /** `now` gives milliseconds of the epoch. */
  constructor(id: number, socket: ChannelzSocket, calls: CallCounts | undefined, now: () => number) {
    const { local, remote } = socket.conn;
    this.id = id;
    this.name = `${describeEndpoint(local)} -> ${describeEndpoint(remote)}`;
    this.socket = socket;
    this.calls = calls;
    this.#now = now;
  }

  /** Calls `fn` when the connection is gone. */
  onClosed(fn: () => void): void {
    this.#closers.push(fn);
  }

  streamBegun(): void {
    this.streamMs = this.#now();
  }

  callBegun(): void {
    this.calls?.begin(this.#now());
  }

  callEnded(ok: boolean): void {
    this.calls?.end(ok);
  }

  messageSent(): void {
    this.sent++;
    this.sentMs = this.#now();
  }

  messageReceived(): void {
    this.received++;
    this.receivedMs = this.#now();
  }

  closed(): void {
    for (const fn of this.#closers.splice(0)) fn();
  }
}
