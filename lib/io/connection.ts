/**
 * One connection: parsing in place and batched replies for protocols, backpressure, timeouts and the order of its end, over
 * any `RawConn`. `BufferedConnection` adds Netpoll's Reader and Writer.
 *
 * All input of one chunk is handled in one turn, and what was written in a turn leaves in one write at its end.
 *
 * Above 500 lines because what is left here is one state machine whose parts read and write the same few flags; the
 * buffers and the timeouts it drives have files of their own.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { BufferPool } from "./buffer_pool.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { ConnectionHandler, InputHandler } from "./connection_handler.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { Intake } from "./intake.ts";
import type { LinkNode } from "./link_node.ts";
import { Outbox } from "./outbox.ts";
import type { Endpoint, RawConn, TlsState } from "./raw.ts";
import { rejected, Settler } from "./settler.ts";
import { Watchdog } from "./watchdog.ts";
import type { WriteBuffer } from "./write_buffer.ts";

export type { ConnectionHandler } from "./connection_handler.ts";
export type { ConnectionOptions } from "./connection_options.ts";

const MIB = 1024 * 1024;
const CLOSE_TIMEOUT_MS = 5000;

type State = "open" | "closing" | "closed";

/** A connection over a transport's `RawConn`, whose only user it is. */
export class Connection {
  /** What its times are measured by. */
  readonly clock: Clock;
  readonly #raw: RawConn;
  readonly #options: ConnectionOptions;
  readonly #pool: BufferPool;
  readonly #out: Outbox;
  readonly #in: Intake;
  readonly #watchdog: Watchdog;
  /** The handler, if it keeps input by itself. */
  #keeper: InputHandler | undefined;

  #state: State = "open";
  #started = false;
  /** The peer's FIN came, and the handler knows. */
  #ended = false;
  #endTold = false;
  /** Output is above the high mark, or was and is not down to the low one. */
  #full = false;
  #paused = false;
  /** A callback of the user runs: writes wait for its end, and so does the close. */
  #inTurn = false;
  #scheduled = false;
  #flushTurn: (() => void) | undefined;
  #writeEnded = false;
  #finSent = false;
  #rawClosed = false;

  #closeByMs = Infinity;

  #reason: unknown;
  #byPeer = false;
  #finished = false;
  #closers: ((reason?: unknown) => void)[] | undefined;
  #closing: Settler | undefined;
  #flushing: Settler | undefined;

