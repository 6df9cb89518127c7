/**
 * Puts servers into etcd as Kitex's registry-etcd does, and keeps them there: a key with a lease that is renewed.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { type Clock, systemClock } from "../../io/clock.ts";
import { keep } from "../keep.ts";
import type { Registry } from "../registry.ts";
import type { EtcdEntry, EtcdKv, EtcdLease } from "./kv.ts";
import { ETCD_PREFIX, toRecord } from "./record.ts";

/** Options of `etcdRegistry`. */
export interface EtcdRegistryOptions {
  /** What keys begin with. Default `kitex/registry-etcd` (Kitex's). */
  readonly prefix?: string | undefined;
  /** Seconds after which an entry goes whose server is gone without a word. Default 60 (Kitex's). */
  readonly ttlSeconds?: number | undefined;
  /** Tells the time. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Registers servers in etcd. A lease is renewed three times in its life; where it or its key got lost, the entry is made anew. */
export function etcdRegistry(kv: EtcdKv, options: EtcdRegistryOptions = {}): Registry {
  const { prefix = ETCD_PREFIX, ttlSeconds = 60, clock = systemClock, random = Math.random } = options;
  if (!(Number.isInteger(ttlSeconds) && ttlSeconds >= 1)) {
    throw new RpcError("invalid", `ttlSeconds ${ttlSeconds} is not a whole number above 0`);
  }
  return {
    name: "etcd",
    async register(info, { signal, onError } = {}) {
      const entry = toRecord(prefix, info);
      let lease = await enter(kv, entry, ttlSeconds, signal);
      const deregister = keep({
        clock,
        random,
        onError,
        everyMs: () => lease.ttlSeconds * 1_000 / 3,
        async renew(signal, lost) {
          if (!await kv.keepAlive(lease.id, signal)) {
            lease = await enter(kv, entry, ttlSeconds, signal);
            lost(new RpcError("unavailable", `the lease of ${entry.key} was lost, the entry made anew`));
          } else if (!(await kv.range(entry.key, signal)).entries.some(({ key }) => key === entry.key)) {
            await kv.put(entry.key, entry.value, lease.id, signal);
            lost(new RpcError("unavailable", `${entry.key} was deleted by somebody else, the entry made anew`));
          }
        },
        // The lease takes its key along, and leaves one alone that a server of the same address wrote since.
        leave: () => kv.revoke(lease.id),
      });
      return { deregister };
    },
  };
}

async function enter(
  kv: EtcdKv,
  { key, value }: EtcdEntry,
  ttlSeconds: number,
  signal: AbortSignal | undefined,
): Promise<EtcdLease> {
  const lease = await kv.grant(ttlSeconds, signal);
  try {
    await kv.put(key, value, lease.id, signal);
  } catch (error) {
    // Maybe it was written and only the answer got lost. Where this fails too, the lease runs out by itself.
    kv.revoke(lease.id).catch(() => {});
    throw error;
  }
  return lease;
}
