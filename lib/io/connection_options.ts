/**
 * The settings of connections.
 *
 * @module
 */
import type { BufferPool } from "./buffer_pool.ts";
import type { TimerWheel } from "./timer_wheel.ts";

/** Settings of a connection. A server or client gives all of its connections the same object. */
export interface ConnectionOptions {
  /** Timers, shared by many connections. Default: a wheel of its own on the system's clock, made when needed. */
  readonly wheel?: TimerWheel;
  /** Memory, shared by many connections. Default: a pool of its own. */
  readonly pool?: BufferPool;
  /**
   * Pull mode: longest wait of one read. Push mode: how long a message that has begun may stay without progress; then
   * the connection is aborted. 0 or absent: for ever. Like the next two it may come late by an eighth, never early.
   */
  readonly readTimeoutMs?: number;
  /** How long output may stay without progress before the connection is aborted. 0 or absent: for ever (`close`: 5 s). */
  readonly writeTimeoutMs?: number;
  /** Closes the connection when no byte came or went for so long. 0 or absent: never. */
  readonly idleTimeoutMs?: number;
  /** Input is paused when so much is buffered and not wanted. Default 1 MiB. */
  readonly readHighWaterBytes?: number;
  /** Input resumes below this. Default 256 KiB. */
  readonly readLowWaterBytes?: number;
  /** Above this much pending output, input is paused (see `readWhileFull`) and `flush` gives a promise. Default 1 MiB. */
  readonly writeHighWaterBytes?: number;
  /** At or below this much pending output, input resumes and `flush` resolves. Default 256 KiB. */
  readonly writeLowWaterBytes?: number;
  /**
   * True goes on reading while output is above its high mark. For clients: a peer that takes no requests may be waiting
   * for them to read answers. Default `false`: a peer that reads no answers is not heard.
   */
  readonly readWhileFull?: boolean;
  /** Told of exceptions that have no other way out: those of `close` handlers and `onClose` functions. Default: dropped. */
  readonly onError?: (error: unknown) => void;
}
