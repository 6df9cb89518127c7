/**
 * One connection: parsing in place and batched replies for protocols (push mode), Netpoll's Reader and Writer for people
 * (pull mode); backpressure, timeouts and the order of its end for both, over any `RawConn`.
 *
 * All input of one chunk is handled in one turn, and what was written in a turn leaves in one write at its end.
 *
 * Above 300 lines because all of this is one state machine; the buffers it drives have files of their own.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { BufferPool } from "./buffer_pool.ts";
import { Carry } from "./carry.ts";
import { type Clock, systemClock } from "./clock.ts";
import { LinkBuffer } from "./link_buffer.ts";
import { Outbox } from "./outbox.ts";
import type { Endpoint, RawConn, TlsState } from "./raw.ts";
import { BufferedReader, type Reader } from "./reader.ts";
import { rejected, Settler } from "./settler.ts";
import type { TimerWheel } from "./timer_wheel.ts";
import { Watchdog } from "./watchdog.ts";
import type { WriteBuffer } from "./write_buffer.ts";
import { BufferedWriter, type Writer } from "./writer.ts";

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

/** What a protocol's session does with a connection in push mode. An exception out of any of these aborts it. */
export interface ConnectionHandler {
  /**
   * Parses in place and says how many bytes it consumed, 0 to all. `bytes` is valid during the call only. The rest is
   * kept and offered again in one piece with what follows, once at least `connection.need` bytes are there.
   */
  data(bytes: Uint8Array): number;
  /** The peer will send no more; all its bytes were offered before. Default: closes after flushing. */
  end?(): void;
  /** Pending output has fallen to the low-water mark after it was above the high one. */
  drain?(): void;
  /** `idleTimeoutMs` have passed: true keeps the connection for as long again. Default: it is closed. */
  idle?(): boolean;
  /** The connection is gone. Once, last; `reason` is set if it was not a clean close. */
  close(reason?: unknown): void;
}

/** What the user of a connection in pull mode is told of. An exception out of any of these aborts it. */
export interface PullHandler {
  /** Bytes arrived and no read was waiting for them. */
  readable?(): void;
  /** The peer will send no more; what it sent can still be read. */
  end?(): void;
  /** The connection is gone. Once, last; `byPeer` tells that it broke, as against closed or aborted here. */
  close?(reason: unknown, byPeer: boolean): void;
}

const MIB = 1024 * 1024;
const CLOSE_TIMEOUT_MS = 5000;
/** When less than the first is missing, at least the second follows what is kept. */
const FEW_BYTES = 64;
const MANY_BYTES = 4096;

type State = "open" | "closing" | "closed";

/** A connection over a transport's `RawConn`, whose only user it is. */
export class Connection {
  /**
   * Push mode: how many bytes from the first unconsumed one on must be there before `data` is called again. It is 1
   * whenever `data` is called; set it there when it is known how long the message is.
   */
  need = 1;
  readonly #raw: RawConn;
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #pool: BufferPool;
  readonly #out: Outbox;
  readonly #carry: Carry;
  readonly #watchdog: Watchdog;
  #handler: ConnectionHandler | undefined;
  #pull: PullHandler | undefined;
  #reader: BufferedReader | undefined;
  #writer: BufferedWriter | undefined;

  #state: State = "open";
  #started = false;
  /** The peer's FIN came, and the handler knows. */
  #ended = false;
  #endTold = false;
  /** Output is above the high mark, or was and is not down to the low one. */
  #full = false;
  /** No input is handled: by `hold`, and because of too much output. */
  #held = false;
  #choked = false;
  #paused = false;
  /** A callback of the user runs: writes wait for its end, and so does the close. */
  #inTurn = false;
  #again = false;
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
    this.#clock = options.wheel?.clock ?? systemClock;
    this.#pool = options.pool ?? new BufferPool();
    this.#out = new Outbox(raw, this.#pool);
    this.#carry = new Carry(this.#pool);
    this.#watchdog = this.#makeWatchdog();
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

  /** Pull mode: the input. */
  get reader(): Reader {
    return this.#reader ?? this.#makeReader();
  }

  /** The output as Netpoll's Writer. It shares the order of `output`, so finish a message in one before using the other. */
  get writer(): Writer {
    return this.#writer ??= this.#makeWriter();
  }

  /** Where messages are encoded: append whole ones, then `commit`. Read it again in each turn. */
  get output(): WriteBuffer {
    return this.#out.scratch;
  }

  /** How many bytes of output the transport has not taken yet. */
  get pendingBytes(): number {
    return this.#out.pendingBytes;
  }

