/**
 * Connections inside one process: for tests, and for a client and a server that live together.
 *
 * Bytes arrive in a microtask of their own, within a bounded buffer, so that short writes, backpressure and half-closed
 * connections behave as with sockets; options make the awkward cases the rule.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import { describeEndpoint } from "../lib/io/endpoint.ts";
import type { DialOptions, Endpoint, ListenOptions, RawConn, RawListener, RawSink, Transport } from "../lib/io/raw.ts";
import { abortError, abortReason, checkEndpoint, dialError, listenError } from "./address.ts";

/** How a connection in memory behaves. */
export interface MemoryOptions {
  /** How many bytes one side may have sent that the other has not received. Default 64 KiB. */
  readonly capacityBytes?: number;
  /** Largest chunk delivered. Default: as written. */
  readonly chunkBytes?: number;
  /** How many bytes one `write` takes at most. Default: what there is room for. */
  readonly writeBytes?: number;
  /** True delivers chunks to keep, false lends one buffer that is overwritten after each. Default `false`. */
  readonly owned?: boolean;
  /** True reads a written buffer only in the next microtask, and lends it until then. Default `false`. */
  readonly lend?: boolean;
  /** Addresses that the two ends report. Default: unix endpoints with empty paths. */
  readonly endpoints?: readonly [Endpoint, Endpoint];
}

/** Two ends of one connection. */
export function pair(options: MemoryOptions = {}): [RawConn, RawConn] {
  const [a, b] = options.endpoints ?? [{ path: "" }, { path: "" }];
  const one = new MemoryConn(a, b, options);
  const other = new MemoryConn(b, a, options);
  one.connect(other);
  other.connect(one);
  return [one, other];
}

/** A network of its own: what listens on one `memory()` can be dialled through the same one only. */
export function memory(options: MemoryOptions = {}): Transport {
  const listening = new Map<string, (conn: RawConn) => void>();
  let lastPort = 0;
  return {
    name: "memory",
    // deno-lint-ignore require-await -- errors are to reject
    async dial(to: Endpoint, { signal, tls }: DialOptions = {}): Promise<RawConn> {
      if (signal?.aborted) throw abortError(to, signal);
      if (tls !== undefined) throw new RpcError("invalid", "connections in memory have no TLS");
      checkEndpoint(to);
      const accept = listening.get(describeEndpoint(to));
      if (accept === undefined) throw dialError(to, "nothing listens there");
      const own: Endpoint = "path" in to ? { path: "" } : { hostname: to.hostname, port: ++lastPort };
      const [client, server] = pair({ ...options, endpoints: [own, to] });
      queueMicrotask(() => {
        try {
          accept(server);
        } catch (cause) {
          server.abort(RpcError.from(cause));
        }
      });
      return client;
    },
    // deno-lint-ignore require-await -- errors are to reject
    async listen(
      on: Endpoint,
      accept: (conn: RawConn) => void,
      { tls, reusePort }: ListenOptions = {},
    ): Promise<RawListener> {
      if (tls !== undefined) throw new RpcError("invalid", "connections in memory have no TLS");
      if (reusePort) throw new RpcError("invalid", "connections in memory cannot share a port");
      checkEndpoint(on);
      const local = "port" in on && on.port === 0 ? { hostname: on.hostname, port: ++lastPort } : on;
      const key = describeEndpoint(local);
      if (listening.has(key)) throw listenError(local, "the address is in use");
      listening.set(key, accept);
      return {
        local,
        close(): Promise<void> {
          if (listening.get(key) === accept) listening.delete(key);
          return Promise.resolve();
        },
      };
    },
  };
}

/** One end; it holds what is on its way to it. */
class MemoryConn implements RawConn {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls = undefined;
  lent = false;
  readonly #options: MemoryOptions;
  readonly #capacity: number;
  #peer!: MemoryConn;
  #sink: RawSink | undefined;
  #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #lendBuffer = new Uint8Array(0);
  #paused = false;
  #scheduled = false;
  /** A write was short or lent: `drain` is to follow. */
  #owed = false;
  #lentBytes: Uint8Array | undefined;
  #finQueued = false;
  #finTold = false;
  #writeEnded = false;
  #closed = false;
  #closeTold = false;
  #reason: unknown;

  constructor(local: Endpoint, remote: Endpoint, options: MemoryOptions) {
    this.local = local;
    this.remote = remote;
    this.#options = options;
    this.#capacity = options.capacityBytes ?? 64 * 1024;
  }

  connect(peer: MemoryConn): void {
    this.#peer = peer;
  }

