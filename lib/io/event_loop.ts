/**
 * Serving connections without a protocol: accepts, keeps the order of the callbacks, and shuts down gracefully.
 *
 * Order for each connection: `onPrepare`, `onConnect`, `onRequest` any number of times, `onDisconnect` if the peer left
 * first, `onClose`. Nothing here polls: each step follows from bytes, from a callback's end, or from a close.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { BufferPool } from "./buffer_pool.ts";
import { BufferedConnection } from "./buffered_connection.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHandler } from "./connection_handler.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import type { Endpoint, ListenOptions, RawConn, RawListener, Transport } from "./raw.ts";
import { TimerWheel } from "./timer_wheel.ts";

/** What a server does with its connections. A callback that throws or rejects aborts that connection alone. */
export interface EventHandlers {
  /** Accepted, nothing read yet: may set things up or `abort` (a limit on connections), must not read or write. */
  onPrepare?(connection: Connection): void;
  /** Once, before any `onRequest`, which waits for the promise. May read, write and close. */
  onConnect?(connection: BufferedConnection): void | Promise<void>;
  /**
   * There is input. Never runs twice at once for a connection; runs again while input is left and some was consumed,
   * else when more has come. Input that came before the peer left gets its call, too.
   */
  onRequest?(connection: BufferedConnection): void | Promise<void>;
  /** The peer has left; `isActive` is false. Once, after `onConnect` has ended; an `onRequest` may still run. */
  onDisconnect?(connection: BufferedConnection): void;
  /** The connection is gone, and no callback of it runs any more. Once, last. */
  onClose?(connection: Connection, reason: unknown): void;
  /** Push mode: gives the handler of a new connection, which takes the place of all the above but `onPrepare` and `onClose`. */
  session?(connection: Connection): ConnectionHandler;
  /** Push mode: the server shuts down; end when what has come is answered. Default: closes at once after flushing. */
  onShutdown?(connection: Connection): void;
}

/** How a shutdown goes. */
export interface ShutdownOptions {
  /** Ends the waiting for busy connections. Default: waits for ever. */
  readonly signal?: AbortSignal;
  /**
   * What then: true aborts them and waits for none of their callbacks, false leaves them be and rejects with the
   * signal's reason. Default `false`.
   */
  readonly force?: boolean;
}

/** A server of connections, on any number of addresses. */
export class EventLoop {
  readonly #handlers: EventHandlers;
  readonly #options: ConnectionOptions;
  readonly #wheel: TimerWheel | undefined;
  readonly #listeners = new Set<RawListener>();
  readonly #served = new Map<Connection, Served | undefined>();
  #closing = false;
  #allGone: (() => void)[] = [];

  /** `options` are those of each connection; the wheel and the pool, if left out, are made once for all. */
  constructor(handlers: EventHandlers, options: ConnectionOptions = {}) {
    this.#handlers = handlers;
    if (options.wheel === undefined) this.#wheel = new TimerWheel();
    const wheel = options.wheel ?? this.#wheel!;
    this.#options = { ...options, wheel, pool: options.pool ?? new BufferPool() };
  }

  /** The connections that are open, or have a callback running. */
  get connections(): Iterable<Connection> {
    return this.#served.keys();
  }

  /** How many `connections` there are. */
  get size(): number {
    return this.#served.size;
  }

