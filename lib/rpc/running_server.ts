/**
 * A server that listens: its connections, their protocols, and the way it ends.
 *
 * Closing loses no accepted call: the listener goes first, then every connection answers what it received and is
 * closed, then whatever is still running after the exit wait is ended.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { respondToFetch } from "../http/fetch.ts";
import type { Connection } from "../io/connection.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import { EventLoop } from "../io/event_loop.ts";
import type { Endpoint, ListenOptions, RawListener, Transport } from "../io/raw.ts";
import { TimerWheel } from "../io/timer_wheel.ts";
import { hasContext, runInContext } from "./async_context.ts";
import type { Call } from "./call.ts";
import { SERVER_DEFAULTS } from "./defaults.ts";
import { detectProtocol } from "./detect.ts";
import type { MethodEntry, MethodTable } from "./method_table.ts";
import { LifeCycle, type ServerState } from "./life_cycle.ts";
import { compose, isPromise } from "./middleware.ts";
import type { ServerHost, ServerSession } from "./protocol.ts";
import { respondBy } from "./respond.ts";
import type { ServerOptions } from "./server.ts";

/** A peer's request may be under way when the server decides to close: so long its connection is still read. */
export const LAST_REQUESTS_MS = 100;

/** How long connections may take to send what was answered once the exit wait is over. */
const LAST_ANSWERS_MS = 1_000;

/** What a server has done so far. */
export interface ServerStats {
  /** Connections open now. */
  readonly connections: number;
  /** Connections accepted in all. */
  readonly accepted: number;
  /** Connections closed because of what they sent, or because there were too many. */
  readonly refused: number;
  /** Calls running now. */
  readonly running: number;
  /** Calls begun in all. */
  readonly calls: number;
  /** Calls whose handler failed with an error the IDL does not declare. */
  readonly failed: number;
}

/** A server that listens on one address. */
export class RunningServer {
  readonly #wheel: TimerWheel;
  readonly #options: ServerOptions;
  readonly #loop: EventLoop;
  readonly #lifeCycle: LifeCycle;
  readonly #host: ServerHost;
  readonly #sessions = new Map<Connection, ServerSession>();
  #listener: RawListener | undefined;
  #closing: Promise<void> | undefined;
  #forgetSignal: (() => void) | undefined;
  #accepted = 0;
  #refused = 0;
  #calls = 0;
  #running = 0;
  #failed = 0;

