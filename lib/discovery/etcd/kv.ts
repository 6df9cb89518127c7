/**
 * What of etcd v3 discovery and configuration use, whatever it is spoken over.
 *
 * @module
 */

/** A key with its value. */
export interface EtcdEntry {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: string;
}

/** All keys below a prefix at one moment. */
export interface EtcdRange {
  /** The store's revision at that moment. */
  readonly revision: bigint;
  /** The keys that begin with the prefix. */
  readonly entries: readonly EtcdEntry[];
}

/** A key that was written or deleted. */
export interface EtcdChange {
  /** The key. */
  readonly key: string;
  /** Its value now; `undefined` if it was deleted or its lease ran out. */
  readonly value: string | undefined;
}

/** A lease: keys that carry it go when it is not kept alive. */
export interface EtcdLease {
  /** Its id. */
  readonly id: string;
  /** Seconds until it runs out, as the store granted them. */
  readonly ttlSeconds: number;
}

/** A key-value store of etcd v3. All methods reject with an `RpcError`, of kind `"canceled"` when the signal fires. */
export interface EtcdKv {
  /** Reads all keys that begin with `prefix`. */
  range(prefix: string, signal?: AbortSignal): Promise<EtcdRange>;
  /** Writes a key, with a lease if one is given. */
  put(key: string, value: string, lease: string | undefined, signal?: AbortSignal): Promise<void>;
  /** Deletes a key; none there is fine. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /** Makes a lease. */
  grant(ttlSeconds: number, signal?: AbortSignal): Promise<EtcdLease>;
  /** Renews a lease: false if it is gone. */
  keepAlive(lease: string, signal?: AbortSignal): Promise<boolean>;
  /** Ends a lease with its keys; none there is fine. */
  revoke(lease: string, signal?: AbortSignal): Promise<void>;
  /**
   * Changes below a prefix, from a revision on, some at a time; ends when the store ends it. Rejects if the revision was
   * compacted away: read all again then.
   */
  watch(prefix: string, fromRevision: bigint, signal?: AbortSignal): AsyncIterable<readonly EtcdChange[]>;
}
