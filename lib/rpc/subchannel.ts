/**
 * One address as a client whose connections are managed sees it: at most one connection that takes calls, dialled when it is
 * asked for, and with gRPC's waits where that fails.
 *
 * ```text
 *            connect()            the server's first words
 *    idle ----------> connecting --------------------------> ready
 *     ^ ^                 |                                    |
 *     | |                 | failed or too slow                 |
 *     | |                 v                                    |
 *     | '----- transient-failure                               |
 *     |  waited                                                |
 *     '--------------------------------------------------------'
 *                  GOAWAY, or the connection is lost
 * ```
 *
 * Spec: gRPC's connectivity-semantics-and-api.md and connection-backoff.md.
 *
 * @module
 */
import type { ChannelState } from "../discovery/balancer.ts";
import { RpcError } from "../errors.ts";
import { dialWaitMs, type DialWaits } from "../governance/dial_backoff.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { Timer, TimerWheel } from "../io/timer_wheel.ts";
import type { ClientSession } from "./protocol.ts";

/** What a subchannel is made over. */
export interface SubchannelHost {
  /** Opens a connection within `timeoutMs` and starts the protocol on it. Rejects with an `RpcError`. */
  dial(to: Endpoint, timeoutMs: number): Promise<ClientSession>;
  /** The client's timers. */
  readonly wheel: TimerWheel;
  /** The waits between dials. */
  readonly waits: DialWaits;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
  /** The state has changed. Must not throw. */
  changed(subchannel: Subchannel): void;
  /** A connection is open; `onClose` of it tells when it is gone. */
  opened(session: ClientSession, subchannel: Subchannel): void;
}

/** One address. */
export class Subchannel {
  /** The address. */
  readonly endpoint: Endpoint;
  readonly #host: SubchannelHost;
  #state: ChannelState = "idle";
  #session: ClientSession | undefined;
  /** The connection whose server has said nothing yet. */
  #greeting: ClientSession | undefined;
  #dialling: Promise<ClientSession> | undefined;
  #error: RpcError | undefined;
  #failures = 0;
  #timer: Timer | undefined;

  /** Begins idle. */
  constructor(endpoint: Endpoint, host: SubchannelHost) {
    this.endpoint = endpoint;
    this.#host = host;
  }

  /** Where it stands. */
  get state(): ChannelState {
    return this.#state;
  }

  /** What the last dial failed with, if none went well since. */
  get error(): RpcError | undefined {
    return this.#error;
  }

  /** The connection if it can take a call now. */
  get ready(): ClientSession | undefined {
    const session = this.#session;
    return session !== undefined && session.usable ? session : undefined;
  }

  /** Dials, if it is idle. */
  connect(): void {
    if (this.#state === "idle") void this.#dial();
  }

  /** A connection that takes calls; dials if it is idle. Rejects or throws with an `RpcError` that tells why there is none. */
  acquire(): ClientSession | Promise<ClientSession> {
    const { ready } = this;
    if (ready !== undefined) return ready;
    if (this.#state === "transient-failure") throw this.#error!;
    if (this.#state === "shutdown") throw unlisted();
    return this.#dialling ?? this.#dial();
  }

  /** Ends the wait after a dial that failed, and begins with the shortest again. */
  resetBackoff(): void {
    this.#failures = 0;
    if (this.#state === "transient-failure") this.#waited();
  }

  /** Dials no more; the caller looks after the connection there is. */
  shutdown(): ClientSession | undefined {
    const session = this.#session;
    this.#session = undefined;
    this.#stopTimer();
    this.#move("shutdown");
    this.#greeting?.conn.abort(unlisted());
    return session;
  }

  /** Rejects with what it fails with; nobody has to listen. */
  #dial(): Promise<ClientSession> {
    const dialling = this.#dialling = this.#open();
    dialling.catch(() => {}); // told by the state
    return dialling;
  }

  async #open(): Promise<ClientSession> {
    const { wheel, waits, random } = this.#host;
    const againMs = wheel.clock.now() + dialWaitMs(waits, this.#failures, random);
    const timeoutMs = Math.max(waits.minConnectTimeoutMs, againMs - wheel.clock.now());
    this.#move("connecting");
    try {
      const session = await this.#host.dial(this.endpoint, timeoutMs);
      this.#refuseAfterShutdown(session);
      await this.#greeted(session, timeoutMs);
      this.#refuseAfterShutdown(session);
      this.#dialling = undefined;
      this.#failures = 0;
      this.#error = undefined;
      this.#session = session;
      this.#host.opened(session, this);
      session.onUnusable = () => this.#lost(session);
      session.conn.onClose(() => this.#lost(session));
      if (session.usable) this.#move("ready");
      else this.#lost(session);
      return session;
    } catch (reason) {
      this.#dialling = undefined;
      const cause = RpcError.from(reason, "connect");
      const error = new RpcError("unavailable", cause.message, { cause, code: 14, retryable: true });
      if (this.#state !== "connecting") throw error;
      this.#error = error;
      this.#failures++;
      this.#timer = wheel.add(againMs, () => this.#waited());
      this.#move("transient-failure");
      throw error;
    }
  }

  #refuseAfterShutdown({ conn }: ClientSession): void {
    if (this.#state !== "shutdown") return;
    conn.abort(unlisted());
    throw unlisted();
  }

  /** Waits for the server's first words. */
  async #greeted(session: ClientSession, timeoutMs: number): Promise<void> {
    if (session.greeted === undefined) return;
    this.#greeting = session;
    const { wheel } = this.#host;
    const timer = wheel.add(wheel.clock.now() + timeoutMs, () => {
      const to = describeEndpoint(this.endpoint);
      session.conn.abort(new RpcError("connect", `${to} said nothing for ${Math.round(timeoutMs)} ms`));
    });
    try {
      await session.greeted;
    } finally {
      this.#greeting = undefined;
      wheel.cancel(timer);
    }
  }

  #lost(session: ClientSession): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    if (this.#state === "ready" || this.#state === "connecting") this.#move("idle");
  }

  #waited(): void {
    this.#stopTimer();
    if (this.#state === "transient-failure") this.#move("idle");
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#host.wheel.cancel(this.#timer);
    this.#timer = undefined;
  }

  #move(to: ChannelState): void {
    if (this.#state === to || this.#state === "shutdown") return;
    this.#state = to;
    this.#host.changed(this);
  }
}

function unlisted(): RpcError {
  return new RpcError("unavailable", "the address left the client's list", { code: 14, retryable: true });
}
