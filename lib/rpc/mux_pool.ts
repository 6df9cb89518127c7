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
          if (slots.every((slot) => slot === undefined)) rings.delete(key);
        };
        open.add(session);
        session.onUnusable = leave;
        session.conn.onClose(() => {
          open.delete(session);
          leave();
        });
        return slots[at] = session;
      }, (error) => {
        slots[at] = undefined;
        throw error;
      });
      return slots[at] = dialled;
    },
    release() {
      // Other calls go on; a connection that broke has left the ring by itself.
    },
    async close() {
      await Promise.all([...open].map((session) => session.conn.close()));
    },
  };
}
