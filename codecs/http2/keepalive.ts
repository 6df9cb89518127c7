/**
 * Keepalive both ways: pings that find a dead peer, and a limit on how often a peer may ping.
 *
 * Any byte from the peer counts as life, so pings go out on silent connections only.
 *
 * Spec: gRFC A8 (client-side keepalive), A9 (server-side connection management); values and counting as in grpc-go.
 *
 * @module
 */
import type { Timer, TimerWheel } from "../../lib/io/timer_wheel.ts";

/** How a silent peer is found out. */
export interface KeepaliveOptions {
  /** Milliseconds of silence before a ping. Default: never. */
  readonly timeMs?: number | undefined;
  /** Milliseconds that anything may then take to come before the connection is dropped. Default 20,000. */
  readonly timeoutMs?: number | undefined;
  /** True pings also while no stream is open. Servers do not like that of clients. Default `false`. */
  readonly withoutCalls?: boolean | undefined;
}

/** How often a peer may ping. A third ping too many ends the connection with ENHANCE_YOUR_CALM and `too_many_pings`. */
export interface PingPolicy {
  /** Milliseconds between pings, unless something was sent to the peer since the last. Default 300,000. */
  readonly minTimeMs?: number | undefined;
  /** True allows the same while no stream is open; else it is one ping in two hours then. Default `false`. */
  readonly withoutCalls?: boolean | undefined;
}

/** What a `Keepalive` needs of its connection. */
export interface KeepaliveHost {
  /** Is a stream open? */
  busy(): boolean;
  /** Sends a PING with these 8 octets. */
  ping(opaque: Uint8Array): void;
  /** The peer said nothing for so many milliseconds after a ping. */
  silent(ms: number): void;
}

/** What keepalive does unless told otherwise (grpc-go's, as Kitex). */
export const KEEPALIVE_DEFAULTS: {
  readonly timeMs: number;
  readonly timeoutMs: number;
  readonly withoutCalls: boolean;
} = {
  timeMs: Infinity,
  timeoutMs: 20_000,
  withoutCalls: false,
};
/** How often a peer may ping unless told otherwise (grpc-go's, as Kitex). */
export const PING_POLICY_DEFAULTS = { minTimeMs: 300_000, withoutCalls: false } as const;

const PING = new Uint8Array(8);
/** So many pings too early are forgiven. */
const STRIKES = 2;
const TWO_HOURS_MS = 7_200_000;

/** Pings a peer that is silent. */
export class Keepalive {
  /** How many pings were sent. */
  sent = 0;
  readonly #timeMs: number;
  readonly #timeoutMs: number;
  readonly #withoutCalls: boolean;
  readonly #wheel: TimerWheel;
  readonly #host: KeepaliveHost;
  #timer: Timer | undefined;
  #heard = false;
  #pinged = false;

  /** Nothing happens before `start`. */
  constructor(options: KeepaliveOptions, wheel: TimerWheel, host: KeepaliveHost) {
    this.#timeMs = options.timeMs ?? KEEPALIVE_DEFAULTS.timeMs;
    this.#timeoutMs = options.timeoutMs ?? KEEPALIVE_DEFAULTS.timeoutMs;
    this.#withoutCalls = options.withoutCalls ?? KEEPALIVE_DEFAULTS.withoutCalls;
    this.#wheel = wheel;
    this.#host = host;
  }

  /** Begins to watch. */
  start(): void {
    this.#timer = this.#wheel.add(this.#wheel.clock.now() + this.#timeMs, () => this.#look());
  }

  /** Something came from the peer. */
  heard(): void {
    this.#heard = true;
  }

  /** Ends it. */
  stop(): void {
    if (this.#timer !== undefined) this.#wheel.cancel(this.#timer);
  }

  #look(): void {
    if (this.#pinged && !this.#heard) return this.#host.silent(this.#timeoutMs);
    this.#pinged = !this.#heard && (this.#withoutCalls || this.#host.busy());
    this.#heard = false;
    if (this.#pinged) {
      this.sent++;
      this.#host.ping(PING);
    }
    this.#wheel.restart(this.#timer!, this.#wheel.clock.now() + (this.#pinged ? this.#timeoutMs : this.#timeMs));
  }
}

/** Counts a peer's pings. */
export class PingWatch {
  readonly #minTimeMs: number;
  readonly #withoutCalls: boolean;
  readonly #now: () => number;
  #lastMs = -Infinity;
  #strikes = 0;
  #written = 0;

  /** `now` gives monotonic milliseconds. */
  constructor(policy: PingPolicy, now: () => number) {
    this.#minTimeMs = policy.minTimeMs ?? PING_POLICY_DEFAULTS.minTimeMs;
    this.#withoutCalls = policy.withoutCalls ?? PING_POLICY_DEFAULTS.withoutCalls;
    this.#now = now;
  }

  /**
   * A ping came; true if it is one too many. `busy`: a stream is open. `written`: how often something was sent to the peer;
   * after that a ping is free, since peers measure by it.
   */
  tooMany(busy: boolean, written: number): boolean {
    const nowMs = this.#now();
    const least = busy || this.#withoutCalls ? this.#minTimeMs : TWO_HOURS_MS;
    if (written !== this.#written) this.#strikes = 0;
    else if (nowMs < this.#lastMs + least) this.#strikes++;
    this.#written = written;
    this.#lastMs = nowMs;
    return this.#strikes > STRIKES;
  }
}