  start(sink: RawSink): void {
    if (this.#sink !== undefined) throw new RpcError("invalid", "the connection was already started");
    this.#sink = sink;
    this.#schedule();
  }

  write(bytes: Uint8Array): number {
    const peer = this.#peer;
    if (this.#closed || this.#writeEnded || this.lent || bytes.length === 0) return 0;
    if (peer.#closed) {
      this.#reset();
      return 0;
    }
    const room = Math.max(0, this.#capacity - peer.#inboxBytes);
    const count = Math.min(bytes.length, room, this.#options.writeBytes ?? Infinity);
    this.#owed = count < bytes.length || this.#options.lend === true;
    if (count === 0) return 0;
    peer.#inboxBytes += count;
    if (this.#options.lend) this.#lend(bytes.subarray(0, count));
    else peer.#receive(bytes.slice(0, count));
    return count;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  closeWrite(): void {
    if (this.#writeEnded || this.#closed) return;
    this.#writeEnded = true;
    if (this.#lentBytes === undefined) this.#peer.#receiveFin();
  }

  close(): void {
    if (this.#closed) return;
    this.closeWrite();
    this.#closed = true;
    this.#dropInbox();
    this.#schedule();
  }

  abort(reason?: unknown): void {
    if (this.#closed) return;
    this.#closed = this.#writeEnded = true;
    this.#reason = abortReason(reason);
    this.#lentBytes = undefined;
    this.#dropInbox();
    this.#schedule();
    this.#peer.#reset();
  }

  /** The other side is gone without a word. */
  #reset(): void {
    if (this.#closed) return;
    this.#closed = this.#writeEnded = true;
    this.#reason = new RpcError("transport", "connection reset by peer");
    this.#lentBytes = undefined;
    this.#dropInbox();
    this.#schedule();
  }

  #lend(bytes: Uint8Array): void {
    this.lent = true;
    this.#lentBytes = bytes;
    queueMicrotask(() => {
      const lent = this.#lentBytes;
      this.#lentBytes = undefined;
      this.lent = false;
      if (lent === undefined) return;
      if (!this.#peer.#closed) this.#peer.#receive(lent.slice());
      if (this.#writeEnded) this.#peer.#receiveFin();
      this.#tellDrain();
    });
  }

  #receive(bytes: Uint8Array): void {
    this.#inbox.push(bytes);
    this.#schedule();
  }

  #receiveFin(): void {
    this.#finQueued = true;
    this.#schedule();
  }

  #dropInbox(): void {
    this.#inbox.length = 0;
    this.#inboxBytes = 0;
  }

  #schedule(): void {
    if (this.#scheduled || this.#sink === undefined) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    const sink = this.#sink!;
    for (let at = 0; at < this.#inbox.length && !this.#paused && !this.#closed; at = 0) this.#deliver(sink);
    this.#peer.#tellDrain();
    if (this.#finQueued && !this.#finTold && !this.#closed && this.#inbox.length === 0) {
      this.#finTold = true;
      sink.end();
    }
    // Both ends said that they are done, and everything was delivered.
    if (this.#finTold && this.#peer.#finTold) this.#endBoth();
    if (this.#closed && !this.#closeTold) {
      this.#closeTold = true;
      sink.close(this.#reason);
    }
  }

  #deliver(sink: RawSink): void {
    const bytes = this.#inbox.shift()!;
    const chunkBytes = this.#options.chunkBytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      if (this.#paused || this.#closed) {
        if (!this.#closed) this.#inbox.unshift(bytes.subarray(at));
        return;
      }
      const chunk = bytes.subarray(at, at + chunkBytes);
      this.#inboxBytes -= chunk.length;
      if (this.#options.owned) sink.chunk(chunk, true);
      else this.#deliverLent(sink, chunk);
    }
  }

  #deliverLent(sink: RawSink, chunk: Uint8Array): void {
    if (this.#lendBuffer.length < chunk.length) this.#lendBuffer = new Uint8Array(chunk.length);
    const lent = this.#lendBuffer;
    lent.set(chunk);
    sink.chunk(lent.subarray(0, chunk.length), false);
    lent.fill(0xdd, 0, chunk.length);
  }

  #endBoth(): void {
    for (const side of [this, this.#peer] as const) {
      if (side.#closed) continue;
      side.#closed = true;
      side.#schedule();
    }
  }

  #tellDrain(): void {
    if (!this.#owed || this.lent || this.#closed || this.#peer.#inboxBytes >= this.#capacity) return;
    this.#owed = false;
    this.#sink?.drain();
  }
}
