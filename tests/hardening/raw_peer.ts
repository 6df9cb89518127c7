/**
 * One end of a connection that says and hears bytes only, for peers that break the rules.
 *
 * @module
 */
import type { Endpoint, RawConn, Transport } from "../../lib/io/raw.ts";

/** A peer that speaks bytes. */
export class RawPeer {
  /** Its connection. */
  readonly conn: RawConn;
  /** Resolves when the other side has sent FIN, or the connection is gone. */
  readonly ended: Promise<void>;
  /** Resolves when the connection is gone, with the reason if it broke. */
  readonly closed: Promise<unknown>;
  /** How many bytes came so far. */
  receivedBytes = 0;
  /** How many bytes the transport took so far. */
  sentBytes = 0;
  #chunks: Uint8Array[] = [];
  #gone = false;
  #finished = false;
  #sending: { bytes: Uint8Array; at: number; done: () => void } | undefined;
  #wake = (): void => {};
  #onEnd!: () => void;
  #onClose!: (reason: unknown) => void;

  /** Takes a connection over; with `keep: false` what comes is counted and dropped. */
  constructor(conn: RawConn, { keep = true }: { keep?: boolean } = {}) {
    this.conn = conn;
    this.ended = new Promise((resolve) => this.#onEnd = resolve);
    this.closed = new Promise((resolve) => this.#onClose = resolve);
    conn.start({
      chunk: (bytes, owned) => {
        this.receivedBytes += bytes.length;
        if (keep) this.#chunks.push(owned ? bytes : bytes.slice());
        this.#wake();
      },
      end: () => {
        this.#finished = true;
        this.#onEnd();
        this.#wake();
      },
      drain: () => this.#push(),
      close: (reason) => {
        this.#gone = this.#finished = true;
        this.#onEnd();
        this.#onClose(reason);
        this.#sending?.done();
        this.#wake();
      },
    });
  }

  /** Dials. */
  static async dial(transport: Transport, to: Endpoint, options: { keep?: boolean } = {}): Promise<RawPeer> {
    return new RawPeer(await transport.dial(to), options);
  }

  /** Sends bytes; resolves when the transport has taken all, or the connection is gone. One at a time. */
  async send(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((done) => {
      this.#sending = { bytes, at: 0, done };
      if (this.#gone || bytes.length === 0) done();
      else this.#push();
    });
    this.#sending = undefined;
  }

  /** Waits for `count` bytes and gives them; fewer if no more will come. */
  async receive(count: number): Promise<Uint8Array> {
    while (this.#buffered() < count && !this.#finished) await new Promise<void>((resolve) => this.#wake = resolve);
    const all = join(this.#chunks);
    this.#chunks = all.length > count ? [all.slice(count)] : [];
    return all.slice(0, count);
  }

  /** Gives what is here, without waiting. */
  rest(): Uint8Array {
    const all = join(this.#chunks);
    this.#chunks = [];
    return all;
  }

  /** Waits for one framed message and gives it without its length; empty if none will come. */
  async receiveFrame(): Promise<Uint8Array> {
    const head = await this.receive(4);
    return head.length < 4 ? head : await this.receive(new DataView(head.buffer).getUint32(0));
  }

  /** Waits until the other side has sent FIN or dropped the connection, then closes this side. */
  async dropped(): Promise<void> {
    await this.ended;
    this.conn.close();
    await this.closed;
  }

  #buffered(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  #push(): void {
    const sending = this.#sending;
    if (sending === undefined || sending.at === sending.bytes.length) return;
    const taken = this.conn.write(sending.bytes.subarray(sending.at));
    sending.at += taken;
    this.sentBytes += taken;
    if (sending.at === sending.bytes.length) sending.done();
  }
}

/** All of the bytes in one piece of its own. */
export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
