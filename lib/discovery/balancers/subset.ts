/**
 * Subsets: a client of a large service talks to a few of its instances only.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Balancer } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { createTextHash } from "../xxhash32.ts";
import { usable } from "./drawing.ts";

/** Options of `subset`. */
export interface SubsetOptions {
  /** Most instances that this client talks to. */
  readonly size: number;
  /** What this client is told apart from others by: a host name, an address. The same id, the same subset. */
  readonly clientId: string;
  /** Chooses among them. */
  readonly next: Balancer;
}

/**
 * `subset_<next>`: the `size` instances whose hash together with the client's id is highest (rendezvous hashing). Every
 * client finds its own without knowing the others, clients spread evenly over instances, and one instance that comes or
 * goes changes at most one place of a subset.
 *
 * Throws an `RpcError` of kind `"invalid"` for a size that is no whole number from 1.
 */
export function subset({ size, clientId, next }: SubsetOptions): Balancer {
  if (!Number.isInteger(size) || size < 1) throw new RpcError("invalid", `size ${size} is no whole number from 1`);
  const hash = createTextHash();
  const seed = hash(clientId);
  return {
    name: `subset_${next.name}`,
    picker: (all, host, previous) => next.picker(highest(usable(all)), host, previous),
  };

  function highest(instances: readonly Instance[]): readonly Instance[] {
    if (instances.length <= size) return instances;
    const ranked = instances.map((instance) => ({ instance, rank: hash(instance.address, seed) }));
    ranked.sort((a, b) => b.rank - a.rank || (a.instance.address < b.instance.address ? -1 : 1));
    return ranked.slice(0, size).map(({ instance }) => instance);
  }
}
