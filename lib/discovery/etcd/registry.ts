/**
 * Puts servers into etcd as Kitex's registry-etcd does, and keeps them there: a key with a lease that is renewed.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { backoffMs } from "../../governance/backoff.ts";
import { type Clock, systemClock } from "../../io/clock.ts";
import { pause, REGISTRY_BACKOFF } from "../follow.ts";
import type { Registration, Registry } from "../registry.ts";
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

/** Registers servers in etcd. A lease is renewed three times in its life; where it got lost, the entry is made anew. */
export function etcdRegistry(kv: EtcdKv, options: EtcdRegistryOptions = {}): Registry {
  const { prefix = ETCD_PREFIX, ttlSeconds = 60, clock = systemClock, random = Math.random } = options;
  if (!(Number.isInteger(ttlSeconds) && ttlSeconds >= 1)) {
    throw new RpcError("invalid", `ttlSeconds ${ttlSeconds} is not a whole number above 0`);
  }
  return {
    name: "etcd",
    async register(info, { signal, onError } = {}) {
      const entry = toRecord(prefix, info);
      const lease = await enter(kv, entry, ttlSeconds, signal);
      return new Kept(kv, entry, lease, { ttlSeconds, clock, random, onError });
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
  await kv.put(key, value, lease.id, signal);
  return lease;
}

interface Keeping {
  readonly ttlSeconds: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onError: ((error: RpcError) => void) | undefined;
}

/** An entry that is kept until it is taken out. */
class Kept implements Registration {
  readonly #kv: EtcdKv;
  readonly #entry: EtcdEntry;
  readonly #keeping: Keeping;
  readonly #over = new AbortController();
  readonly #done: Promise<void>;
  #lease: EtcdLease;
  #ending: Promise<void> | undefined;

  constructor(kv: EtcdKv, entry: EtcdEntry, lease: EtcdLease, keeping: Keeping) {
    this.#kv = kv;
    this.#entry = entry;
    this.#lease = lease;
    this.#keeping = keeping;
    this.#done = this.#keep();
  }

  deregister(): Promise<void> {
    return this.#ending ??= this.#end();
  }

  async #keep(): Promise<void> {
    const { clock, random, onError } = this.#keeping;
    const { signal } = this.#over;
    for (let failures = 0; !signal.aborted;) {
      const third = this.#lease.ttlSeconds * 1_000 / 3;
      const waitMs = failures === 0 ? third : Math.min(third, backoffMs(REGISTRY_BACKOFF, failures, random));
      await pause(Math.max(waitMs, 1), clock, signal);
      if (signal.aborted) return;
      try {
        await this.#renew(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        onError?.(RpcError.from(error));
      }
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    if (await this.#kv.keepAlive(this.#lease.id, signal)) return;
    this.#lease = await enter(this.#kv, this.#entry, this.#keeping.ttlSeconds, signal);
    this.#keeping.onError?.(
      new RpcError("unavailable", `the lease of ${this.#entry.key} was lost, the entry made anew`),
    );
  }

  async #end(): Promise<void> {
    this.#over.abort(new RpcError("canceled", "deregistered"));
    await this.#done;
    // First the key, so that nothing is left to find even where revoking fails.
    await this.#kv.delete(this.#entry.key);
    await this.#kv.revoke(this.#lease.id);
  }
}
