/**
 * One place where a service runs, as resolvers give it and balancers choose it.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { describeEndpoint, parseTarget } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";

/** Weight of an instance that names none (Kitex's default). */
export const DEFAULT_WEIGHT = 10;

/** One place where a service runs. Never changed: an instance with another weight or other tags is another object. */
export interface Instance {
  /** Where it listens. The same object as long as the address is the same: pools know addresses by it. */
  readonly endpoint: Endpoint;
  /** The address as text, `host:port` or `unix:/path`; what instances are told apart by. */
  readonly address: string;
  /** Its share of the calls beside the others; none if 0 or less. Default 10 (Kitex's). */
  readonly weight: number;
  /** What else its registry says of it: `idc`, `cluster`, `version` ... */
  readonly tags: Readonly<Record<string, string>>;
  /** When it began to serve, in milliseconds since 1970, as far as its registry says. */
  readonly startedAtMs?: number | undefined;
}

/** What an instance is made of. */
export interface InstanceInit {
  /** `host:port`, `[ipv6]:port`, `unix:/path`, or an `Endpoint`. */
  readonly address: string | Endpoint;
  /** Its share of the calls; default 10. */
  readonly weight?: number | undefined;
  /** What else is known of it; default nothing. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** When it began to serve, in milliseconds since 1970. */
  readonly startedAtMs?: number | undefined;
}

/** Gives what tells whether an instance has all these tags. */
export function havingTags(tags: Readonly<Record<string, string>>): (instance: Instance) => boolean {
  const wanted = Object.entries(tags);
  return (instance) => wanted.every(([key, value]) => instance.tags[key] === value);
}

/** Makes an instance. Throws an `RpcError` of kind `"invalid"` for an address or weight that cannot be used. */
export function createInstance(init: InstanceInit): Instance {
  const endpoint = parseTarget(init.address);
  const address = describeEndpoint(endpoint);
  const weight = init.weight ?? DEFAULT_WEIGHT;
  if (!Number.isFinite(weight)) throw new RpcError("invalid", `weight ${weight} of ${address} is not a number`);
  return { endpoint, address, weight, tags: init.tags ?? {}, startedAtMs: init.startedAtMs };
}
