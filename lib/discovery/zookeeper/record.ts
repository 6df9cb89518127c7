/**
 * What Kitex's registry-zookeeper writes for a server: an ephemeral node `/{service}/{host}:{port}` with `{"Weight", "Tags"}` as JSON.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { describeEndpoint } from "../../io/endpoint.ts";
import { createInstance, DEFAULT_WEIGHT, type Instance } from "../instance.ts";
import { fieldOf, textsOf } from "../json_fields.ts";
import type { RegistryInfo } from "../registry.ts";
import type { ZooKeeperNode } from "./nodes.ts";

/** The node of a service. Throws an `RpcError` of kind `"invalid"` for a name that is none of a node. */
export function servicePath(prefix: string, service: string): string {
  // Kitex's resolver takes a name with a slash in front too.
  const path = `${prefix}/${service.startsWith("/") ? service.slice(1) : service}`;
  // deno-lint-ignore no-control-regex -- they are what ZooKeeper refuses
  if (!path.startsWith("/") || /\/(\.{0,2})(\/|$)|[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/.test(path)) {
    throw new RpcError("invalid", `"${path}" of service "${service}" is no path in ZooKeeper`);
  }
  return path;
}

/** The node of a server. Throws an `RpcError` of kind `"invalid"` for what ZooKeeper, or Kitex's resolver, cannot read. */
export function toNode(prefix: string, info: RegistryInfo): ZooKeeperNode {
  const { endpoint, weight = DEFAULT_WEIGHT, tags = {} } = info;
  if ("path" in endpoint) throw new RpcError("invalid", "ZooKeeper cannot register a unix socket");
  if (!Number.isInteger(weight)) {
    throw new RpcError("invalid", `weight ${weight} is not a whole number, which Kitex's clients ask for in ZooKeeper`);
  }
  return {
    path: `${servicePath(prefix, info.service)}/${describeEndpoint(endpoint)}`,
    data: JSON.stringify({ Weight: weight, Tags: tags }),
    ephemeral: true,
  };
}

/** The instance of a node, by its name and data; an `RpcError` of kind `"protocol"` that says what is wrong with it. */
export function fromNode(name: string, data: string): Instance | RpcError {
  try {
    const record: unknown = JSON.parse(data);
    const weight = fieldOf(record, "Weight");
    return createInstance({
      address: name,
      weight: typeof weight === "number" && weight > 0 ? weight : DEFAULT_WEIGHT,
      tags: textsOf(fieldOf(record, "Tags")),
    });
  } catch (error) {
    return new RpcError("protocol", `the node ${name} is none of a server: ${RpcError.from(error).message}`, {
      cause: error,
    });
  }
}
