/**
 * Reading from a connection in pull mode: at once when the bytes are there, else with a promise.
 *
 * A parser waits for a message once (`peek` of a header, `next` of the whole) and reads its fields synchronously.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { LinkBuffer } from "./link_buffer.ts";
import { quiet, rejected } from "./settler.ts";

/** Options of one read. */
export interface ReadOptions {
  /** Gives up waiting; the read rejects with kind `canceled`. Nothing is consumed. */
  readonly signal?: AbortSignal;
  /** Longest wait of this read in milliseconds, 0 for ever. Default: the connection's `readTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** Options of `until`. */
export interface UntilOptions extends ReadOptions {
  /** Longest run to look through for the delimiter. Default 1 MiB. */
  readonly maxBytes?: number;
}

/**
 * The input of a connection. One read may wait at a time. A read that cannot be satisfied rejects with an `RpcError`:
 * `transport` (the peer closed or the connection broke before enough bytes came), `timeout`, `canceled`, or `invalid`
 * (another read waits). After a rejection what is buffered can still be read.
 */
export interface Reader {
  /** How many bytes can be read without waiting. */
  readonly len: number;
  /** How many bytes were consumed since the connection began. */
  readonly position: number;
  /** Reads `n` bytes. They are views: valid until `release`, not to be written to. */
  next(n: number, options?: ReadOptions): Uint8Array | Promise<Uint8Array>;
  /** Like `next`, without consuming. */
  peek(n: number, options?: ReadOptions): Uint8Array | Promise<Uint8Array>;
  /** Drops `n` bytes. */
  skip(n: number, options?: ReadOptions): void | Promise<void>;
  /** Reads up to and including the first `delimiter` byte. Valid until `release`. Kind `protocol` beyond `maxBytes`. */
  until(delimiter: number, options?: UntilOptions): Uint8Array | Promise<Uint8Array>;
  /** Reads `n` bytes as UTF-8. */
  readString(n: number, options?: ReadOptions): string | Promise<string>;
  /** Reads `n` bytes into an array of the caller's own. */
  readBinary(n: number, options?: ReadOptions): Uint8Array | Promise<Uint8Array>;
  /** Reads one byte. */
  readByte(options?: ReadOptions): number | Promise<number>;
  /** Reads `n` bytes as a buffer that shares their memory and lives until its own `release`. */
  slice(n: number, options?: ReadOptions): LinkBuffer | Promise<LinkBuffer>;
  /** Waits until `n` bytes are buffered, so that reads of them are synchronous. */
  fill(n: number, options?: ReadOptions): void | Promise<void>;
  /** Ends the validity of everything handed out, so that its memory can be used again. */
  release(): void;
}

/** What a reader needs of its connection. */
export interface ReadSource {
  /** What waits are measured by. */
  readonly clock: Clock;
  /** The peer has to wait, so that `resume` is of use. */
  readonly paused: boolean;
  /** Asks for `BufferedReader.expire` to be called at that time. */
  watchUntil(atMs: number): void;
  /** The buffer got shorter, or a read waits for more: input may have to be resumed. */
  resume(): void;
}

/** What a waiting read does with the buffer once it holds enough. */
type Take<T> = (buffer: LinkBuffer, n: number) => T;

const UNTIL_BYTES = 1024 * 1024;

/** The reader of a connection, with the connection's side of it. */
export class BufferedReader implements Reader {
  readonly #buffer: LinkBuffer;
  readonly #source: ReadSource;
  readonly #readTimeoutMs: number;
  #fed = 0;
  #wanted = 0;
  #resume: (() => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  #promise: Promise<unknown> | undefined;
  #deadlineMs = Infinity;
  #waitedMs = 0;
  #end: unknown;
  #ended = false;

  /** Reads from `buffer`, which `source` fills through `feed`; a read waits for `readTimeoutMs` at the longest, 0 for ever. */
  constructor(buffer: LinkBuffer, source: ReadSource, readTimeoutMs: number) {
    this.#buffer = buffer;
    this.#source = source;
    this.#readTimeoutMs = readTimeoutMs;
  }

  get len(): number {
    return this.#buffer.len;
  }

  get position(): number {
    return this.#fed - this.#buffer.len;
  }

  next(n: number, options?: ReadOptions): Uint8Array | Promise<Uint8Array> {
    return this.#read(n, takeNext, options);
  }

  peek(n: number, options?: ReadOptions): Uint8Array | Promise<Uint8Array> {
    return this.#read(n, takePeek, options);
  }

  skip(n: number, options?: ReadOptions): void | Promise<void> {
    return this.#read(n, takeSkip, options);
  }

  readString(n: number, options?: ReadOptions): string | Promise<string> {
    return this.#read(n, takeString, options);
  }

  readBinary(n: number, options?: ReadOptions): Uint8Array | Promise<Uint8Array> {
    return this.#read(n, takeBinary, options);
  }

  readByte(options?: ReadOptions): number | Promise<number> {
    return this.#read(1, takeByte, options);
  }

