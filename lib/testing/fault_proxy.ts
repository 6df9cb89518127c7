/**
 * A proxy between clients and a server that behaves as bad networks do. It runs over any transport of the project, and its time and
 * chance are given, so that tests steer them.
 *
 * @module
 */
import { type Clock, systemClock } from "../io/clock.ts";
import { describeEndpoint, parseTarget } from "../io/endpoint.ts";
import type { Endpoint, RawConn, RawListener, RawSink, Transport } from "../io/raw.ts";

/** What goes wrong. All of it may be changed at any time, and holds for what passes from then on. */
export interface Faults {
  /** Milliseconds that all bytes are late, each way. */
  delayMs?: number;
  /** Milliseconds of delay that are added by chance, up to this. */
  jitterMs?: number;
  /** Bytes a second that pass each way. */
  bytesPerSecond?: number;
  /** Chance that a chunk is lost: what comes after it on the connection is then lost too, and nobody is told. */
  drop?: number;
  /** Chance that a chunk resets its connection, both sides. */
  reset?: number;
  /** Chance that one byte of a chunk is changed. */
  corrupt?: number;
  /** True takes connections and bytes, and passes nothing on: a machine that is gone without a word. */
  halfOpen?: boolean;
  /** True closes new connections at once. */
  refuse?: boolean;
}

/** What a proxy is made of. */
export interface FaultProxyOptions {
  /** Where it passes connections on to. */
  readonly to: string | Endpoint;
  /** Dials and listens: `bun()`, `deno()`, `node()`, `memory()`. */
  readonly transport: Transport;
  /** Where it listens. Default: a free port of `127.0.0.1`. */
  readonly on?: Endpoint | undefined;
  /** What goes wrong from the beginning. Default: nothing. */
  readonly faults?: Faults | undefined;
  /** Tells the time. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Begins to listen, and passes connections on to `to`, with the faults that are set at that time. Rejects with an `RpcError` of kind
 * `"connect"` if the address cannot be had, `"invalid"` for a target that cannot be read.
 */
export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { to, transport, on = { hostname: "127.0.0.1", port: 0 }, clock = systemClock, random = Math.random } = options;
  const proxy = new FaultProxy({ transport, to: parseTarget(to), clock, random });
  Object.assign(proxy.faults, options.faults);
  await proxy.listen(on);
  return proxy;
}

interface FaultProxyInit {
  readonly transport: Transport;
  readonly to: Endpoint;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Bytes on their way above which the sender is paused. */
const HIGH_WATER = 256 * 1024;

/** A proxy that listens; made by `faultProxy`. */
export class FaultProxy {
  /** What goes wrong now. */
  readonly faults: Faults = {};
  readonly #init: FaultProxyInit;
  readonly #conns = new Set<RawConn>();
  #listener: RawListener | undefined;
  #closed = false;

  /** Made by `faultProxy`. */
  constructor(init: FaultProxyInit) {
    this.#init = init;
  }

  /** Begins to listen; once. */
  async listen(on: Endpoint): Promise<void> {
    this.#listener = await this.#init.transport.listen(on, (conn) => this.#accept(conn));
  }