  /** Begins, once: in push mode with a handler, else in pull mode. May call the handler before it returns. */
  start(handler?: ConnectionHandler): void {
    this.#handler = handler;
    if (this.#finished) return this.#guard(() => handler?.close(this.#reason));
    this.#startRaw();
  }

  /** Begins in pull mode with somebody to tell. May call the handler before it returns. */
  startPull(handler: PullHandler): void {
    this.#pull = handler;
    if (this.#finished) return this.#guard(() => handler.close?.(this.#reason, this.#byPeer));
    this.#startRaw();
  }

  /** Replaces the handler; what is not consumed is offered to the new one, and so is an end that already came. */
  setHandler(handler: ConnectionHandler): void {
    this.#handler = handler;
    if (this.#finished) return this.#guard(() => handler.close(this.#reason));
    if (!this.#started || this.#state !== "open") return;
    this.need = 1;
    this.#endTold = false;
    const reader = this.#reader;
    if (reader !== undefined && reader.len > 0) {
      const rest = reader.takeAll();
      this.#carry.append(rest, 0, rest.length, rest.length);
      reader.end(new RpcError("invalid", "the connection went over to push mode"));
    }
    this.#offerAgain();
  }

  /** Push mode: no `data` from here until `release`. Input up to the high-water mark is kept, then the peer has to wait. */
  hold(): void {
    this.#held = true;
  }

  /** Ends `hold`: what is kept is offered again. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#offerAgain();
  }

  /** The messages in `output` and `writer` are whole: they leave at the end of this turn, or now if it is 64 KiB. */
  commit(): void {
    const out = this.#out;
    out.flushChain();
    if (this.#state === "closed") return this.#out.clear();
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
    this.#out.flushChain();
    if (this.#state === "closed") return rejected(this.#closedError());
    this.#push();
    return this.#drained();
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
    this.#out.flushChain();
    if (this.#state !== "open" || this.#writeEnded) return;
    this.#writeEnded = true;
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
    this.#reader?.end();
    this.#closeByMs = this.#clock.now() + (this.#options.writeTimeoutMs || CLOSE_TIMEOUT_MS);
    this.#watchdog.watchUntil(this.#closeByMs);
    if (!this.#inTurn) this.#push();
    return closing.promise;
  }

  /** Drops the connection and everything pending now; the handler's `close` gets the reason. Twice is fine. */
  abort(reason: unknown = new RpcError("transport", "connection aborted")): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#reason = reason;
    this.#raw.abort(reason);
    this.#finish();
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
      if (this.#handler !== undefined) this.#deliver(bytes);
      else if (!(this.#reader ?? this.#makeReader()).feed(bytes, owned)) this.#pull?.readable?.();
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
      this.#reason = reason;
    }
    this.#finish();
  }

  // Input in push mode.

  #deliver(bytes: Uint8Array): void {
    const carry = this.#carry;
    const end = bytes.length;
    let at = 0;
    while (carry.length > 0 || this.#held || this.#choked) {
      const have = carry.length;
      if (this.#held || this.#choked) {
        carry.append(bytes, at, end, 2 * (have + end - at));
        return;
      }
      // As little as completes the message, so that what follows it can be parsed in place; but no crumbs, for a handler
      // that cannot tell how long a message is asks for one byte more each time.
      const missing = this.need - have;
      const to = Math.min(end, at + (missing > FEW_BYTES ? missing : Math.max(MANY_BYTES, have)));
      const size = have + to - at;
      carry.append(bytes, at, to, this.need > size ? this.need : 2 * size);
      at = to;
      if (carry.length < this.need) return;
      this.#offerCarry();
      if (at === end || this.#state !== "open") return;
    }
    this.#offerInPlace(at === 0 ? bytes : bytes.subarray(at));
  }

  #offerInPlace(bytes: Uint8Array): void {
    for (;;) {
      const used = this.#offer(bytes);
      const left = bytes.length - used;
      if (left === 0 || this.#state !== "open") return;
      if (!this.#again || this.#held || this.#choked) {
        this.#carry.append(bytes, used, bytes.length, Math.max(this.need, left));
        return;
      }
      bytes = bytes.subarray(used);
    }
  }

  #offerCarry(): void {
    const carry = this.#carry;
    do {
      carry.consume(this.#offer(carry.view()));
    } while (this.#again && carry.length > 0 && !this.#held && !this.#choked && this.#state === "open");
  }

  #offer(bytes: Uint8Array): number {
    this.need = 1;
    this.#again = false;
    const used = this.#handler!.data(bytes);
    if (used >>> 0 !== used || used > bytes.length) {
      throw new RpcError("internal", `data() says it consumed ${used} of ${bytes.length} bytes`);
    }
    if (used > 0) this.#watchdog.consumed = true;
    return used;
  }

  /** The handler can go on, or there is another one. */
  #offerAgain(): void {
    this.#again = true;
    if (!this.#inTurn) this.#endTurn();
  }

  /** Does what has to wait until no callback runs: offers again, tells the end, writes, closes, pauses, resumes. */
  #endTurn(): void {
    while (this.#again || this.#endDue()) {
      if (this.#again) this.#runAgain();
      else this.#tellEnd();
    }
    if (this.#state === "closed") return this.#finish();
    this.#out.push();
    this.#afterWrite();
    if (this.#carry.length > 0) this.#watchdog.look();
  }

  #runAgain(): void {
    const ready = this.#carry.length > 0 && this.#carry.length >= this.need;
    this.#again = false;
    if (!ready || this.#handler === undefined || this.#held || this.#choked || this.#state !== "open") return;
    this.#watchdog.touched = true;
    this.#call(() => this.#offerCarry());
  }

  #endDue(): boolean {
    if (!this.#ended || this.#endTold || this.#state !== "open") return false;
    return this.#handler === undefined || !(this.#held || this.#choked);
  }

  #tellEnd(): void {
    this.#endTold = true;
    const handler = this.#handler;
    this.#call(() => {
      if (handler === undefined) {
        this.#reader?.end();
        this.#pull?.end?.();
      } else if (handler.end !== undefined) handler.end();
      else this.close();
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

  #openChain(): LinkBuffer {
    if (this.#state !== "open" || this.#writeEnded) throw this.#closedError();
    return this.#out.chain;
  }

  #send(): void | Promise<void> {
    this.commit();
    return this.#state === "closed" ? rejected(this.#closedError()) : this.#drained();
  }

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
        this.#choked = !this.#options.readWhileFull;
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
    this.#full = this.#choked = false;
    this.#flushing?.resolve();
    this.#flushing = undefined;
    if (this.#state !== "open") return;
    this.#again = true;
    this.#call(() => this.#handler?.drain?.());
    this.#endTurn();
  }

  /** Pauses or resumes the transport, by what is buffered here and what waits to be sent. */
  #flow(): void {
    if (this.#state !== "open" || this.#inTurn) return;
    const reader = this.#reader;
    let kept = 0;
    if (this.#handler !== undefined) kept = this.#held ? this.#carry.length : 0;
    else if (reader !== undefined && reader.wanted <= reader.len) kept = reader.len;
    if (this.#paused) {
      if (this.#choked || kept >= (this.#options.readLowWaterBytes ?? MIB / 4)) return;
      this.#paused = false;
      this.#raw.resume();
    } else if (this.#choked || kept >= (this.#options.readHighWaterBytes ?? MIB)) {
      this.#paused = true;
      this.#raw.pause();
    }
  }

  // Time.

  #makeWatchdog(): Watchdog {
    const { wheel, readTimeoutMs = 0, writeTimeoutMs = 0, idleTimeoutMs = 0 } = this.#options;
    const timeouts = { readMs: readTimeoutMs, writeMs: writeTimeoutMs, idleMs: idleTimeoutMs };
    const blocked = (): boolean => this.#out.blocked;
    const incomplete = (): boolean => this.#carry.length > 0 && !this.#held && !this.#choked;
    return new Watchdog(this.#clock, wheel, timeouts, {
      get blocked(): boolean {
        return blocked();
      },
      get incomplete(): boolean {
        return incomplete();
      },
      expire: (nowMs) => this.#expire(nowMs),
      timedOut: (what) => this.#timedOut(what),
    });
  }

  #expire(nowMs: number): number {
    if (nowMs >= this.#closeByMs) this.abort(new RpcError("timeout", "close timed out with output not taken"));
    if (this.#state === "closed") return Infinity;
    return Math.min(this.#closeByMs, this.#reader?.expire(nowMs) ?? Infinity);
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
    this.#call(() => stays = this.#handler?.idle?.() ?? false);
    this.#endTurn();
    return stays || this.#state !== "open";
  }

  // The pull side.

  #makeReader(): BufferedReader {
    const reader = this.#reader = new BufferedReader(new LinkBuffer(this.#pool), {
      readTimeoutMs: this.#options.readTimeoutMs ?? 0,
      now: () => this.#clock.now(),
      watch: (atMs) => this.#watchdog.watchUntil(atMs),
      flow: () => {
        if (this.#paused) this.#flow();
      },
    });
    if (this.#endTold || this.#state !== "open") reader.end(this.#reason);
    return reader;
  }

  #makeWriter(): BufferedWriter {
    const out = this.#out;
    return new BufferedWriter({
      get mallocLen(): number {
        return out.mallocLen;
      },
      openChain: () => this.#openChain(),
      send: () => this.#send(),
    });
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
    this.#carry.clear();
    this.#reader?.end(reason);
    this.#flushing?.reject(this.#closedError());
    this.#flushing = undefined;
    this.#guard(() => {
      if (this.#handler !== undefined) this.#handler.close(reason);
      else this.#pull?.close?.(reason, this.#byPeer);
    });
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
