/**
 * An `Http2Connection` on a real connection: bytes, timers, keepalive, and the order of the end.
 *
 * The end is always GOAWAY, FIN, and a short wait for the peer's FIN while its input is dropped: closing at once could
 * turn into a reset that takes the GOAWAY, and answers, from the peer.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Connection, ConnectionHandler } from "../../lib/io/connection.ts";
import type { Timer, TimerWheel } from "../../lib/io/timer_wheel.ts";
import { Http2Connection } from "./connection.ts";
import { ErrorCode, type Http2Error } from "./errors.ts";
import { FRAME_HEADER_BYTES } from "./frame.ts";
import type { Http2Handler } from "./handler.ts";
import type { HeaderList } from "./header_list.ts";
import { Keepalive, type KeepaliveOptions, type PingPolicy, PingWatch } from "./keepalive.ts";
import { Lifetime, type LifetimeOptions } from "./lifetime.ts";
import type { Http2Options } from "./options.ts";
import type { Settings } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";

/** How long a peer may take to close its side after this one did. */
const LINGER_MS = 1_000;
/** While anything is under way, what has taken too long is looked for this often at least. */
const LOOK_MS = 1_000;

/** So much of what a peer sends first is kept until its SETTINGS are there. */
const FIRST_BYTES = FRAME_HEADER_BYTES;
const NO_BYTES = new Uint8Array(0);

/** Settings of a connection beside those of HTTP/2 itself. */
export interface LinkOptions extends Http2Options, LifetimeOptions {
  /** Pings that find out whether the peer is still there. Default: none. */
  readonly keepalive?: KeepaliveOptions | undefined;
  /** Server: how often clients may ping. Default: any number that costs no more than other frames. */
  readonly pingPolicy?: PingPolicy | undefined;
}

/** Who uses a link. What `Http2Handler` says holds, but for what is not here: that is the link's own business. */
export interface LinkUser extends Omit<Http2Handler, "closed" | "drained" | "pong" | "pinged" | "quiet"> {
  /** The connection takes no more streams and never will: it was shut down, broke, or the peer said so. May come twice. */
  unusable?(): void;
  /** The peer broke the rules of the connection, which is about to end. All streams were reset. */
  broken?(error: Http2Error): void;
  /** The connection is gone, once, last. All streams were reset. */
  gone(reason: unknown): void;
}

/** An HTTP/2 connection with everything under it. */
export class Http2Link implements ConnectionHandler {
  /** The connection under it. */
  readonly conn: Connection;
  /** The streams. */
  readonly h2: Http2Connection;
  /** Why it went: the connection under it, or the rule that the peer broke. Known to streams that are reset because of the former. */
  failure: RpcError | undefined = undefined;
  /** The first bytes that the peer sent, up to nine; `undefined` once they were SETTINGS. */
  first: Uint8Array | undefined = NO_BYTES;
  readonly #wheel: TimerWheel;
  readonly #user: LinkUser;
  readonly #keepalive: Keepalive | undefined;
  readonly #pings: PingWatch | undefined;
  readonly #lifetime: Lifetime | undefined;
  #look: Timer | undefined;
  /** Set once FIN was sent: ends the wait for the peer's. */
  #lingering: Timer | undefined;
  #gone = false;

