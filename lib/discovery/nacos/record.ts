/**
 * What Kitex's registry-nacos writes for a server: an instance of the service `{group}@@{service}`, whose metadata are its tags, and
 * whose weight is the server's as it is.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { TcpEndpoint } from "../../io/raw.ts";
import { createInstance, DEFAULT_WEIGHT, type Instance } from "../instance.ts";
import { fieldOf, textsOf } from "../json_fields.ts";
import type { RegistryInfo } from "../registry.ts";
import { DEFAULT_CLUSTER, DEFAULT_GROUP, type NacosOptions } from "./http.ts";

/** The most that Nacos takes as a weight. */
const MAX_WEIGHT = 10_000;

/** An instance as Nacos' API names its parts. */
export interface NacosInstance {
  /** `{group}@@{service}`. */
  readonly serviceName: string;
  /** The group again. */
  readonly groupName: string;
  /** The cluster. */
  readonly clusterName: string;
  /** Host. */
  readonly ip: string;
  /** Port. */
  readonly port: number;
  /** Its share of the calls. */
  readonly weight: number;
  /** Its tags. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The name of a service with its group. Throws an `RpcError` of kind `"invalid"` for what Nacos cannot tell apart. */
export function groupedName(service: string, group: string = DEFAULT_GROUP): string {
  if (service === "" || service.includes("@@")) {
    throw new RpcError(
      "invalid",
      `service name "${service}" is empty or has @@, which separates group and name in Nacos`,
    );
  }
  if (group === "" || group.includes("@@")) throw new RpcError("invalid", `group "${group}" is empty or has @@`);
  return `${group}@@${service}`;
}

/** The record of a server. Throws an `RpcError` of kind `"invalid"` for what Nacos cannot say. */
export function toNacos(info: RegistryInfo, options: NacosOptions): NacosInstance {
  const { service, endpoint, weight = DEFAULT_WEIGHT, tags = {} } = info;
  const { group = DEFAULT_GROUP, cluster = DEFAULT_CLUSTER } = options;
  if ("path" in endpoint) throw new RpcError("invalid", "Nacos cannot register a unix socket");
  if (cluster === "") throw new RpcError("invalid", "the cluster to register in has no name");
  if (!(weight >= 0 && weight <= MAX_WEIGHT)) {
    throw new RpcError("invalid", `weight ${weight} is not from 0 to ${MAX_WEIGHT}, which Nacos asks for`);
  }
  const { hostname, port } = endpoint;
  return {
    serviceName: groupedName(service, group),
    groupName: group,
    clusterName: cluster,
    ip: hostname,
    port,
    weight,
    metadata: tags,
  };
}

/**
 * The instance of one of the `hosts` of a list: `undefined` for one that takes no calls now, an `RpcError` of kind `"protocol"` that
 * says what is wrong with it.
 */
export function fromHost(host: unknown): Instance | undefined | RpcError {
  const [ip, port, weight] = [fieldOf(host, "ip"), fieldOf(host, "port"), fieldOf(host, "weight")];
  if (fieldOf(host, "healthy") === false || fieldOf(host, "enabled") === false) return undefined;
  // No weight is Kitex's default; 0 is how an operator takes an instance out.
  if (typeof weight === "number" && weight <= 0) return undefined;
  try {
    if (typeof ip !== "string" || ip === "") throw new Error("there is no ip");
    if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new Error(`port ${String(port)} is none`);
    }
    const endpoint: TcpEndpoint = { hostname: ip, port };
    return createInstance({
      address: endpoint,
      weight: typeof weight === "number" ? weight : DEFAULT_WEIGHT,
      tags: textsOf(fieldOf(host, "metadata")),
    });
  } catch (error) {
    const id = String(fieldOf(host, "instanceId") ?? "without an id");
    return new RpcError("protocol", `the instance ${id} is none to call: ${RpcError.from(error).message}`, {
      cause: error,
    });
  }
}
