/**
 * How long a server keeps a connection: its age, and how long it may be without a call.
 *
 * Spec: gRFC A9 (server-side connection management).
 *
 * @module
 */
import type { Timer, TimerWheel } from "../../lib/io/timer_wheel.ts";

/** What bounds the life of a server's connections. */
export interface LifetimeOptions {
  /** Server: milliseconds without a call after which a connection is told to go. Default: never. */
  readonly maxIdleMs?: number | undefined;
  /** Server: milliseconds after which a connection is told to go, give or take a tenth. Default: never. */
  readonly maxAgeMs?: number | undefined;
  /** Server: milliseconds it may then take to finish its calls. Default: any. */
  readonly maxAgeGraceMs?: number | undefined;
}

/** What a `Lifetime` needs of its connection. */
export interface LifetimeHost {
  /** Is a stream open? */
  busy(): boolean;
  /** Lets what began finish, and closes. */
  leave(): void;
  /** Closes now. */
  end(): void;
}

/** The defaults, and by how much the age is varied, so that connections made together do not end together (grpc-go's, as Kitex). */
export const LIFETIME_DEFAULTS: { readonly [K in keyof LifetimeOptions]-?: number } & { readonly ageJitter: number } = {
  maxIdleMs: Infinity,
  maxAgeMs: Infinity,
  maxAgeGraceMs: Infinity,
  ageJitter: 0.1,
};

/** Tells a connection when it is to go. */
export class Lifetime {
  readonly #options: LifetimeOptions;
  readonly #wheel: TimerWheel;
  readonly #host: LifetimeHost;
  #age: Timer | undefined;
  #idle: Timer | undefined;
  /** Since when no stream is open, if none is. */
  #quietMs = 0;

  /** Nothing happens before `start`. */
  constructor(options: LifetimeOptions, wheel: TimerWheel, host: LifetimeHost) {
    this.#options = options;
    this.#wheel = wheel;
    this.#host = host;
  }

  /** Begins to count. */
  start(): void {
    const { maxIdleMs = LIFETIME_DEFAULTS.maxIdleMs, maxAgeMs = LIFETIME_DEFAULTS.maxAgeMs } = this.#options;
    const nowMs = this.#quietMs = this.#wheel.clock.now();
    if (maxAgeMs !== Infinity) {
      const ageMs = maxAgeMs * (1 + LIFETIME_DEFAULTS.ageJitter * (2 * Math.random() - 1));
      this.#age = this.#wheel.add(nowMs + ageMs, () => this.#grow());
    }
    if (maxIdleMs !== Infinity) this.#idle = this.#wheel.add(nowMs + maxIdleMs, () => this.#rest(maxIdleMs));
  }

  /** The last stream that was open is over. */
  quiet(): void {
    this.#quietMs = this.#wheel.clock.now();
  }

  /** Ends it. */
  stop(): void {
    for (const timer of [this.#age, this.#idle]) if (timer !== undefined) this.#wheel.cancel(timer);
  }

  #grow(): void {
    const { maxAgeGraceMs = LIFETIME_DEFAULTS.maxAgeGraceMs } = this.#options;
    this.#host.leave();
    if (maxAgeGraceMs === Infinity) return;
    this.#age = this.#wheel.add(this.#wheel.clock.now() + maxAgeGraceMs, () => this.#host.end());
  }

  #rest(maxIdleMs: number): void {
    const nowMs = this.#wheel.clock.now();
    const leftMs = this.#host.busy() ? maxIdleMs : this.#quietMs + maxIdleMs - nowMs;
    if (leftMs > 0) this.#wheel.restart(this.#idle!, nowMs + leftMs);
    else this.#host.leave();
  }
}