  /** Wraps `raw`, which must not have been started. */
  constructor(raw: RawConn, options: ConnectionOptions = {}) {
    this.#raw = raw;
    this.#options = options;
    this.clock = options.wheel?.clock ?? systemClock;
    this.#pool = options.pool ?? new BufferPool();
    this.#out = new Outbox(raw, this.#pool);
    this.#in = new Intake(this.#pool);
    this.#watchdog = new Watchdog(this.clock, options, this.#out, this.#in, {
      expire: (nowMs) => this.#expire(nowMs),
      timedOut: (what) => this.#timedOut(what),
    });
  }

  /** This side's address. */
  get local(): Endpoint {
    return this.#raw.local;
  }

  /** The peer's address. */
  get remote(): Endpoint {
    return this.#raw.remote;
  }

  /** What TLS agreed on; `undefined` on a plain connection. */
  get tls(): TlsState | undefined {
    return this.#raw.tls;
  }

  /** False once the peer hung up or this side closed. */
  get isActive(): boolean {
    return this.#state === "open" && !this.#ended;
  }

  /** True once this side has begun to close, or the connection is gone. */
  get closed(): boolean {
    return this.#state !== "open";
  }

  /**
   * Clock time of the last byte in or out, or, if nobody asked since, the time now: so ask when a use ends. During `data`
   * it is one reading of the clock for the turn.
   */
  get idleSinceMs(): number {
    return this.#watchdog.activeMs;
  }

  /**
   * How many bytes from the first unconsumed one on must be there before `data` is called again. It is 1
   * whenever `data` is called; set it there when it is known how long the message is.
   */
  get need(): number {
    return this.#in.need;
  }

  set need(bytes: number) {
    this.#in.need = bytes;
  }

  /** Where messages are encoded: append whole ones, then `commit`. Read it again in each turn. */
  get output(): WriteBuffer {
    return this.#out.scratch;
  }

  /** How many bytes of output the transport has not taken yet. */
  get pendingBytes(): number {
    return this.#out.pendingBytes;
  }

  /** Begins, once. May call the handler before it returns. */
  start(handler: ConnectionHandler): void {
    this.#handleBy(handler);
    if (this.#finished) return this.#guard(() => handler.close(this.#reason, this.#byPeer));
    this.#startRaw();
  }

  /**
   * Replaces the handler; `input`, if given, and what is not consumed are offered to the new one, and so is an end that
   * already came.
   */
  setHandler(handler: ConnectionHandler, input?: Uint8Array): void {
    this.#handleBy(handler);
    if (this.#finished) return this.#guard(() => handler.close(this.#reason, this.#byPeer));
    if (!this.#started || this.#state !== "open") return;
    this.#in.need = 1;
    this.#endTold = false;
    if (input !== undefined) this.#in.keep(input);
    this.#offerAgain();
  }

  /** No `data` from here until `release`. Input up to the high-water mark is kept, then the peer has to wait. */
  hold(): void {
    this.#in.held = true;
  }

  /** Ends `hold`: what is kept is offered again. */
  release(): void {
    if (!this.#in.held) return;
    this.#in.held = false;
    this.#offerAgain();
  }

  /** The messages in `output` are whole: they leave at the end of this turn, or now if it is 64 KiB. */
  commit(): void {
    const out = this.#out;
    if (this.#state === "closed") return out.clear();
    if (out.full) this.#push();
    if (this.#inTurn || this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#flushTurn ??= () => this.#flushScheduled());
  }

  /**
   * Sends what is committed now. Gives a promise only while more than the high-water mark is pending: it resolves at the
   * low one and rejects if the connection ends before.
   */
  flush(): void | Promise<void> {
    if (this.#state === "closed") return rejected(this.#closedError());
    this.#push();
    return this.#drained();
  }

  /**
   * Commits `output` and, behind it, memory that is linked in without copying: leave it unchanged until it is sent. Gives
   * a promise as `flush` does.
   */
  send(nodes: LinkNode | undefined): void | Promise<void> {
    if (this.#state !== "closed") this.#out.append(nodes);
    this.commit();
    return this.#state === "closed" ? rejected(this.#closedError()) : this.#drained();
  }

  /** Throws an `RpcError` of kind `transport` once nothing more may be written. */
  checkWritable(): void {
    if (!this.#out.open) throw this.#closedError();
  }

  /** Input is paused: the peer has to wait. */
  get paused(): boolean {
    return this.#paused;
  }

  /** For a handler that keeps input by itself: it keeps less now, or waits for more. */
  resume(): void {
    if (this.#paused) this.#flow();
  }

  /** For a handler that keeps input by itself: its `expire` is called at that time. */
  watchUntil(atMs: number): void {
    this.#watchdog.watchUntil(atMs);
  }

  /** Calls `fn` when the connection is gone, after the handler; the last one added is called first. Gives its removal. */
  onClose(fn: (reason?: unknown) => void): () => void {
    if (this.#finished) {
      this.#guard(() => fn(this.#reason));
      return () => {};
    }
    const closers = this.#closers ??= [];
    closers.push(fn);
    return () => {
      const at = closers.lastIndexOf(fn);
      if (at >= 0) closers.splice(at, 1);
    };
  }

  /** Sends everything committed, then FIN. Reading goes on. */
  closeWrite(): void {
    if (this.#state !== "open" || this.#writeEnded) return;
    this.#writeEnded = true;
    this.#out.open = false;
    this.#push();
  }

  /**
   * Sends everything committed, then closes both ways; input is dropped from here on. Resolves when the connection is
   * gone: at the latest after `writeTimeoutMs` (default 5 s), when what is left is dropped. Twice is fine.
   */
  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing.promise;
    const closing = this.#closing = new Settler();
    if (this.#state === "closed") {
      if (this.#finished) closing.resolve();
      return closing.promise;
    }
    if (!this.#started) this.#startRaw();
    this.#state = "closing";
    this.#in.open = this.#out.open = false;
    this.#closeByMs = this.clock.now() + (this.#options.writeTimeoutMs || CLOSE_TIMEOUT_MS);
    this.#watchdog.watchUntil(this.#closeByMs);
    if (!this.#inTurn) this.#push();
    return closing.promise;
  }

  /** Drops the connection and everything pending now; the handler's `close` gets the reason. Twice is fine. */
  abort(reason: unknown = new RpcError("transport", "connection aborted")): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#in.open = this.#out.open = false;
    this.#reason = reason;
    this.#raw.abort(reason);
    this.#finish();
  }

  #handleBy(handler: ConnectionHandler): void {
    this.#in.handler = handler;
    this.#keeper = "chunk" in handler ? handler as InputHandler : undefined;
  }

  #startRaw(): void {
    if (this.#started) throw new RpcError("invalid", "the connection was already started");
    this.#started = true;
    if ((this.#options.idleTimeoutMs ?? 0) > 0) this.#watchdog.look();
    this.#raw.start({
      chunk: (bytes, owned) => this.#onChunk(bytes, owned),
      end: () => this.#onEnd(),
      drain: () => this.#onDrain(),
      close: (reason) => this.#onClosed(reason),
    });
  }

  // What the transport reports.

  #onChunk(bytes: Uint8Array, owned: boolean): void {
    if (this.#state !== "open") return;
    this.#watchdog.touched = true;
    this.#inTurn = true;
    try {
      if (this.#keeper === undefined) this.#in.take(bytes);
      else this.#keeper.chunk(bytes, owned);
    } catch (error) {
      this.abort(error);
    }
    this.#inTurn = false;
    this.#endTurn();
  }

  #onEnd(): void {
    if (this.#state !== "open" || this.#ended) return;
    this.#ended = true;
    this.#endTurn();
  }

  #onDrain(): void {
    if (this.#state === "closed") return;
    this.#watchdog.touched = this.#watchdog.wrote = true;
    this.#out.drained();
    this.#afterWrite();
    this.#unchoke();
  }

  #onClosed(reason: unknown): void {
    if (this.#state !== "closed") {
      this.#byPeer = this.#state === "open";
      this.#state = "closed";
      this.#in.open = this.#out.open = false;
      this.#reason = reason;
    }
    this.#finish();
  }

  // Turns.

  /** The handler can go on, or there is another one. */
  #offerAgain(): void {
    this.#in.again = true;
    if (!this.#inTurn) this.#endTurn();
  }

  /** Does what has to wait until no callback runs: offers again, tells the end, writes, closes, pauses, resumes. */
  #endTurn(): void {
    while (this.#in.again || this.#endDue()) {
      if (this.#in.again) this.#runAgain();
      else this.#tellEnd();
    }
    if (this.#state === "closed") return this.#finish();
    this.#out.push();
    this.#afterWrite();
    if (this.#in.length > 0) this.#watchdog.look();
  }

  #runAgain(): void {
    this.#in.again = false;
    if (!this.#in.ready) return;
    this.#watchdog.touched = true;
    this.#call(() => this.#in.offerKept());
  }

  #endDue(): boolean {
    if (!this.#ended || this.#endTold || this.#state !== "open") return false;
    return this.#keeper !== undefined || !this.#in.stopped;
  }

  #tellEnd(): void {
    this.#endTold = true;
    const { handler } = this.#in;
    this.#call(() => {
      if (handler?.end === undefined) this.close();
      else handler.end();
    });
  }

  /** Runs a callback of the user outside of a chunk. */
  #call(fn: () => void): void {
    this.#inTurn = true;
    try {
      fn();
    } catch (error) {
      this.abort(error);
    }
    this.#inTurn = false;
  }

  // Output.

  #drained(): void | Promise<void> {
    if (this.#full) return (this.#flushing ??= new Settler()).promise;
  }

  #flushScheduled(): void {
    this.#scheduled = false;
    if (this.#state !== "closed") this.#push();
  }

  #push(): void {
    this.#watchdog.touched = true;
    this.#out.push();
    this.#afterWrite();
  }

  #afterWrite(): void {
    const out = this.#out;
    if (out.blocked) {
      this.#watchdog.look();
      if (!this.#full && out.pendingBytes > (this.#options.writeHighWaterBytes ?? MIB)) {
        this.#full = true;
        this.#in.choked = !(this.#options.readWhileFull || this.#in.handler?.readWhileFull);
      }
    }
    if (this.#inTurn) return;
    if ((this.#writeEnded || this.#state === "closing") && out.pendingBytes === 0) this.#endWrite();
    this.#flow();
  }

  #endWrite(): void {
    if (this.#state === "closing") {
      if (this.#rawClosed) return;
      this.#rawClosed = true;
      this.#raw.close();
    } else if (!this.#finSent) {
      this.#finSent = true;
      this.#raw.closeWrite();
    }
  }

  /** Ends the effect of too much pending output, once little enough is left. */
  #unchoke(): void {
    if (!this.#full || this.#out.pendingBytes > (this.#options.writeLowWaterBytes ?? MIB / 4)) return;
    this.#full = this.#in.choked = false;
    this.#flushing?.resolve();
    this.#flushing = undefined;
    if (this.#state !== "open") return;
    this.#in.again = true;
    this.#call(() => this.#in.handler?.drain?.());
    this.#endTurn();
  }

  /** Pauses or resumes the transport, by what is buffered here and what waits to be sent. */
  #flow(): void {
    if (this.#state !== "open" || this.#inTurn) return;
    const { choked, held } = this.#in;
    const kept = this.#keeper === undefined ? held ? this.#in.length : 0 : this.#keeper.keptBytes;
    if (this.#paused) {
      if (choked || kept >= (this.#options.readLowWaterBytes ?? MIB / 4)) return;
      this.#paused = false;
      this.#raw.resume();
    } else if (choked || kept >= (this.#options.readHighWaterBytes ?? MIB)) {
      this.#paused = true;
      this.#raw.pause();
    }
  }

  // Time.

  #expire(nowMs: number): number {
    if (nowMs >= this.#closeByMs) this.abort(new RpcError("timeout", "close timed out with output not taken"));
    if (this.#state === "closed") return Infinity;
    return Math.min(this.#closeByMs, this.#keeper?.expire(nowMs) ?? Infinity);
  }

  #timedOut(what: "read" | "write" | "idle"): boolean {
    if (this.#state !== "open") return this.#state !== "closed";
    const { readTimeoutMs, writeTimeoutMs } = this.#options;
    if (what === "idle") {
      if (this.#staysIdle()) return true;
      void this.close();
    } else if (what === "write") {
      this.abort(new RpcError("timeout", `no output was taken for ${writeTimeoutMs} ms`));
    } else {
      this.abort(new RpcError("timeout", `a message stayed incomplete for ${readTimeoutMs} ms`));
    }
    return false;
  }

  #staysIdle(): boolean {
    if (this.#out.blocked) return true;
    let stays = false;
    this.#call(() => stays = this.#in.handler?.idle?.() ?? false);
    this.#endTurn();
    return stays || this.#state !== "open";
  }

  // The end.

  #closedError(): RpcError {
    return new RpcError("transport", "connection closed", this.#reason === undefined ? {} : { cause: this.#reason });
  }

  #finish(): void {
    // The callback that runs may still use the buffers.
    if (this.#finished || this.#inTurn) return;
    this.#finished = true;
    const reason = this.#reason;
    this.#watchdog.stop();
    this.#out.clear();
    this.#in.clear();
    this.#flushing?.reject(this.#closedError());
    this.#flushing = undefined;
    this.#guard(() => this.#in.handler?.close(reason, this.#byPeer));
    const closers = this.#closers;
    this.#closers = undefined;
    for (let fn = closers?.pop(); fn !== undefined; fn = closers!.pop()) {
      const last = fn;
      this.#guard(() => last(reason));
    }
    this.#closing?.resolve();
  }

  #guard(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}