  /** Serves one more address. Rejects as `Transport.listen`, and with kind `unavailable` after `shutdown`. */
  async listen(transport: Transport, on: Endpoint, options?: ListenOptions): Promise<RawListener> {
    const refuse = (): RpcError => new RpcError("unavailable", "the server has shut down");
    if (this.#closing) throw refuse();
    const listener = await transport.listen(on, (raw) => this.accept(raw), options);
    if (this.#closing) {
      await listener.close();
      throw refuse();
    }
    this.#listeners.add(listener);
    return listener;
  }

  /** Serves a connection that came another way; `raw` must not have been started. */
  accept(raw: RawConn): void {
    if (this.#closing) return raw.abort(new RpcError("unavailable", "the server has shut down"));
    const handlers = this.#handlers;
    const pulled = handlers.session === undefined ? new BufferedConnection(raw, this.#options) : undefined;
    const connection = pulled ?? new Connection(raw, this.#options);
    this.#served.set(connection, undefined);
    const gone = (reason: unknown): void => this.#gone(connection, reason);
    try {
      handlers.onPrepare?.(connection);
      if (connection.closed) {
        connection.onClose(gone);
      } else if (pulled === undefined) {
        const handler = handlers.session!(connection);
        connection.onClose(gone);
        connection.start(handler);
      } else {
        const served = new Served(pulled, handlers, gone);
        this.#served.set(pulled, served);
        served.start();
      }
    } catch (error) {
      connection.onClose(gone);
      connection.abort(error);
    }
  }

  /**
   * Stops accepting, closes idle connections, and each other one when its `onRequest` has ended and its input is
   * consumed. Resolves when all are gone. May be called again, with another signal.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { signal, force = false } = options;
    this.#closing = true;
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
    this.#listeners.clear();
    for (const [connection, served] of [...this.#served]) this.#leave(connection, served);
    if (this.#served.size > 0) await this.#wait(signal, force);
    this.#wheel?.close();
  }

  /** Shuts down without waiting for anybody. */
  close(): Promise<void> {
    return this.shutdown({ signal: AbortSignal.abort(), force: true });
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #leave(connection: Connection, served: Served | undefined): void {
    if (served !== undefined) return served.leave();
    try {
      if (this.#handlers.onShutdown === undefined) void connection.close();
      else this.#handlers.onShutdown(connection);
    } catch (error) {
      connection.abort(error);
    }
  }

  #wait(signal: AbortSignal | undefined, force: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#allGone = this.#allGone.filter((fn) => fn !== done);
        if (!force) return reject(signal!.reason);
        const reason = new RpcError("unavailable", "the server has shut down", { cause: signal!.reason });
        for (const connection of [...this.#served.keys()]) connection.abort(reason);
        resolve();
      };
      const done = (): void => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      this.#allGone.push(done);
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    });
  }

  #gone(connection: Connection, reason: unknown): void {
    if (!this.#served.delete(connection)) return;
    try {
      this.#handlers.onClose?.(connection, reason);
    } catch (error) {
      this.#options.onError?.(error);
    }
    if (this.#served.size > 0) return;
    for (const fn of this.#allGone.splice(0)) fn();
  }
}

type Phase = "new" | "connecting" | "ready" | "requesting";

/** The state of one connection in pull mode: which callback runs, and which are due. */
class Served {
  readonly #connection: BufferedConnection;
  readonly #handlers: EventHandlers;
  readonly #gone: (reason: unknown) => void;
  #phase: Phase = "new";
  /** Input is there that no `onRequest` has left untouched. */
  #fresh = false;
  #startedAt = 0;
  /** The peer has left, and `onDisconnect` knows. */
  #ended = false;
  #endTold = false;
  #leaving = false;
  #closed = false;
  #reason: unknown;

  constructor(connection: BufferedConnection, handlers: EventHandlers, gone: (reason: unknown) => void) {
    this.#connection = connection;
    this.#handlers = handlers;
    this.#gone = gone;
  }

  start(): void {
    this.#connection.startPull({
      readable: () => {
        this.#fresh = true;
        this.#advance();
      },
      end: () => {
        this.#ended = true;
        this.#advance();
      },
      close: (reason, byPeer) => {
        if (byPeer) this.#ended = true;
        this.#closed = true;
        this.#reason = reason;
        this.#advance();
      },
    });
    this.#advance();
  }

  leave(): void {
    this.#leaving = true;
    this.#advance();
  }

  /** Runs what is due, one callback after the other. */
  #advance(): void {
    for (;;) {
      if (this.#ended && !this.#endTold) this.#tellEnd();
      if (this.#phase === "new") this.#call("connecting", this.#handlers.onConnect);
      else if (this.#phase === "ready" && this.#fresh && this.#requestDue()) {
        this.#fresh = false;
        this.#startedAt = this.#connection.reader.position;
        this.#call("requesting", this.#handlers.onRequest);
      } else break;
    }
    if (this.#phase !== "ready") return;
    if (this.#closed) return this.#gone(this.#reason);
    const { onConnect, onRequest } = this.#handlers;
    const served = onConnect !== undefined || onRequest !== undefined;
    if (this.#ended ? served : this.#leaving && this.#connection.reader.len === 0) void this.#connection.close();
  }

  #requestDue(): boolean {
    return this.#handlers.onRequest !== undefined && !this.#connection.closed && this.#connection.reader.len > 0;
  }

  #call(phase: Phase, fn: ((connection: BufferedConnection) => void | Promise<void>) | undefined): void {
    this.#phase = phase;
    try {
      const result = fn?.call(this.#handlers, this.#connection);
      if (result !== undefined) {
        result.then(() => this.#settled(), (error) => {
          this.#connection.abort(error);
          this.#settled();
        });
        return;
      }
    } catch (error) {
      this.#connection.abort(error);
    }
    this.#called();
  }

  #settled(): void {
    this.#called();
    this.#advance();
  }

  #called(): void {
    // Another call is due if some of the input was consumed; if none was, only more input makes a difference.
    if (this.#phase === "requesting" && this.#connection.reader.position > this.#startedAt) this.#fresh = true;
    this.#phase = "ready";
  }

  #tellEnd(): void {
    if (this.#phase === "new" || this.#phase === "connecting") return;
    this.#endTold = true;
    try {
      this.#handlers.onDisconnect?.(this.#connection);
    } catch (error) {
      this.#connection.abort(error);
    }
  }
}
