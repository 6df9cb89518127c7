/**
 * What Kitex's registry-etcd writes for a server: the key `kitex/registry-etcd/{service}/{address}` and a value of JSON.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { describeEndpoint } from "../../io/endpoint.ts";
import { createInstance, DEFAULT_WEIGHT, type Instance } from "../instance.ts";
import type { RegistryInfo } from "../registry.ts";
import type { EtcdEntry } from "./kv.ts";

/** What all keys begin with, unless told otherwise (Kitex's). */
export const ETCD_PREFIX = "kitex/registry-etcd";

/** The part of the key that all instances of a service share. Throws an `RpcError` of kind `"invalid"` for a name with a slash. */
export function servicePrefix(prefix: string, service: string): string {
  if (service === "" || service.includes("/")) {
    throw new RpcError("invalid", `service name "${service}" is empty or has a slash, which etcd's keys cannot have`);
  }
  return `${prefix}/${service}/`;
}

/** The entry of a server. */
export function toRecord(prefix: string, info: RegistryInfo): EtcdEntry {
  const { endpoint, weight = DEFAULT_WEIGHT, tags = {} } = info;
  const network = "path" in endpoint ? "unix" : "tcp";
  const address = "path" in endpoint ? endpoint.path : describeEndpoint(endpoint);
  return {
    key: servicePrefix(prefix, info.service) + address,
    value: JSON.stringify({ network, address, weight, tags }),
  };
}

/** The instance of an entry; an `RpcError` of kind `"protocol"` that says what is wrong with it. */
export function fromRecord({ key, value }: EtcdEntry): Instance | RpcError {
  try {
    const { network, address, weight, tags } = JSON.parse(value) as Record<string, unknown>;
    if (typeof address !== "string") throw new Error("there is no address");
    const given = typeof weight === "number" && weight > 0 ? weight : DEFAULT_WEIGHT;
    const pairs = Object.entries(tags ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === "string");
    return createInstance({
      address: network === "unix" ? { path: address } : address,
      weight: given,
      tags: Object.fromEntries(pairs),
    });
  } catch (error) {
    return new RpcError("protocol", `the entry ${key} is none of a server: ${RpcError.from(error).message}`, {
      cause: error,
    });
  }
}