  /** Nothing happens before `start`. */
  constructor(role: "client" | "server", conn: Connection, wheel: TimerWheel, user: LinkUser, options: LinkOptions) {
    this.conn = conn;
    this.#wheel = wheel;
    this.#user = user;
    const { clock } = wheel;
    const events = new Events(this, user);
    this.h2 = new Http2Connection(role, conn, events, () => clock.now(), options);
    const { keepalive, pingPolicy, maxIdleMs, maxAgeMs } = options;
    if (maxIdleMs !== undefined || maxAgeMs !== undefined) {
      const lifetime = this.#lifetime = new Lifetime(options, wheel, {
        busy: () => this.h2.openStreams > 0,
        leave: () => this.shutdown(),
        end: () => this.goAway(ErrorCode.NO_ERROR, "max_age"),
      });
      events.quiet = () => lifetime.quiet();
    }
    if (keepalive !== undefined && (keepalive.timeMs ?? Infinity) !== Infinity) {
      this.#keepalive = new Keepalive(keepalive, wheel, {
        busy: () => this.h2.openStreams > 0,
        ping: (opaque) => this.h2.ping(opaque),
        silent: (ms) => this.abort(new RpcError("transport", `the peer did not answer a keepalive ping for ${ms} ms`)),
      });
    }
    if (pingPolicy !== undefined) this.#pings = new PingWatch(pingPolicy, () => clock.now());
  }

  /** Begins: on a new connection, or in place of the handler that found out what it speaks. */
  start(): void {
    this.h2.start();
    if (this.h2.role === "server") this.conn.setHandler(this);
    else this.conn.start(this);
    if (this.#gone) return;
    this.#keepalive?.start();
    this.#lifetime?.start();
    this.watch();
  }

  /** True while a client can, or will again, open streams on it. */
  get usable(): boolean {
    return !this.h2.exhausted && this.conn.isActive && !this.#gone;
  }

  /** How many keepalive pings were sent. */
  get pingsSent(): number {
    return this.#keepalive?.sent ?? 0;
  }

  /** A stream was begun or sent something: see that it is not stuck for ever. */
  sent(): void {
    if (this.#look === undefined || !this.#look.active) this.watch();
  }

  /** Lets what began finish and nothing new begin, then closes. Twice is fine. */
  shutdown(): void {
    this.h2.shutdown();
    this.#user.unusable?.();
    this.watch();
  }

  /** Resets all streams and closes, with GOAWAY of `code` and a text for the peer's log. */
  goAway(code: number = ErrorCode.NO_ERROR, debug = ""): void {
    this.h2.close(code, debug);
  }

  /** Drops the connection without a word. */
  abort(reason: RpcError): void {
    this.conn.abort(reason);
  }

  /** Makes sure that what takes too long is noticed. */
  watch(): void {
    if (this.#gone || this.#lingering !== undefined) return;
    const nowMs = this.#wheel.clock.now();
    let atMs = this.h2.nextTickMs();
    if (this.h2.openStreams > 0) atMs = Math.min(atMs, nowMs + LOOK_MS);
    if (atMs === Infinity) return;
    atMs = Math.max(atMs, nowMs + 1);
    if (this.#look === undefined) this.#look = this.#wheel.add(atMs, () => this.#tick());
    else if (!this.#look.active || this.#look.atMs > atMs) this.#wheel.restart(this.#look, atMs);
  }

  data(bytes: Uint8Array): number {
    this.#keepalive?.heard();
    if (this.first !== undefined) this.first = bytes.slice(0, FIRST_BYTES);
    const used = this.h2.receive(bytes);
    this.conn.need = this.h2.need;
    if (this.#look === undefined || !this.#look.active || this.h2.collecting) this.watch();
    return used;
  }

  end(): void {
    if (this.#lingering === undefined) this.#lose(new RpcError("transport", "the peer closed the connection"));
    void this.conn.close();
  }

  drain(): void {
    this.h2.drain();
  }

  idle(): boolean {
    if (this.h2.openStreams === 0) this.goAway(ErrorCode.NO_ERROR, "idle");
    return true;
  }

  close(reason?: unknown): void {
    this.#gone = true;
    for (const timer of [this.#look, this.#lingering]) if (timer !== undefined) this.#wheel.cancel(timer);
    this.#keepalive?.stop();
    this.#lifetime?.stop();
    const text = reason === undefined ? "" : `: ${RpcError.from(reason).message}`;
    this.#lose(new RpcError("transport", `connection closed${text}`, { cause: reason }));
    this.#user.gone(reason);
  }

  /** The peer sent a PING. */
  pinged(): void {
    if (this.#pings?.tooMany(this.h2.openStreams > 0, this.h2.written)) {
      this.goAway(ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings");
    }
  }

  /** No stream is left after `shutdown`. */
  drained(): void {
    this.h2.lost(); // there is nothing left to lose: it only stops writing
    this.#leave();
  }

  /** GOAWAY was written, by a broken rule or by `goAway`. */
  over(error: Http2Error | undefined): void {
    if (error !== undefined) this.failure = error;
    this.#user.unusable?.();
    if (error !== undefined) this.#user.broken?.(error);
    this.#leave();
  }

  #lose(failure: RpcError): void {
    this.failure ??= failure; // the first one is why
    this.h2.lost();
    this.#user.unusable?.();
  }

  #leave(): void {
    if (this.#lingering !== undefined || this.#gone) return;
    if (!this.conn.isActive) return void this.conn.close();
    this.#lingering = this.#wheel.add(this.#wheel.clock.now() + LINGER_MS, () => void this.conn.close());
    this.conn.closeWrite();
  }

  #tick(): void {
    this.h2.tick();
    this.watch();
  }
}

/** Tells the user what is the user's, the link the rest. */
class Events implements Http2Handler {
  /** Only there if somebody counts the time. */
  quiet?: () => void;
  /** Only there if the user has it: HTTP/2 answers by itself otherwise. */
  oversized?: (stream: Http2Stream, headers: HeaderList, ended: boolean) => void;
  readonly #link: Http2Link;
  readonly #user: LinkUser;

  constructor(link: Http2Link, user: LinkUser) {
    this.#link = link;
    this.#user = user;
    if (user.oversized !== undefined) this.oversized = (stream, list, ended) => user.oversized!(stream, list, ended);
  }

  headers(stream: Http2Stream, headers: HeaderList, ended: boolean): void {
    this.#user.headers(stream, headers, ended);
  }

  data(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    this.#user.data(stream, bytes, start, end, ended);
  }

  trailers(stream: Http2Stream, trailers: HeaderList): void {
    this.#user.trailers(stream, trailers);
  }

  reset(stream: Http2Stream, code: number, remote: boolean): void {
    this.#user.reset(stream, code, remote);
  }

  informational(stream: Http2Stream, headers: HeaderList): void {
    this.#user.informational?.(stream, headers);
  }

  writable(stream: Http2Stream): void {
    this.#user.writable?.(stream);
  }

  available(): void {
    this.#user.available?.();
  }

  settings(settings: Settings): void {
    this.#link.first = undefined;
    this.#user.settings?.(settings);
  }

  goaway(lastStreamId: number, code: number, debug: Uint8Array): void {
    this.#user.goaway?.(lastStreamId, code, debug);
    this.#user.unusable?.();
  }

  pinged(): void {
    this.#link.pinged();
  }

  drained(): void {
    this.#link.drained();
  }

  closed(error?: Http2Error): void {
    this.#link.over(error);
  }
}
