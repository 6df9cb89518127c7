/**
 * Bounds what the streams of a connection hold unread. The protocol has no flow control, so the connection is not read
 * while they hold too much. That makes a slow reader the measure for all streams of its connection; one that reads nothing
 * at all is given up, so that the others can go on.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { Clock } from "../../../lib/io/clock.ts";
import type { Connection } from "../../../lib/io/connection.ts";
import type { MessageQueue } from "../../../lib/rpc/stream/message_queue.ts";

/** How much may be held, and for how long. */
export interface BudgetLimits {
  /**
   * Bytes of messages that all streams of a connection may hold unread, each message counted with 128 more. Above it the
   * connection is not read, so what is held is at most this and one more message. Default 1 MiB.
   */
  readonly maxUnreadBytes: number;
  /**
   * Milliseconds that a connection is not read before the stream that holds the most of those that nothing was read of in
   * that time is given up. 0: at once. Default 3,000, less than what servers wait for a peer that reads nothing.
   */
  readonly stallMs: number;
}

/** What a message costs beside its bytes: the objects it becomes. */
export const MESSAGE_OVERHEAD = 128;

/** A stream that holds messages. */
export interface Holder {
  /** What it holds; `undefined` if it can hold nothing. */
  readonly queue: MessageQueue | undefined;
  /** The hold of the connection in which something of it was read last. */
  readInHold: number;
  /** Ends it with an error, and lets go of what it holds. */
  giveUp(error: RpcError): void;
}

/** The budget of one connection. */
export class ReceiveBudget {
  readonly #conn: Connection;
  readonly #limits: BudgetLimits;
  readonly #holders: ReadonlyMap<unknown, Holder>;
  #bytes = 0;
  #held = false;
  /** Which hold this is, counted from 1. */
  #hold = 0;
  #disarm: (() => void) | undefined = undefined;

  /** `holders` has the streams of the connection at any time. */
  constructor(conn: Connection, limits: BudgetLimits, holders: ReadonlyMap<unknown, Holder>) {
    this.#conn = conn;
    this.#limits = limits;
    this.#holders = holders;
  }

  /** True while the connection is not read. */
  get held(): boolean {
    return this.#held;
  }

  /** A message came that so many bytes are counted for. */
  add(bytes: number, clock: Clock): void {
    this.#bytes += bytes;
    if (this.#held || this.#bytes <= this.#limits.maxUnreadBytes) return;
    this.#held = true;
    this.#hold++;
    this.#conn.hold();
    if (this.#limits.stallMs === 0) this.#giveUp();
    else this.#arm(clock);
  }

  /** Messages of a stream that so many bytes were counted for were read or dropped. */
  remove(bytes: number, holder: Holder): void {
    holder.readInHold = this.#hold;
    this.#bytes -= bytes;
    if (!this.#held || this.#bytes > this.#limits.maxUnreadBytes) return;
    this.#held = false;
    this.close();
    this.#conn.release();
  }

  /** The connection is gone. */
  close(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #arm(clock: Clock): void {
    this.#disarm = clock.after(this.#limits.stallMs, () => {
      this.#disarm = undefined;
      this.#giveUp();
      if (this.#held && this.#disarm === undefined) this.#arm(clock);
    });
  }

  #giveUp(): void {
    let most: Holder | undefined;
    for (const holder of this.#holders.values()) {
      const { queue, readInHold } = holder;
      if (queue === undefined || queue.bytes === 0 || readInHold === this.#hold) continue;
      if (most?.queue === undefined || queue.bytes > most.queue.bytes) most = holder;
    }
    const { maxUnreadBytes, stallMs } = this.#limits;
    const text = `the streams of the connection held more than ${maxUnreadBytes} bytes unread for ${stallMs} ms`;
    most?.giveUp(new RpcError("overload", `${text}, and this one held the most and was not read`));
  }
}