  /** Where it listens, as a client's `to` takes it. */
  get address(): string {
    return describeEndpoint(this.#listener!.local);
  }

  /** Connections that are open, each counted on both sides. */
  get connections(): number {
    return this.#conns.size;
  }

  /** Resets all connections that are open. */
  resetAll(): void {
    for (const conn of [...this.#conns]) conn.abort();
  }

  /** Stops listening and resets what is open. */
  async close(): Promise<void> {
    this.#closed = true;
    this.resetAll();
    await this.#listener?.close();
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(client: RawConn): void {
    const { transport, to } = this.#init;
    if (this.faults.refuse === true || this.#closed) return client.abort();
    this.#conns.add(client);
    transport.dial(to).then((server) => {
      this.#conns.add(server);
      this.#pipe(client, server);
    }, () => {
      this.#conns.delete(client);
      client.abort();
    });
  }

  #pipe(client: RawConn, server: RawConn): void {
    const there = new OneWay(client, server, this.#init, this.faults);
    const back = new OneWay(server, client, this.#init, this.faults);
    client.start(this.#sink(client, there, back));
    server.start(this.#sink(server, back, there));
    if (this.#closed) this.resetAll();
  }

  /** What one side sends goes one way; that it can take more is of interest to the other. */
  #sink(conn: RawConn, out: OneWay, into: OneWay): RawSink {
    return {
      chunk: (bytes) => out.chunk(bytes),
      end: () => out.end(),
      drain: () => into.flush(),
      close: (reason) => {
        this.#conns.delete(conn);
        out.close(reason);
      },
    };
  }
}

/** Bytes from one side to the other. */
class OneWay {
  readonly #from: RawConn;
  readonly #to: RawConn;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #faults: Faults;
  /** What may be written now. */
  readonly #due: (Uint8Array | "end")[] = [];
  #underway = 0;
  #lastDueAt = 0;
  #lost = false;
  #gone = false;
  #paused = false;
  #fromGone = false;

  constructor(from: RawConn, to: RawConn, { clock, random }: FaultProxyInit, faults: Faults) {
    this.#from = from;
    this.#to = to;
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
  }

  /** Bytes came. */
  chunk(bytes: Uint8Array): void {
    const { drop = 0, reset = 0, corrupt = 0, halfOpen = false, bytesPerSecond = Infinity } = this.#faults;
    if (this.#chance(reset)) {
      this.#from.abort();
      return this.#to.abort();
    }
    if (halfOpen || this.#chance(drop)) this.#lost = true;
    if (this.#lost) return;
    const copy = bytes.slice();
    if (this.#chance(corrupt)) copy[Math.floor(this.#random() * copy.length)]! ^= 1 + Math.floor(this.#random() * 255);
    this.#underway += copy.length;
    if (this.#underway > HIGH_WATER && !this.#paused) {
      this.#paused = true;
      this.#from.pause();
    }
    this.#later(copy, copy.length / bytesPerSecond * 1_000);
  }

  /** The sender sends no more. */
  end(): void {
    if (!this.#lost) this.#later("end", 0);
  }

  /** The sender is gone: what is on its way still arrives, unless it was reset. */
  close(reason: unknown): void {
    if (reason !== undefined) this.#to.abort();
    else if (!this.#lost) this.#later("end", 0);
    this.#fromGone = true;
  }

  /** Writes what is due, as much as is taken. */
  flush(): void {
    while (this.#due.length > 0 && !this.#to.lent) {
      const [next] = this.#due;
      if (next === "end") {
        this.#due.shift();
        if (!this.#gone) this.#to.closeWrite();
        this.#gone = true;
        continue;
      }
      const taken = this.#to.write(next!);
      this.#underway -= taken;
      if (taken < next!.length) {
        this.#due[0] = next!.subarray(taken);
        break;
      }
      this.#due.shift();
    }
    if (this.#paused && !this.#fromGone && this.#underway < HIGH_WATER / 2) {
      this.#paused = false;
      this.#from.resume();
    }
  }

  #later(what: Uint8Array | "end", takesMs: number): void {
    const { delayMs = 0, jitterMs = 0 } = this.#faults;
    const now = this.#clock.now();
    const at = Math.max(now + delayMs + (jitterMs === 0 ? 0 : this.#random() * jitterMs), this.#lastDueAt) + takesMs;
    this.#lastDueAt = at;
    const deliver = (): void => {
      this.#due.push(what);
      this.flush();
    };
    if (at <= now) deliver();
    else this.#clock.after(at - now, deliver);
  }

  #chance(of: number): boolean {
    return of > 0 && this.#random() < of;
  }
}
