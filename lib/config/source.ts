/**
 * Where configuration comes from that changes while a program runs, by Kitex's names.
 *
 * @module
 */
import type { RpcError } from "../errors.ts";

/** What is configured; the names are those of Kitex's keys. `limit` is a server's, the others are a client's for one server. */
export type ConfigCategory = "retry" | "rpc_timeout" | "circuit_break" | "degradation" | "limit";

/** What is looked for. */
export interface ConfigKey {
  /** The service that calls; left out for `limit`. */
  readonly client?: string | undefined;
  /** The service that is called, or that serves. */
  readonly server: string;
  /** What of it. */
  readonly category: ConfigCategory;
}

/** Where a source tells what it found. */
export interface ConfigSink {
  /** The configuration as it stands, as JSON's value; `undefined` if there is none (any more). Must not throw. */
  update(value: unknown): void;
  /** It could not be read: what was told last stays. The source goes on trying. Must not throw. */
  failed(error: RpcError): void;
}

/** Follows configuration. */
export interface ConfigSource {
  /** Its name in errors: `"file"`, `"etcd"` ... */
  readonly name: string;
  /**
   * Begins to follow a key: tells what there is, and every change; gives what ends that. Never waits, never calls the sink before it
   * returned. Throws an `RpcError` of kind `"invalid"` for a key that cannot be one.
   */
  follow(key: ConfigKey, sink: ConfigSink): () => void;
}
