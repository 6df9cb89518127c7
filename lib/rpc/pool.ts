/**
 * Where a client's connections come from: kept and reused (`long`), one a call (`short`), shared by many calls at once (`mux`),
 * or that and managed as gRPC does (`channel`). The names, the rules and the limits of the long pool are Kitex's.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { DialBackoff } from "../governance/dial_backoff.ts";
import type { Endpoint } from "../io/raw.ts";
import type { TimerWheel } from "../io/timer_wheel.ts";
import { channelPool } from "./channel_pool.ts";
import { type ConnectionReporter, reportConnections } from "./connection_events.ts";
import { longPool } from "./long_pool.ts";
import { muxPool } from "./mux_pool.ts";
import type { ClientSession } from "./protocol.ts";

/** Connections that carry one call at a time and are kept for the next. */
export interface LongPoolOptions {
  /** Kept and reused. */
  readonly type: "long";
  /** Idle connections kept for one address. Default 10. */
  readonly maxIdlePerAddress?: number;
  /** Idle connections kept in all. Default 100. */
  readonly maxIdleGlobal?: number;
  /** Milliseconds a connection may idle; at least 2,000. Default 60,000. */
  readonly maxIdleTimeoutMs?: number;
  /** Idle connections an address keeps however long they idle, 0 to 5. Default 0. */
  readonly minIdlePerAddress?: number;
}

/** A connection for each call. */
export interface ShortPoolOptions {
  /** One a call. */
  readonly type: "short";
}

/** Connections that carry many calls at once, told apart by their sequence ids. */
export interface MuxPoolOptions {
  /** Shared by many calls at once. */
  readonly type: "mux";
  /** Connections for one address; calls go round them. Default 1. */
  readonly connections?: number;
  /**
   * Milliseconds a connection may be without a call; at least 2,000, or 0: any. Checked at half that interval. Default 60,000 (Kitex's
   * for its streams).
   */
  readonly maxIdleTimeoutMs?: number;
}

/**
 * One connection for each address, shared by many calls at once and managed as gRPC's channels do: it counts once the server has
 * said its first words, and an address that cannot be reached is left alone for a while, during which calls fail at once.
 */
export interface ChannelPoolOptions {
  /** Managed. */
  readonly type: "channel";
  /** The waits between dials of an address that cannot be reached. Default: gRPC's. */
  readonly backoff?: DialBackoff | undefined;
  /**
   * Milliseconds without a call after which all connections are closed, and nothing is looked up; the next call begins anew. 0:
   * never. Default 1,800,000 (gRPC's).
   */
  readonly idleTimeoutMs?: number | undefined;
}

/** Which pool a client uses. */
export type PoolOptions = LongPoolOptions | ShortPoolOptions | MuxPoolOptions | ChannelPoolOptions;

/** Gives connections to calls and takes them back. */
export interface Pool {
  /** Connections to one address that it keeps for later calls. */
  readonly keeps: number;
  /**
   * A session that can take a call now; a promise where it must be dialled, within `connectTimeoutMs` if it is given. One that is
   * being dialled for another call has that call's time; a channel pool has its own. Rejects with kind `"connect"`.
   */
  acquire(to: Endpoint, connectTimeoutMs?: number): ClientSession | Promise<ClientSession>;
  /** Takes a session back: `reusable` is false if its call was given up or broke. */
  release(session: ClientSession, reusable: boolean): void;
  /** An address left the list of instances: its connections are closed as soon as no call uses them. */
  leave(to: Endpoint): void;
  /** The connection to an address if it takes calls now. Left out by pools that do not know before they are asked for one. */
  ready?(to: Endpoint): ClientSession | undefined;
  /** Closes all connections, after what was handed to them is sent. */
  close(): Promise<void>;
}

/** What a pool is made over. */
export interface PoolHost {
  /** Opens a connection, within the client's time or `timeoutMs`, and starts the protocol on it. Rejects with kind `"connect"`. */
  dial(to: Endpoint, timeoutMs?: number): Promise<ClientSession>;
  /** Timers for idle connections. */
  readonly wheel: TimerWheel;
}

/** Makes the pool that the options name; `random` gives numbers from 0 up to but not including 1, `report` is told of connections. */
export function createPool(
  options: PoolOptions,
  host: PoolHost,
  random: () => number,
  report?: ConnectionReporter,
): Pool {
  return report === undefined
    ? poolOf(options, host, random)
    : reportConnections(host, report, (host) => poolOf(options, host, random));
}

function poolOf(options: PoolOptions, host: PoolHost, random: () => number): Pool {
  switch (options.type) {
    case "long":
      return longPool(options, host);
    case "short":
      return shortPool(host);
    case "mux":
      return muxPool(options, host);
    case "channel":
      return channelPool(options, host, random);
    default:
      throw new RpcError(
        "invalid",
        `pool type ${JSON.stringify((options as PoolOptions).type)} is not long, short, mux or channel`,
      );
  }
}

function shortPool(host: PoolHost): Pool {
  const open = new Set<ClientSession>();
  return {
    keeps: 0,
    async acquire(to, connectTimeoutMs) {
      const session = await host.dial(to, connectTimeoutMs);
      open.add(session);
      session.conn.onClose(() => open.delete(session));
      return session;
    },
    release(session, reusable) {
      if (reusable) void session.conn.close();
      else session.conn.abort();
    },
    leave() {
      // None is kept.
    },
    async close() {
      await Promise.all([...open].map((session) => session.conn.close()));
    },
  };
}
