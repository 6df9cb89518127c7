/**
 * A client's connections: one dialer and one timer wheel, and a pool for each protocol that is spoken.
 *
 * @module
 */
import type { Compressor } from "../compressor.ts";
import { RpcError } from "../errors.ts";
import type { Clock } from "../io/clock.ts";
import type { ClientTls, Dialing, Endpoint } from "../io/raw.ts";
import { TimerWheel } from "../io/timer_wheel.ts";
import type { ServiceSchema } from "../schema/service.ts";
import type { ConnectivityTable } from "./connectivity.ts";
import { CLIENT_DEFAULTS } from "./defaults.ts";
import { Dialer } from "./dialer.ts";
import type { Pool, PoolHost } from "./pool.ts";
import { carries, type ClientProtocol } from "./protocol.ts";

/** How a client connects. */
export interface ConnectionsOptions {
  /** Opens connections; a function is asked at the first dial. */
  readonly transport: Dialing | (() => Promise<Dialing>);
  /** Set to connect by TLS. */
  readonly tls?: ClientTls | undefined;
  /** Milliseconds that opening a connection may take. Default 1,000 (Kitex: 50), of the pool `"channel"` 20,000 (gRPC's). */
  readonly connectTimeoutMs?: number | undefined;
  /** Ways to compress that the protocol may use. In the front door `createClient` the runtime's gzip. */
  readonly compressors?: readonly Compressor[] | undefined;
  /** Tells the time; for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** A protocol and the pool of the connections that speak it. */
export interface Route {
  /** What is spoken. */
  readonly protocol: ClientProtocol;
  /** Where its connections come from. */
  readonly pool: Pool;
}

/** All connections of a client. */
export class Connections {
  /** The client's timers. */
  readonly wheel: TimerWheel;
  /**
   * What its calls tell the time by. Waits of theirs that most often end early, as those for backup requests, cost no timer of the
   * runtime; they are exact to a millisecond, and go on when the client is closed.
   */
  readonly clock: Clock;
  readonly #service: ServiceSchema;
  readonly #dialer: Dialer;
  readonly #pools: Pool[] = [];

  /** Dials nothing yet. `connectivity`, if it is given, is told of every dial. */
  constructor(service: ServiceSchema, options: ConnectionsOptions, connectivity?: ConnectivityTable) {
    const { transport, tls, connectTimeoutMs = CLIENT_DEFAULTS.connectTimeoutMs, compressors, clock } = options;
    const wheel = this.wheel = new TimerWheel(clock);
    this.clock = new TimerWheel(wheel.clock, 1);
    this.#service = service;
    this.#dialer = new Dialer({ transport, tls, connectTimeoutMs, service, wheel, compressors, connectivity });
  }

  /**
   * A pool of connections that speak `protocol`; `shared` tells it that calls share a connection. Throws an `RpcError` of kind
   * `"invalid"` if the protocol cannot carry the service.
   */
  route(protocol: ClientProtocol, makePool: (host: PoolHost) => Pool, shared = false): Route {
    const { name, payload } = this.#service;
    if (!carries(protocol, this.#service)) {
      throw new RpcError("invalid", `service ${name} speaks ${payload}, which ${protocol.name} cannot carry`);
    }
    const dial: PoolHost["dial"] = (to, timeoutMs) => this.#dialer.dial(to, protocol, shared, timeoutMs);
    const pool = makePool({ dial, wheel: this.wheel });
    this.#pools.push(pool);
    return { protocol, pool };
  }

  /** Addresses of a host name. Rejects with kind `"connect"`, or `"invalid"` where the transport knows no names. */
  lookup(hostname: string): Promise<readonly string[]> {
    return this.#dialer.lookup(hostname);
  }

  /** An address left the list of instances: its connections are closed as soon as no call uses them. */
  leave(to: Endpoint): void {
    for (const pool of this.#pools) pool.leave(to);
  }

  /** No further connection is opened: what is still being opened is dropped. */
  stopDialling(): void {
    this.#dialer.close();
  }

  /** Closes all, after what was handed to them is sent. */
  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()));
    this.wheel.close();
  }
}