  /** Made by `Server.listen`. */
  constructor(methods: MethodTable, options: ServerOptions) {
    this.#options = options;
    this.#wheel = new TimerWheel(options.clock);
    this.#lifeCycle = new LifeCycle(options, this.#wheel.clock, (error) => this.#report(error, undefined));
    const host = this.#host = this.#makeHost(methods);
    this.#loop = new EventLoop({
      onPrepare: (conn) => this.#admit(conn),
      session: (conn) => detectProtocol(conn, options.protocols, host, (session) => this.#sessions.set(conn, session)),
      onShutdown: () => {}, // each connection goes when its session is done
      onClose: (conn) => void this.#sessions.delete(conn),
    }, {
      wheel: this.#wheel,
      idleTimeoutMs: options.idleTimeoutMs ?? SERVER_DEFAULTS.idleTimeoutMs,
      readTimeoutMs: options.readTimeoutMs ?? SERVER_DEFAULTS.readTimeoutMs,
      writeTimeoutMs: options.writeTimeoutMs ?? SERVER_DEFAULTS.writeTimeoutMs,
    });
  }

  /** Begins to listen, runs the start hooks and registers the server; once. */
  async open(transport: Transport, on: Endpoint, options: ListenOptions): Promise<void> {
    this.#listener = await this.#loop.listen(transport, on, options);
    for (const protocol of this.#options.protocols) protocol.watchServer?.(this, this.#host);
    try {
      await this.#lifeCycle.start(this.local);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Where it stands: `"ready"` is what readiness probes and health checks ask for. */
  get state(): ServerState {
    return this.#lifeCycle.state;
  }

  /** Tells of every change of `state` from now on; gives what ends that. The listener must not throw. */
  onStateChange(listener: (state: ServerState) => void): () => void {
    return this.#lifeCycle.onChange(listener);
  }

  /** Closes when the signal fires. */
  closeOn(signal: AbortSignal): void {
    const close = (): void => void this.close();
    signal.addEventListener("abort", close, { once: true });
    this.#forgetSignal = () => signal.removeEventListener("abort", close);
    if (signal.aborted) close();
  }

  /** Where it listens, with the real port. */
  get local(): Endpoint {
    if (this.#listener === undefined) throw new RpcError("invalid", "the server does not listen");
    return this.#listener.local;
  }

  /** The port it listens on; 0 on a unix socket. */
  get port(): number {
    const local = this.local;
    return "port" in local ? local.port : 0;
  }

  /** Where it listens as a client's `to` takes it: `127.0.0.1:8888`, `unix:/path`. */
  get address(): string {
    return describeEndpoint(this.local);
  }

  /** What it has done so far. */
  get stats(): ServerStats {
    return {
      connections: this.#loop.size,
      accepted: this.#accepted,
      refused: this.#refused,
      running: this.#running,
      calls: this.#calls,
      failed: this.#failed,
    };
  }

  /** Answers a Web-standard request, as `Server.fetch` does. */
  async fetch(request: Request): Promise<Response> {
    const { respond } = this.#host;
    if (respond === undefined) {
      const names = this.#options.protocols.map(({ name }) => name).join(", ");
      throw new RpcError("invalid", `${names} cannot be served by fetch: add a protocol that can, such as connect()`);
    }
    return await respondToFetch(request, respond);
  }

  /**
   * Runs the shutdown hooks, takes the server out of its registry, stops listening, lets accepted calls be answered for up to
   * `exitWaitMs`, ends the rest with kind `"unavailable"`, and closes all connections. Twice is fine: both wait for the same end.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What the sessions of its connections see of it. */
  #makeHost(methods: MethodTable): ServerHost {
    return {
      respond: respondBy(this.#options.protocols, () => this.#host),
      methods,
      wheel: this.#wheel,
      maxConcurrentCalls: this.#options.maxConcurrentCalls ?? SERVER_DEFAULTS.maxConcurrentCalls,
      admission: this.#options.limit,
      compressors: this.#options.compressors ?? [],
      wrap: (handler) => compose(this.#options.use ?? [], handler),
      run: (entry, call) => {
        this.#calls++;
        const outcome = this.#run(entry, call);
        if (isPromise(outcome) || entry.method.streaming !== "unary") this.#running++;
        return outcome;
      },
      done: () => void this.#running--,
      failed: (error, call) => {
        this.#failed++;
        this.#report(error, call);
      },
      refused: (error) => this.#refuse(error),
    };
  }

  #run(entry: MethodEntry, call: Call): unknown {
    const { asyncContext } = this.#options;
    if (asyncContext === undefined || !hasContext(call)) return entry.run(call);
    return runInContext(asyncContext, call, () => entry.run(call));
  }

  #refuse(error: RpcError): void {
    this.#refused++;
    this.#report(error, undefined);
  }

  #admit(conn: Connection): void {
    const { maxConnections = SERVER_DEFAULTS.maxConnections, limit } = this.#options;
    const open = this.#loop.size;
    this.#accepted++;
    const error = maxConnections > 0 && open > maxConnections
      ? new RpcError("overload", `connection ${open} exceeds ${maxConnections}`)
      : limit?.admitConnection?.(open);
    if (error === undefined) return;
    this.#refuse(error);
    conn.abort(error);
  }

  /** Ends the calls that run now with kind `"unavailable"`. A server that closes then has nothing to wait for. */
  abort(): void {
    this.#end();
  }

  async #close(): Promise<void> {
    this.#forgetSignal?.();
    // Timers keep no process alive, and neither does a connection that only waits: closing must come to its end.
    const awake = setInterval(() => {}, 60_000);
    try {
      const leaving = this.#lifeCycle.drain();
      if (leaving !== undefined) await leaving;
      await this.#stop();
    } finally {
      clearInterval(awake);
      this.#lifeCycle.end();
    }
  }

  async #stop(): Promise<void> {
    const { clock } = this.#wheel;
    const exitWaitMs = this.#options.exitWaitMs ?? SERVER_DEFAULTS.exitWaitMs;
    const over = new AbortController();
    const steps = [
      clock.after(Math.min(LAST_REQUESTS_MS, exitWaitMs), () => this.#drain()),
      clock.after(exitWaitMs, () => this.#end()),
      clock.after(exitWaitMs + LAST_ANSWERS_MS, () => over.abort()),
    ];
    for (const session of this.#sessions.values()) session.announce?.();
    try {
      // Connections that the system had accepted before are served like the others, so the loop shuts down after it.
      await this.#listener?.close();
      await this.#loop.shutdown({ signal: over.signal, force: true });
    } finally {
      for (const cancel of steps) cancel();
      this.#wheel.close();
    }
  }

  #drain(): void {
    for (const conn of [...this.#loop.connections]) {
      const session = this.#sessions.get(conn);
      if (session === undefined) void conn.close();
      else session.shutdown();
    }
  }

  #end(): void {
    const error = new RpcError("unavailable", "the server is closing");
    for (const session of [...this.#sessions.values()]) session.abort(error);
  }

  #report(error: RpcError, call: Call | undefined): void {
    try {
      this.#options.onError?.(error, call);
    } catch {
      // A reporter that fails must not end the process; there is nobody else to tell.
    }
  }
}
