/**
 * Zone-aware balancing: calls stay in the caller's zone as far as that zone can carry them.
 *
 * @module
 */
import type { Balancer, BalancerHost, PickCall, Picker, PickOutcome } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { untriedFrom, usable } from "./drawing.ts";

/** Options of `zoneAware`. */
export interface ZoneAwareOptions {
  /** The caller's own zone. */
  readonly zone: string;
  /** The tag that says an instance's zone. Default `"zone"`. */
  readonly tag?: string | undefined;
  /** Chooses within the zone, and among the instances of all other zones. */
  readonly next: Balancer;
}

/**
 * `zone_aware_<next>`: supposes that callers are spread evenly over the zones. If the own zone has at least its share of the
 * weight, all calls stay in it. If it has less, it gets that fraction of the calls and the rest goes to the other zones; if it
 * has nothing, or everything in it was tried, all go there.
 */
export function zoneAware({ zone, tag = "zone", next }: ZoneAwareOptions): Balancer {
  return {
    name: `zone_aware_${next.name}`,
    picker(all, host, previous): Picker {
      const before = previous instanceof ZonePicker ? previous : undefined;
      return new ZonePicker(usable(all), host, before, zone, tag, next);
    },
  };
}

class ZonePicker implements Picker {
  readonly #own: Picker;
  readonly #others: Picker;
  readonly #ownInstances: readonly Instance[];
  readonly #random: () => number;
  readonly #zoneOf: (instance: Instance) => string | undefined;
  readonly #zone: string;
  /** The part of the calls that stays in the own zone. */
  readonly #staying: number;

  constructor(
    instances: readonly Instance[],
    host: BalancerHost,
    before: ZonePicker | undefined,
    zone: string,
    tag: string,
    next: Balancer,
  ) {
    this.#zone = zone;
    this.#random = host.random;
    this.#zoneOf = ({ tags }) => Object.hasOwn(tags, tag) ? tags[tag] : undefined;
    this.#ownInstances = instances.filter((instance) => this.#zoneOf(instance) === zone);
    const others = instances.filter((instance) => this.#zoneOf(instance) !== zone);
    const zones = new Set(instances.map(this.#zoneOf)).size;
    const weightOf = (some: readonly Instance[]): number => some.reduce((sum, { weight }) => sum + weight, 0);
    const own = weightOf(this.#ownInstances);
    this.#staying = own === 0 ? 0 : Math.min(1, own * zones / weightOf(instances));
    this.#own = next.picker(this.#ownInstances, host, before === undefined ? undefined : before.#own);
    this.#others = next.picker(others, host, before === undefined ? undefined : before.#others);
  }

  pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    const staying = this.#staying;
    const stays = staying === 1 || (staying > 0 && this.#random() < staying);
    if (stays && !this.#allOwnTried(tried)) return this.#own.pick(call, tried);
    const other = this.#others.pick(call, tried);
    if (other !== undefined && !tried.has(other)) return other;
    return this.#own.pick(call, tried) ?? other;
  }

  begun(instance: Instance): void {
    this.#pickerOf(instance).begun?.(instance);
  }

  ended(instance: Instance, outcome: PickOutcome): void {
    this.#pickerOf(instance).ended?.(instance, outcome);
  }

  #allOwnTried(tried: ReadonlySet<Instance>): boolean {
    const own = this.#ownInstances;
    return tried.size > 0 && tried.has(own[untriedFrom(own, 0, tried)]!);
  }

  #pickerOf(instance: Instance): Picker {
    return this.#zoneOf(instance) === this.#zone ? this.#own : this.#others;
  }
}
