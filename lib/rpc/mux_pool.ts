/**
 * The mux pool: a few connections an address, each shared by all calls at once.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { addressKeys } from "./address_keys.ts";
import type { MuxPoolOptions, Pool, PoolHost } from "./pool.ts";
import type { ClientSession } from "./protocol.ts";

/** The connections of one address. */
interface Ring {
  readonly slots: (ClientSession | Promise<ClientSession> | undefined)[];
  next: number;
}

/** Makes a mux pool. Throws an `RpcError` of kind `"invalid"` for a number of connections out of its range. */
export function muxPool(options: MuxPoolOptions, host: PoolHost): Pool {
  const connections = options.connections ?? 1;
  if (!(Number.isInteger(connections) && connections >= 1 && connections <= 1024)) {
    throw new RpcError("invalid", `connections ${connections} is not 1 to 1024`);
  }
  const keyOf = addressKeys();
  const rings = new Map<string, Ring>();
  const open = new Set<ClientSession>();
  /** Connections that no further call takes. */
  const left = new Set<ClientSession>();

  function closeUnused(session: ClientSession): void {
    if (session.pendingCount === 0) void session.conn.close();
  }

  return {
    acquire(to) {
      const key = keyOf(to);
      let ring = rings.get(key);
      if (ring === undefined) rings.set(key, ring = { slots: new Array(connections).fill(undefined), next: 0 });
      const { slots } = ring;
      const at = ring.next = (ring.next + 1) % connections;
      const slot = slots[at];
      if (slot !== undefined && (slot instanceof Promise || slot.usable)) return slot;
      const dialled = host.dial(to).then((session) => {
        const leave = (): void => {
          if (slots[at] !== session) return;
          slots[at] = undefined;
          if (slots.every((slot) => slot === undefined) && rings.get(key) === ring) rings.delete(key);
        };
        open.add(session);
        session.onUnusable = leave;
        session.conn.onClose(() => {
          open.delete(session);
          left.delete(session);
          leave();
        });
        return slots[at] = session;
      }, (error) => {
        slots[at] = undefined;
        throw error;
      });
      return slots[at] = dialled;
    },
    release(session) {
      // Other calls go on; a connection that broke has left the ring by itself.
      if (left.has(session)) closeUnused(session);
    },
    leave(to) {
      const ring = rings.get(keyOf(to));
      rings.delete(keyOf(to));
      for (const slot of ring?.slots ?? []) {
        // A connection that is being opened has a call waiting for it, so that `release` comes.
        if (slot instanceof Promise) slot.then((session) => left.add(session), () => {});
        else if (slot !== undefined) {
          left.add(slot);
          closeUnused(slot);
        }
      }
    },
    async close() {
      await Promise.all([...open].map((session) => session.conn.close()));
    },
  };
}