  slice(n: number, options?: ReadOptions): LinkBuffer | Promise<LinkBuffer> {
    return this.#read(n, takeSlice, options);
  }

  fill(n: number, options?: ReadOptions): void | Promise<void> {
    return this.#read(n, takeNothing, options);
  }

  until(delimiter: number, options?: UntilOptions): Uint8Array | Promise<Uint8Array> {
    const at = this.#buffer.indexOf(delimiter);
    return at >= 0 ? this.#read(at + 1, takeNext) : quiet(this.#untilLater(delimiter, options));
  }

  release(): void {
    this.#buffer.release();
  }

  /** How many bytes the waiting read needs in all; 0 if none waits. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Bytes arrived. True if a waiting read took its part of them. */
  feed(bytes: Uint8Array, owned: boolean): boolean {
    this.#buffer.feed(bytes, owned);
    this.#fed += bytes.length;
    if (this.#wanted === 0 || this.#buffer.len < this.#wanted) return false;
    this.#resume!();
    return true;
  }

  /** Everything buffered, in an array of the caller's own. */
  takeAll(): Uint8Array {
    return this.#buffer.readBinary(this.#buffer.len);
  }

  /** No more bytes will come; the first reason given stays. */
  end(reason?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#end = reason;
    if (this.#wanted > 0) this.#fail(this.#endError(this.#wanted));
  }

  /** Fails a read that has waited too long; gives the time to look again, or `Infinity`. */
  expire(nowMs: number): number {
    if (this.#wanted === 0) return Infinity;
    if (nowMs < this.#deadlineMs) return this.#deadlineMs;
    const message = `read of ${this.#wanted} bytes timed out after ${this.#waitedMs} ms with ${this.len} there`;
    this.#fail(new RpcError("timeout", message));
    return Infinity;
  }

  #read<T>(n: number, take: Take<T>, options?: ReadOptions): T | Promise<T> {
    if (this.#buffer.len >= n) {
      const value = take(this.#buffer, n);
      if (this.#source.paused) this.#source.resume();
      return value;
    }
    return this.#wait(n, take, options);
  }

  #wait<T>(n: number, take: Take<T>, options?: ReadOptions): Promise<T> {
    if (this.#wanted > 0) return rejected(new RpcError("invalid", "another read is waiting on this connection"));
    if (this.#ended) return rejected(this.#endError(n));
    const signal = options?.signal;
    if (signal?.aborted) return rejected(canceled(signal));
    const timeoutMs = options?.timeoutMs ?? this.#readTimeoutMs;
    const promise = new Promise<T>((resolve, reject) => {
      const abort = signal === undefined ? undefined : (): void => this.#fail(canceled(signal));
      this.#wanted = n;
      this.#resume = () => {
        if (abort !== undefined) signal!.removeEventListener("abort", abort);
        this.#wanted = 0;
        resolve(take(this.#buffer, n));
      };
      this.#reject = (reason) => {
        if (abort !== undefined) signal!.removeEventListener("abort", abort);
        this.#wanted = 0;
        reject(reason);
      };
      if (abort !== undefined) signal!.addEventListener("abort", abort);
      this.#deadlineMs = Infinity;
      if (timeoutMs > 0) {
        this.#waitedMs = timeoutMs;
        this.#deadlineMs = this.#source.clock.now() + timeoutMs;
        this.#source.watchUntil(this.#deadlineMs);
      }
    });
    this.#promise = promise;
    if (this.#source.paused) this.#source.resume();
    return promise;
  }

  #fail(reason: unknown): void {
    quiet(this.#promise!);
    this.#reject!(reason);
  }

  #endError(n: number): RpcError {
    const message = `connection closed with ${this.len} of ${n} bytes there`;
    return new RpcError("transport", message, this.#end === undefined ? {} : { cause: this.#end });
  }

  async #untilLater(delimiter: number, options?: UntilOptions): Promise<Uint8Array> {
    const maxBytes = options?.maxBytes ?? UNTIL_BYTES;
    for (let seen = this.len;;) {
      if (seen >= maxBytes) throw new RpcError("protocol", `no delimiter ${delimiter} within ${maxBytes} bytes`);
      await this.fill(seen + 1, options);
      const at = this.#buffer.indexOf(delimiter, seen);
      if (at >= 0) return this.next(at + 1);
      seen = this.len;
    }
  }
}

function canceled(signal: AbortSignal): RpcError {
  return new RpcError("canceled", "read canceled", { cause: signal.reason });
}

const takeNext: Take<Uint8Array> = (buffer, n) => buffer.next(n);
const takePeek: Take<Uint8Array> = (buffer, n) => buffer.peek(n);
const takeSkip: Take<void> = (buffer, n) => buffer.skip(n);
const takeString: Take<string> = (buffer, n) => buffer.readString(n);
const takeBinary: Take<Uint8Array> = (buffer, n) => buffer.readBinary(n);
const takeByte: Take<number> = (buffer) => buffer.readByte();
const takeSlice: Take<LinkBuffer> = (buffer, n) => buffer.slice(n);
const takeNothing: Take<void> = () => {};
