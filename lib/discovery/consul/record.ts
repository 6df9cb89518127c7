/**
 * What Kitex's registry-consul writes for a server: a service of the agent whose id is `{service}:{host}:{port}`, with tags `key:value`.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { TcpEndpoint } from "../../io/raw.ts";
import { createInstance, DEFAULT_WEIGHT, type Instance } from "../instance.ts";
import { fieldOf, listOf } from "../json_fields.ts";
import type { RegistryInfo } from "../registry.ts";

/** A service of a Consul agent, as its HTTP API takes it. */
export interface ConsulService {
  /** What it is taken out by. */
  readonly ID: string;
  /** The name clients look for. */
  readonly Name: string;
  /** Host. */
  readonly Address: string;
  /** Port. */
  readonly Port: number;
  /** `key:value`. */
  readonly Tags: readonly string[];
  /** Its share of the calls. */
  readonly Weights: { readonly Passing: number; readonly Warning: number };
}

/** The record of a server. Throws an `RpcError` of kind `"invalid"` for what Consul cannot say. */
export function toService(info: RegistryInfo): ConsulService {
  const { service, endpoint, weight = DEFAULT_WEIGHT, tags = {} } = info;
  if (service === "") throw new RpcError("invalid", "the service to register has no name");
  if ("path" in endpoint) throw new RpcError("invalid", "Consul cannot register a unix socket");
  if (!Number.isInteger(weight) || weight < 1) {
    throw new RpcError("invalid", `weight ${weight} is not a whole number above 0, which Consul asks for`);
  }
  const odd = Object.keys(tags).find((key) => key.includes(":"));
  if (odd !== undefined) {
    throw new RpcError("invalid", `tag "${odd}" has a colon, which separates key and value in Consul`);
  }
  const { hostname, port } = endpoint;
  return {
    ID: `${service}:${hostname}:${port}`,
    Name: service,
    Address: hostname,
    Port: port,
    Tags: Object.entries(tags).map(([key, value]) => `${key}:${value}`),
    Weights: { Passing: weight, Warning: weight },
  };
}

/** The instance of one entry of `/v1/health/service`; an `RpcError` of kind `"protocol"` that says what is wrong with it. */
export function fromEntry(entry: unknown): Instance | RpcError {
  const service = fieldOf(entry, "Service");
  try {
    const own = fieldOf(service, "Address");
    // Consul's rule: a service without an address is where its node is.
    const hostname = own === "" || own === undefined ? fieldOf(fieldOf(entry, "Node"), "Address") : own;
    const port = fieldOf(service, "Port");
    if (typeof hostname !== "string" || hostname === "") throw new Error("there is no address");
    if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new Error(`port ${String(port)} is none`);
    }
    const weight = fieldOf(fieldOf(service, "Weights"), "Passing");
    const tags: Record<string, string> = {};
    for (const tag of listOf(service, "Tags")) {
      const colon = typeof tag === "string" ? tag.indexOf(":") : -1;
      if (colon > 0) tags[(tag as string).slice(0, colon)] = (tag as string).slice(colon + 1);
    }
    const endpoint: TcpEndpoint = { hostname, port };
    return createInstance({
      address: endpoint,
      weight: typeof weight === "number" && weight > 0 ? weight : DEFAULT_WEIGHT,
      tags,
    });
  } catch (error) {
    const id = String(fieldOf(service, "ID") ?? "without an id");
    return new RpcError("protocol", `the service ${id} is none to call: ${RpcError.from(error).message}`, {
      cause: error,
    });
  }
}
