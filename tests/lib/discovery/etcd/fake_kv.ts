/**
 * An etcd in memory, with leases that run out on a clock by hand, and failures on demand.
 *
 * @module
 */
import type { EtcdChange, EtcdKv, EtcdLease, EtcdRange } from "../../../../lib/discovery/etcd/kv.ts";
import { RpcError } from "../../../../lib/errors.ts";
import type { ManualClock } from "../../io/manual_clock.ts";

interface Watcher {
  readonly prefix: string;
  push(changes: readonly EtcdChange[] | RpcError): void;
}

/** A store of keys. Nothing of etcd's wire is in it. */
export class FakeKv implements EtcdKv {
  /** Keys and values. */
  readonly values: Map<string, { value: string; lease: string | undefined }> = new Map();
  /** What was asked, in order. */
  readonly asked: string[] = [];
  /** While set, every request fails with it. */
  failing: RpcError | undefined;
  /** Watches from before this revision fail as compacted. */
  compacted = 0n;
  readonly #clock: ManualClock;
  readonly #leases = new Map<string, { ttlMs: number; cancel: () => void }>();
  readonly #watchers = new Set<Watcher>();
  #log: { revision: bigint; change: EtcdChange }[] = [];
  #revision = 1n;
  #ids = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async range(prefix: string): Promise<EtcdRange> {
    await this.#ask(`range ${prefix}`);
    const entries = [...this.values].filter(([key]) => key.startsWith(prefix)).map(([key, { value }]) => ({
      key,
      value,
    }));
    return { revision: this.#revision, entries };
  }

  async put(key: string, value: string, lease: string | undefined): Promise<void> {
    await this.#ask(`put ${key}`);
    this.set(key, value, lease);
  }

  async delete(key: string): Promise<void> {
    await this.#ask(`delete ${key}`);
    this.set(key, undefined);
  }

  async grant(ttlSeconds: number): Promise<EtcdLease> {
    await this.#ask(`grant ${ttlSeconds}`);
    const id = String(++this.#ids);
    this.#leases.set(id, { ttlMs: ttlSeconds * 1_000, cancel: () => {} });
    this.#arm(id);
    return { id, ttlSeconds };
  }

  async keepAlive(lease: string): Promise<boolean> {
    await this.#ask(`keepAlive ${lease}`);
    if (!this.#leases.has(lease)) return false;
    this.#arm(lease);
    return true;
  }

  async revoke(lease: string): Promise<void> {
    await this.#ask(`revoke ${lease}`);
    this.lose(lease);
  }

  async *watch(prefix: string, fromRevision: bigint, signal?: AbortSignal): AsyncGenerator<readonly EtcdChange[]> {
    await this.#ask(`watch ${prefix} ${fromRevision}`);
    if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
    if (fromRevision <= this.compacted) throw new RpcError("unavailable", `compacted up to ${this.compacted}`);
    const queue: (readonly EtcdChange[] | RpcError)[] = this.#log
      .filter(({ revision, change }) => revision >= fromRevision && change.key.startsWith(prefix))
      .map(({ change }) => [change]);
    let wake = (): void => {};
    const watcher: Watcher = {
      prefix,
      push(changes) {
        queue.push(changes);
        wake();
      },
    };
    this.#watchers.add(watcher);
    signal?.addEventListener("abort", () => watcher.push(new RpcError("canceled", "left")));
    try {
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => wake = resolve);
        const next = queue.shift()!;
        if (next instanceof RpcError) throw next;
        yield next;
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  /** Writes a key, or deletes it. */
  set(key: string, value: string | undefined, lease?: string): void {
    if (value === undefined ? !this.values.delete(key) : false) return;
    if (value !== undefined) this.values.set(key, { value, lease });
    const change = { key, value };
    this.#log.push({ revision: ++this.#revision, change });
    for (const watcher of this.#watchers) if (key.startsWith(watcher.prefix)) watcher.push([change]);
  }

  /** A lease runs out, with its keys. */
  lose(lease: string): void {
    this.#leases.get(lease)?.cancel();
    this.#leases.delete(lease);
    for (const [key, { lease: own }] of [...this.values]) if (own === lease) this.set(key, undefined);
  }

  /** Ends all watches with an error. */
  breakWatches(error: RpcError): void {
    for (const watcher of this.#watchers) watcher.push(error);
  }

  /** How many watches there are. */
  get watches(): number {
    return this.#watchers.size;
  }

  #arm(id: string): void {
    const lease = this.#leases.get(id)!;
    lease.cancel();
    lease.cancel = this.#clock.after(lease.ttlMs, () => this.lose(id));
  }

  async #ask(what: string): Promise<void> {
    this.asked.push(what);
    await Promise.resolve();
    if (this.failing !== undefined) throw this.failing;
  }
}
