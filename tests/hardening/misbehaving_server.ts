/**
 * A gRPC server of its own frames, for answers that no real server gives: it reads requests to their end, keeps to the
 * client's windows, and does for each what it is told to.
 *
 * @module
 */
import { Flag, FRAME_HEADER_BYTES, FrameType, PREFACE } from "../../codecs/http2/frame.ts";
import type { Setting } from "../../codecs/http2/frame_writer.ts";
import type { Endpoint, RawConn, Transport } from "../../lib/io/raw.ts";
import { Script } from "../codecs/http2/peer.ts";
import { join, RawPeer } from "./raw_peer.ts";

/** What the server does with a request that came whole on stream `id`. */
export type Answer = (conn: FrameConn, id: number) => Promise<void>;

const HEAD = [":status", "200", "content-type", "application/grpc"];
const WINDOW = 65_535;

/** One connection of the server. */
export class FrameConn {
  /** PINGs that were sent and not answered. */
  unansweredPings = 0;
  /** How many streams are open, and were at most. */
  open = 0;
  mostOpen = 0;
  /** How many requests came. */
  calls = 0;
  readonly peer: RawPeer;
  #window = WINDOW;
  #initial = WINDOW;
  readonly #windows = new Map<number, number>();
  #waiting: (() => void)[] = [];
  #over = false;
  #sending: Promise<void> = Promise.resolve();

  /** Takes a connection over. */
  constructor(conn: RawConn) {
    this.peer = new RawPeer(conn);
  }

  /** Serves until the client has left; rejects with what `answer` did. */
  async serve(settings: readonly Setting[], answer: Answer): Promise<void> {
    const { peer } = this;
    await peer.receive(PREFACE.length);
    // Requests need no window of their own: there is enough for all of them.
    await this.send(new Script().settings([4, 2 ** 30], ...settings).update(0, 2 ** 30));
    const answers: Promise<void>[] = [];
    for (let head; (head = await peer.receive(FRAME_HEADER_BYTES)).length === FRAME_HEADER_BYTES;) {
      const [high = 0, middle = 0, low = 0, type, flags = 0] = head;
      const payload = await peer.receive((high << 16) | (middle << 8) | low);
      const id = new DataView(head.buffer).getUint32(5);
      const ended = (type === FrameType.HEADERS || type === FrameType.DATA) && (flags & Flag.END_STREAM) !== 0;
      if (type === FrameType.HEADERS) this.#begin(id);
      if (ended) answers.push(answer(this, id));
      if ((flags & Flag.ACK) === 0 || type === FrameType.PING) await this.#control(type, flags, id, payload);
    }
    this.#over = true;
    this.#wake();
    peer.conn.close();
    await Promise.all(answers);
  }

  /** Sends frames, after those before. */
  send({ w }: Script): Promise<void> {
    const bytes = w.written().slice();
    return this.#sending = this.#sending.then(() => this.peer.send(bytes));
  }

  /** Sends the headers of an answer. */
  headers(id: number): Promise<void> {
    return this.send(new Script().headers(id, HEAD, 0));
  }

  /** Sends content in frames of `size` octets and `padding`, as far as the windows go and as they open. */
  async data(id: number, bytes: Uint8Array, size = 16_384, padding?: number): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const script = new Script();
      const begun = at;
      while (at < bytes.length) {
        const piece = bytes.subarray(at, at + size);
        const payload = padding === undefined ? piece : join([Uint8Array.of(padding), piece, new Uint8Array(padding)]);
        if (payload.length > Math.min(this.#window, this.#windows.get(id)!)) break;
        this.#window -= payload.length;
        this.#windows.set(id, this.#windows.get(id)! - payload.length);
        script.frame(FrameType.DATA, padding === undefined ? 0 : Flag.PADDED, id, payload);
        at += piece.length;
      }
      if (at > begun) await this.send(script);
      else if (this.#over) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Ends an answer well. */
  trailers(id: number): Promise<void> {
    this.open--;
    return this.send(new Script().headers(id, ["grpc-status", "0"]));
  }

  /** Ends it by RST_STREAM with NO_ERROR. */
  reset(id: number): Promise<void> {
    this.open--;
    return this.send(new Script().reset(id, 0));
  }

  /** Sends a PING. */
  ping(): Promise<void> {
    this.unansweredPings++;
    return this.send(new Script().frame(FrameType.PING, 0, 0, 8));
  }

  /** Sends GOAWAY: streams after `last` will not be looked at. */
  goaway(last: number): Promise<void> {
    return this.send(new Script().frame(FrameType.GOAWAY, 0, 0, Uint8Array.of(0, 0, 0, last, 0, 0, 0, 0)));
  }

  #begin(id: number): void {
    this.calls++;
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    this.#windows.set(id, this.#initial);
  }

  async #control(type: number | undefined, flags: number, id: number, payload: Uint8Array): Promise<void> {
    const view = new DataView(payload.buffer);
    if (type === FrameType.PING) {
      if ((flags & Flag.ACK) !== 0) this.unansweredPings--;
      else await this.send(new Script().frame(FrameType.PING, Flag.ACK, 0, payload));
    } else if (type === FrameType.SETTINGS) {
      for (let at = 0; at < payload.length; at += 6) {
        if (view.getUint16(at) === 4) this.#moveWindows(view.getUint32(at + 2));
      }
      await this.send(new Script().ack());
    } else if (type === FrameType.WINDOW_UPDATE) {
      if (id === 0) this.#window += view.getUint32(0);
      else this.#windows.set(id, (this.#windows.get(id) ?? 0) + view.getUint32(0));
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #moveWindows(initial: number): void {
    for (const [id, window] of this.#windows) this.#windows.set(id, window + initial - this.#initial);
    this.#initial = initial;
  }
}

/** A server; `settings` go into its first SETTINGS. */
export interface MisbehavingServer {
  readonly local: Endpoint;
  /** Its connections, in the order they came. */
  readonly conns: readonly FrameConn[];
  /** Ends it when all clients have left. Rejects if an answer failed. */
  close(): Promise<void>;
}

/** Starts a server. */
export async function misbehavingServer(
  transport: Transport,
  answer: Answer,
  settings: readonly Setting[] = [],
): Promise<MisbehavingServer> {
  const conns: FrameConn[] = [];
  const served: Promise<void>[] = [];
  const listener = await transport.listen({ hostname: "127.0.0.1", port: 0 }, (raw) => {
    const conn = new FrameConn(raw);
    conns.push(conn);
    served.push(conn.serve(settings, answer));
  });
  return {
    local: listener.local,
    conns,
    async close() {
      await Promise.all(served);
      await listener.close();
    },
  };
}
