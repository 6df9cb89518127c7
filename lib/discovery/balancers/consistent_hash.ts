/**
 * Consistent hashing: calls of one key go to one instance, and few keys move when the list changes.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Balancer, PickCall, Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { createTextHash } from "../xxhash32.ts";
import { NOTHING, untriedFrom, usable } from "./drawing.ts";
import { type LoadKeeper, loadsOf, type LoadTable } from "./load_table.ts";

/** Points that all instances may have on the ring together; above it each gets fewer, in proportion. */
const MAX_POINTS = 1 << 20;

/** What an instance's index is packed by, beside its point's hash, in one number that sorts. */
const INDEX_SPAN = 1 << 20;

/** The defaults of `ConsistentHashOptions` (Kitex's). */
export const CONSISTENT_HASH_DEFAULTS = { virtualFactor: 100, weighted: true } as const;

/** Options of `consistentHash`. */
export interface ConsistentHashOptions {
  /** The key of a call. Calls with an empty key find no instance (Kitex's rule). */
  readonly key: (call: PickCall) => string;
  /** Points on the ring for each unit of weight, or for each instance. Default 100 (Kitex's). */
  readonly virtualFactor?: number | undefined;
  /** False to give every instance the same number of points. Default true (Kitex's). */
  readonly weighted?: boolean | undefined;
  /**
   * How many times its fair share of the calls under way an instance may have before its calls go on to the next of the
   * ring; more than 1, 1.25 is usual. Default: any number, no call goes elsewhere than its key says.
   */
  readonly boundedLoad?: number | undefined;
}

/**
 * Kitex's `consist`. Points are the XXH32 of `address#number` with seed 0, a key's that of its UTF-8 text; a key belongs to the
 * next point above it. So the mapping is the same in every process and after each restart (Kitex's own is not, since 0.16.2).
 * When one of n instances leaves, only its keys move.
 *
 * O(log of the points) a pick. Throws an `RpcError` of kind `"invalid"` for options out of range.
 */
export function consistentHash(options: ConsistentHashOptions): Balancer {
  const { key, boundedLoad } = options;
  const { virtualFactor = CONSISTENT_HASH_DEFAULTS.virtualFactor, weighted = CONSISTENT_HASH_DEFAULTS.weighted } =
    options;
  if (!Number.isInteger(virtualFactor) || virtualFactor < 1) {
    throw new RpcError("invalid", `virtualFactor ${virtualFactor} is no whole number from 1`);
  }
  if (boundedLoad !== undefined && !(boundedLoad > 1)) {
    throw new RpcError("invalid", `boundedLoad ${boundedLoad} is not above 1`);
  }
  const hash = createTextHash();
  return {
    name: "consist",
    picker(all, _host, previous): Picker {
      const instances = usable(all);
      if (instances.length === 0) return NOTHING;
      const ring = new Ring(instances, virtualFactor, weighted);
      const owner = (call: PickCall): number => {
        const text = key(call);
        return text === "" ? -1 : ring.above(hash(text));
      };
      if (boundedLoad === undefined) return new HashPicker(ring, owner);
      return new BoundedPicker(ring, owner, boundedLoad, loadsOf(instances, previous));
    },
  };
}

/** The points of all instances in order. */
class Ring {
  readonly instances: readonly Instance[];
  readonly #hashes: Uint32Array;
  readonly #owners: Uint32Array;

  constructor(instances: readonly Instance[], factor: number, weighted: boolean) {
    // In the order of their addresses, so that points that collide have the same owner everywhere.
    this.instances = instances.toSorted((a, b) => a.address < b.address ? -1 : 1);
    const wanted = this.instances.map(({ weight }) => Math.max(1, Math.round((weighted ? weight : 1) * factor)));
    const total = wanted.reduce((sum, count) => sum + count, 0);
    const scale = Math.min(1, MAX_POINTS / total);
    const counts = wanted.map((count) => Math.max(1, Math.floor(count * scale)));
    const points = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
    const hash = createTextHash();
    let at = 0;
    for (const [index, { address }] of this.instances.entries()) {
      for (let i = 0; i < counts[index]!; i++) points[at++] = hash(`${address}#${i}`) * INDEX_SPAN + index;
    }
    points.sort();
    this.#hashes = Uint32Array.from(points, (point) => Math.floor(point / INDEX_SPAN));
    this.#owners = Uint32Array.from(points, (point) => point % INDEX_SPAN);
  }

  /** The first point above a hash, going round. */
  above(hash: number): number {
    const hashes = this.#hashes;
    let low = 0;
    let high = hashes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (hashes[middle]! > hash) high = middle;
      else low = middle + 1;
    }
    return low === hashes.length ? 0 : low;
  }

  /** Whose point it is. */
  owner(point: number): Instance {
    return this.instances[this.#owners[point]!]!;
  }

  /** The point after another. */
  after(point: number): number {
    return point + 1 === this.#owners.length ? 0 : point + 1;
  }
}

class HashPicker implements Picker {
  readonly #ring: Ring;
  readonly #point: (call: PickCall) => number;

  constructor(ring: Ring, point: (call: PickCall) => number) {
    this.#ring = ring;
    this.#point = point;
  }

  pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    const ring = this.#ring;
    let point = this.#point(call);
    if (point < 0) return undefined;
    const own = ring.owner(point);
    if (tried.size === 0 || !tried.has(own)) return own;
    const { instances } = ring;
    if (tried.has(instances[untriedFrom(instances, 0, tried)]!)) return own;
    while (tried.has(ring.owner(point))) point = ring.after(point);
    return ring.owner(point);
  }
}

/** Goes on along the ring past instances that have more than their share. */
class BoundedPicker implements LoadKeeper {
  readonly loads: LoadTable;
  readonly #ring: Ring;
  readonly #point: (call: PickCall) => number;
  readonly #bound: number;
  readonly #weights: number;

  constructor(ring: Ring, point: (call: PickCall) => number, bound: number, loads: LoadTable) {
    this.#ring = ring;
    this.#point = point;
    this.#bound = bound;
    this.loads = loads;
    this.#weights = ring.instances.reduce((sum, { weight }) => sum + weight, 0);
  }

  pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    const ring = this.#ring;
    let point = this.#point(call);
    if (point < 0) return undefined;
    const { instances } = ring;
    const someUntried = tried.size === 0 || !tried.has(instances[untriedFrom(instances, 0, tried)]!);
    const start = point;
    let fallback: Instance | undefined;
    do {
      const instance = ring.owner(point);
      if (!someUntried || !tried.has(instance)) {
        if (this.#hasRoom(instance)) return instance;
        fallback ??= instance;
      }
      point = ring.after(point);
    } while (point !== start);
    return fallback;
  }

  begun(instance: Instance): void {
    this.loads.begun(instance);
  }

  ended(instance: Instance): void {
    this.loads.ended(instance);
  }

  #hasRoom(instance: Instance): boolean {
    const fair = (this.loads.total + 1) * instance.weight / this.#weights;
    return this.loads.of(instance).running < Math.ceil(fair * this.#bound);
  }
}
