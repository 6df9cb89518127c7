/**
 * The channel pool: connections as gRPC's channels manage them, one for each address, shared by all calls at once.
 *
 * @module
 */
import type { ChannelState } from "../discovery/balancer.ts";
import { dialWaits } from "../governance/dial_backoff.ts";
import { RpcError } from "../errors.ts";
import type { Endpoint } from "../io/raw.ts";
import { addressKeys } from "./address_keys.ts";
import type { ChannelWatcher } from "./channel_watcher.ts";
import { CHANNEL_POOL_DEFAULTS } from "./defaults.ts";
import type { ChannelPoolOptions, Pool, PoolHost } from "./pool.ts";
import type { ClientSession } from "./protocol.ts";
import { Subchannel } from "./subchannel.ts";

/** Addresses that are idle and not forgotten: what they failed with, and how often, would grow without end. */
const MAX_IDLE = 1_000;

/** A pool whose addresses have a state that can be asked, followed and changed. */
export interface ChannelPool extends Pool {
  /** How things stand with an address. */
  state(to: Endpoint): ChannelState;
  /** Dials an address that is idle. */
  connect(to: Endpoint): void;
  /** The connection to an address if it takes calls now. */
  ready(to: Endpoint): ClientSession | undefined;
  /** What the last dial of an address failed with, if none went well since. */
  error(to: Endpoint): Error | undefined;
  /** Ends all waits after dials that failed. */
  resetBackoff(): void;
  /** The addresses that were used and are in use still. */
  readonly subchannels: readonly Subchannel[];
  /** Milliseconds without a call after which the client lets its channel rest; 0: any. */
  readonly idleTimeoutMs: number;
  /** When the last call ended, in the clock's milliseconds; `-Infinity` before the first, `Infinity` while calls are under way. */
  readonly usedMs: number;
  /** Closes the connections that no call uses, and forgets all addresses. */
  rest(): void;
  /** Told of each change of a state. */
  onChange: ((endpoint: Endpoint) => void) | undefined;
  /** Told whenever somebody begins to wait for a connection: a call, or who opens them beforehand. */
  onWait: (() => void) | undefined;
  /** Told of addresses and connections; set before the first use. */
  watcher: ChannelWatcher | undefined;
}

/** Does a pool manage its connections as gRPC's channels do? */
export function isChannelPool(pool: Pool): pool is ChannelPool {
  return "subchannels" in pool;
}

/** Makes a channel pool. Throws an `RpcError` of kind `"invalid"` for waits that cannot be used. */
export function channelPool(options: ChannelPoolOptions, host: PoolHost, random: () => number): ChannelPool {
  const { idleTimeoutMs = CHANNEL_POOL_DEFAULTS.idleTimeoutMs } = options;
  if (!(idleTimeoutMs >= 0)) throw new RpcError("invalid", `idleTimeoutMs ${idleTimeoutMs} is less than 0`);
  const keyOf = addressKeys();
  const byAddress = new Map<string, Subchannel>();
  const open = new Set<ClientSession>();
  /** Connections that no further call takes. */
  const left = new Set<ClientSession>();
  /** Calls that wait for a connection. */
  let waiting = 0;
  let endedMs = -Infinity;
  let closed = false;

  const subchannelHost = {
    dial: host.dial,
    wheel: host.wheel,
    waits: dialWaits(options.backoff),
    random,
    changed(subchannel: Subchannel) {
      pool.watcher?.changed(subchannel);
      pool.onChange?.(subchannel.endpoint);
    },
    opened(session: ClientSession, subchannel: Subchannel) {
      pool.watcher?.connected(subchannel, session);
      open.add(session);
      session.conn.onClose(() => {
        open.delete(session);
        left.delete(session);
      });
      if (closed) void session.conn.close();
    },
  };

  function of(to: Endpoint): Subchannel {
    const key = keyOf(to);
    let found = byAddress.get(key);
    if (found === undefined) {
      if (byAddress.size >= MAX_IDLE) forgetIdle();
      byAddress.set(key, found = new Subchannel(to, subchannelHost));
    }
    return found;
  }

  function forgetIdle(): void {
    for (const [key, subchannel] of byAddress) {
      if (subchannel.state !== "idle") continue;
      byAddress.delete(key);
      pool.watcher?.left(subchannel);
    }
  }

  function closeUnused(session: ClientSession): void {
    if (session.pendingCount === 0) void session.conn.close();
  }

  const pool: ChannelPool = {
    keeps: 1,
    onChange: undefined,
    onWait: undefined,
    watcher: undefined,
    get subchannels() {
      return [...byAddress.values()];
    },
    state: (to) => byAddress.get(keyOf(to))?.state ?? "idle",
    connect: (to) => of(to).connect(),
    ready: (to) => byAddress.get(keyOf(to))?.ready,
    error: (to) => byAddress.get(keyOf(to))?.error,
    resetBackoff() {
      for (const subchannel of byAddress.values()) subchannel.resetBackoff();
    },
    idleTimeoutMs,
    get usedMs() {
      for (const { pendingCount } of open) if (pendingCount > 0) return Infinity;
      return waiting > 0 ? Infinity : endedMs;
    },
    rest() {
      for (const { endpoint } of byAddress.values()) pool.leave(endpoint);
    },
    acquire(to) {
      const found = of(to).acquire();
      if (!(found instanceof Promise)) return found;
      pool.onWait?.();
      waiting++;
      const done = (): void => void waiting--;
      found.then(done, done);
      return found;
    },
    release(session) {
      if (idleTimeoutMs > 0) endedMs = host.wheel.turnNow();
      // Other calls go on; a connection that broke has left its subchannel by itself.
      if (left.has(session)) closeUnused(session);
    },
    leave(to) {
      const key = keyOf(to);
      const subchannel = byAddress.get(key);
      if (subchannel === undefined) return;
      const session = subchannel.shutdown();
      byAddress.delete(key);
      pool.watcher?.left(subchannel);
      if (session === undefined) return;
      left.add(session);
      closeUnused(session);
    },
    async close() {
      closed = true;
      for (const subchannel of byAddress.values()) subchannel.shutdown();
      await Promise.all([...open].map((session) => session.conn.close()));
    },
  };
  return pool;
}
