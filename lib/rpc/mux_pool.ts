/**
 * The mux pool: a few connections an address, each shared by all calls at once.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Timer } from "../io/timer_wheel.ts";
import { addressKeys } from "./address_keys.ts";
import { MUX_POOL_DEFAULTS } from "./defaults.ts";
import type { MuxPoolOptions, Pool, PoolHost } from "./pool.ts";
import type { ClientSession } from "./protocol.ts";

/** A connection that is open. */
interface Open {
  /** Takes it out of its ring. */
  readonly leave: () => void;
  /** True if no further call takes it. */
  left: boolean;
  /** True if a call was over on it since it was looked at last. */
  used: boolean;
  /** When it was first seen without a call, none having used it since. */
  idleMs: number;
}

/** The connections of one address. */
interface Ring {
  readonly slots: (ClientSession | Promise<ClientSession> | undefined)[];
  next: number;
}

/** Makes a mux pool. Throws an `RpcError` of kind `"invalid"` for limits out of their range. */
export function muxPool(options: MuxPoolOptions, host: PoolHost): Pool {
  const connections = options.connections ?? MUX_POOL_DEFAULTS.connections;
  const idleMs = options.maxIdleTimeoutMs ?? MUX_POOL_DEFAULTS.maxIdleTimeoutMs;
  if (!(Number.isInteger(connections) && connections >= 1 && connections <= 1024)) {
    throw new RpcError("invalid", `connections ${connections} is not 1 to 1024`);
  }
  if (!(idleMs === 0 || idleMs >= 2_000)) {
    throw new RpcError("invalid", `maxIdleTimeoutMs ${idleMs} is neither 0 nor at least 2000`);
  }
  const { wheel } = host;
  const keyOf = addressKeys();
  const rings = new Map<string, Ring>();
  const open = new Map<ClientSession, Open>();
  let closed = false;
  let eviction: Timer | undefined;

  function noMoreCalls(session: ClientSession): void {
    const entry = open.get(session);
    if (entry === undefined) return;
    entry.left = true;
    entry.leave();
  }

  /** No further call takes it; it is closed once it has none. */
  function retire(session: ClientSession): void {
    noMoreCalls(session);
    if (session.pendingCount === 0) void session.conn.close();
  }

  function evict(): void {
    eviction = undefined;
    const now = wheel.clock.now();
    for (const [session, entry] of [...open]) {
      if (entry.used || session.pendingCount > 0) {
        entry.used = false;
        entry.idleMs = now;
      } else if (now - entry.idleMs >= idleMs) retire(session);
    }
    arm();
  }

  function arm(): void {
    if (eviction !== undefined || idleMs === 0 || open.size === 0 || closed) return;
    eviction = wheel.add(wheel.clock.now() + idleMs / 2, evict);
  }

  return {
    keeps: connections,
    acquire(to, connectTimeoutMs) {
      const key = keyOf(to);
      let ring = rings.get(key);
      if (ring === undefined) rings.set(key, ring = { slots: new Array(connections).fill(undefined), next: 0 });
      const { slots } = ring;
      const at = ring.next = (ring.next + 1) % connections;
      const slot = slots[at];
      if (slot !== undefined && (slot instanceof Promise || slot.usable)) return slot;
      const empty = (slot: Ring["slots"][number]): void => {
        if (slots[at] !== slot) return;
        slots[at] = undefined;
        if (slots.every((slot) => slot === undefined) && rings.get(key) === ring) rings.delete(key);
      };
      const dialled = host.dial(to, connectTimeoutMs).then((session) => {
        const leave = (): void => empty(session);
        slots[at] = session;
        open.set(session, { leave, left: false, used: true, idleMs: Infinity });
        session.onUnusable = leave;
        session.conn.onClose(() => {
          open.delete(session);
          leave();
        });
        if (!session.usable) leave(); // it broke before anybody listened
        if (closed) void session.conn.close();
        arm();
        return session;
      }, (error) => {
        empty(dialled);
        throw error;
      });
      return slots[at] = dialled;
    },
    release(session) {
      // Other calls go on; a connection that broke has left the ring by itself.
      const entry = open.get(session);
      if (entry === undefined) return;
      entry.used = true;
      if (entry.left) retire(session);
    },
    leave(to) {
      const ring = rings.get(keyOf(to));
      rings.delete(keyOf(to));
      for (const slot of ring?.slots ?? []) {
        // A connection that is being opened has a call waiting for it, so that `release` comes.
        if (slot instanceof Promise) slot.then(noMoreCalls, () => {});
        else if (slot !== undefined) retire(slot);
      }
    },
    async close() {
      closed = true;
      if (eviction !== undefined) wheel.cancel(eviction);
      await Promise.all([...open.keys()].map((session) => session.conn.close()));
    },
  };
}
