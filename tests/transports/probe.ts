/**
 * One end of a connection under test: records what its sink is told, checks the rules that hold always, and gives
 * promises for what is to come.
 *
 * @module
 */
import type { RawConn, RawSink } from "../../lib/io/raw.ts";

/** The byte at an offset of the pattern that bulk tests send. */
export function patternByte(offset: number): number {
  return (offset * 31 + (offset >>> 8) * 7 + (offset >>> 16)) & 0xff;
}

/** So many bytes of the pattern from an offset on. */
export function pattern(length: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = patternByte(from + i);
  return bytes;
}

/** How a connection ended. */
export interface Closed {
  /** What `close` was given. */
  readonly reason: unknown;
}

/** What to do with the chunks. */
export interface ProbeOptions {
  /** Keeps copies (borrowed) or the chunks themselves (owned). Default `true`; else only counts and checks a pattern. */
  readonly keep?: boolean;
  /** Called with each chunk after it was recorded. */
  readonly onChunk?: (probe: Probe, bytes: Uint8Array) => void;
}

/** A sink that remembers. */
export class Probe implements RawSink {
  readonly conn: RawConn;
  /** How many bytes came. */
  received = 0;
  /** How many chunks came. */
  chunks = 0;
  /** Offset of the first byte that is not as the pattern wants, or -1. */
  wrongAt = -1;
  /** True once `end` came. */
  sawEnd = false;
  /** What `close` said, once it came. */
  closed: Closed | undefined;
  /** Rules that were broken; a test ends by looking at this. */
  readonly faults: string[] = [];
  readonly #options: ProbeOptions;
  readonly #kept: Uint8Array[] = [];
  #waiting: { done: () => boolean; resolve: () => void }[] = [];
  #inside = "";
  #owed = false;
  #paused = false;
  #drains = 0;
  #over = false;

  /** Records what comes from `conn` once it is started. */
  constructor(conn: RawConn, options: ProbeOptions = {}) {
    this.conn = conn;
    this.#options = options;
  }

  /** Starts delivery. */
  start(): this {
    this.conn.start(this);
    return this;
  }

  chunk(bytes: Uint8Array, owned: boolean): void {
    this.#event("chunk");
    if (bytes.length === 0) this.faults.push("empty chunk");
    if (this.sawEnd) this.faults.push("chunk after end");
    if (this.#over) this.faults.push("chunk after this side closed");
    if (this.#paused) this.faults.push("chunk after pause");
    if (Object.getPrototypeOf(bytes) !== Uint8Array.prototype) this.faults.push("chunk is not a plain Uint8Array");
    this.chunks++;
    for (let i = 0; i < bytes.length && this.wrongAt < 0; i++) {
      if (bytes[i] !== patternByte(this.received + i)) this.wrongAt = this.received + i;
    }
    this.received += bytes.length;
    if (this.#options.keep ?? true) this.#kept.push(owned ? bytes : bytes.slice());
    this.#options.onChunk?.(this, bytes);
    this.#wake();
  }

  end(): void {
    this.#event("end");
    if (this.sawEnd) this.faults.push("second end");
    if (this.#over) this.faults.push("end after this side closed");
    this.sawEnd = true;
    this.#wake();
  }

  drain(): void {
    this.#event("drain");
    if (!this.#owed) this.faults.push("drain that was not owed");
    if (this.conn.lent) this.faults.push("drain while still lent");
    this.#owed = false;
    this.#drains++;
    this.#wake();
  }

  close(reason?: unknown): void {
    this.#event("close");
    if (this.closed !== undefined) this.faults.push("second close");
    this.closed = { reason };
    this.#wake();
  }

  /** All that was kept, as one array. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.received);
    let at = 0;
    for (const part of this.#kept) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** What was kept, as text. */
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** Writes once; gives how many bytes were taken. */
  write(data: string | Uint8Array): number {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const wasLent = this.conn.lent;
    const taken = this.#call("write", () => this.conn.write(bytes));
    if (taken < 0 || taken > bytes.length) this.faults.push(`write took ${taken} of ${bytes.length}`);
    if (wasLent && taken > 0) this.faults.push("write took bytes while lent");
    if (!this.#over && bytes.length > 0 && (taken < bytes.length || this.conn.lent)) this.#owed = true;
    return taken;
  }

  /** Writes everything, waiting for room; gives false if the connection closed before. */
  async writeAll(data: string | Uint8Array, pieceBytes: number = Infinity): Promise<boolean> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let at = 0; at < bytes.length;) {
      at += this.write(bytes.subarray(at, Math.min(bytes.length, at + pieceBytes)));
      if ((at < bytes.length || this.conn.lent) && !await this.drained()) return false;
    }
    return true;
  }

  /** Resolves when nothing is lent or owed any more; gives false if the connection closed before. */
  async drained(): Promise<boolean> {
    await this.#until(() => !this.#owed);
    return this.closed === undefined;
  }

  /** Sends FIN. */
  closeWrite(): void {
    this.#call("closeWrite", () => this.conn.closeWrite());
  }

  /** Closes this side and waits for the end. */
  async finish(): Promise<Closed> {
    this.#call("close", () => this.conn.close());
    this.#over = true;
    return await this.done();
  }

  /** Drops the connection and waits for the end. */
  async abort(reason?: unknown): Promise<Closed> {
    this.#call("abort", () => this.conn.abort(reason));
    this.#over = true;
    return await this.done();
  }

  /** Pauses delivery. */
  pause(): void {
    this.#paused = true;
    this.#call("pause", () => this.conn.pause());
  }

  /** Goes on with delivery. */
  resume(): void {
    this.#paused = false;
    this.conn.resume();
  }

  /** Resolves when so many bytes came in all, or the connection is gone. */
  async count(bytes: number): Promise<void> {
    await this.#until(() => this.received >= bytes);
  }

  /** Resolves when the peer's FIN came, or the connection is gone. */
  async ended(): Promise<void> {
    await this.#until(() => this.sawEnd);
  }

  /** Resolves when the connection is gone. */
  async done(): Promise<Closed> {
    await this.#until(() => false);
    return this.closed!;
  }

  #call<T>(name: string, fn: () => T): T {
    this.#inside = name;
    try {
      return fn();
    } finally {
      this.#inside = "";
    }
  }

  #event(name: string): void {
    if (this.#inside !== "") this.faults.push(`${name} from inside ${this.#inside}`);
    if (this.closed !== undefined) this.faults.push(`${name} after close`);
  }

  #until(done: () => boolean): Promise<void> {
    if (done() || this.closed !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ done, resolve }));
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ done }) => done() || this.closed !== undefined);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((entry) => !ready.includes(entry));
    for (const { resolve } of ready) resolve();
  }
}
