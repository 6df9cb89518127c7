/**
 * Configuration in a store of keys, each with the JSON of one category: what sources of etcd and ZooKeeper have in common.
 *
 * @module
 */
import { follow } from "../discovery/follow.ts";
import { RpcError } from "../errors.ts";
import { type Clock, systemClock } from "../io/clock.ts";
import type { ConfigKey, ConfigSink, ConfigSource } from "./source.ts";

/** Options of sources of stored configuration. */
export interface StoredConfigOptions {
  /** What keys begin with. Default `/KitexConfig` (Kitex's). */
  readonly prefix?: string | undefined;
  /** Tells the time, for waits between tries. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1, for those waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What follows one key. */
export interface StoredKey {
  /** The key. */
  readonly key: string;
  /** Fires when nobody follows it any more. */
  readonly signal: AbortSignal;
  /** Takes the text under the key, `undefined` where there is none; only what is new is told. */
  tell(text: string | undefined): void;
  /** Something arrived. */
  good(): void;
}

const KITEX_CONFIG = "/KitexConfig";

/** A source whose keys `run` follows; where that ends or fails it is run again, with waits that grow. */
export function storedConfig(
  name: string,
  { prefix = KITEX_CONFIG, clock = systemClock, random = Math.random }: StoredConfigOptions,
  run: (stored: StoredKey) => Promise<void>,
): ConfigSource {
  return {
    name,
    follow(wanted: ConfigKey, sink: ConfigSink): () => void {
      const key = storedKey(prefix, wanted);
      // All is read again after each failure.
      const tell = tellingJson(key, sink);
      return follow({
        clock,
        random,
        failed: (error) => sink.failed(error),
        run: (signal, good) => run({ key, signal, tell, good }),
      });
    },
  };
}

/**
 * The key of a configuration: `{prefix}/{client}/{server}/{category}`, of a server's own `{prefix}/{server}/{category}`. Throws an
 * `RpcError` of kind `"invalid"` for a name that cannot be part of one.
 */
function storedKey(prefix: string, { client, server, category }: ConfigKey): string {
  const parts = client === undefined ? [server, category] : [client, server, category];
  const bad = parts.find((part) => part === "" || part.includes("/"));
  if (bad !== undefined) throw new RpcError("invalid", `service name ${JSON.stringify(bad)} cannot be part of a key`);
  return [prefix, ...parts].join("/");
}

/** Gives what tells a sink the JSON under a key, `undefined` for none, each time that it is another one. */
function tellingJson(key: string, sink: ConfigSink): (text: string | undefined) => void {
  let told: string | undefined;
  let isTold = false;
  return (text) => {
    if (isTold && text === told) return;
    isTold = true;
    told = text;
    let value: unknown;
    try {
      value = text === undefined ? undefined : JSON.parse(text);
    } catch (cause) {
      return sink.failed(new RpcError("invalid", `${key} is no JSON: ${RpcError.from(cause).message}`, { cause }));
    }
    sink.update(value);
  };
}
