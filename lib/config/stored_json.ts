/**
 * Configuration in a store of keys, each with the JSON of one category: what sources of etcd and ZooKeeper have in common.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { ConfigKey, ConfigSink } from "./source.ts";

/** What Kitex's keys begin with. */
export const KITEX_CONFIG = "/KitexConfig";

/**
 * The key of a configuration: `{prefix}/{client}/{server}/{category}`, of a server's own `{prefix}/{server}/{category}`. Throws an
 * `RpcError` of kind `"invalid"` for a name that cannot be part of one.
 */
export function storedKey(prefix: string, { client, server, category }: ConfigKey): string {
  const parts = client === undefined ? [server, category] : [client, server, category];
  const bad = parts.find((part) => part === "" || part.includes("/"));
  if (bad !== undefined) throw new RpcError("invalid", `service name ${JSON.stringify(bad)} cannot be part of a key`);
  return [prefix, ...parts].join("/");
}

/** Gives what tells a sink the JSON under a key, `undefined` for none, each time that it is another one. */
export function tellingJson(key: string, sink: ConfigSink): (text: string | undefined) => void {
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
