/**
 * Power of two choices with peak EWMA: of two random instances the one where a call should end sooner.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import type { Clock } from "../../io/clock.ts";
import type { Balancer, BalancerHost, PickCall, Picker, PickOutcome } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { NOTHING, untriedFrom, usable } from "./drawing.ts";
import { type Load, type LoadKeeper, loadsOf, type LoadTable } from "./load_table.ts";

/** Options of `peakEwma`. */
export interface PeakEwmaOptions {
  /** Milliseconds after which what was learned counts only 1/e. Default 10,000. */
  readonly decayMs?: number | undefined;
  /**
   * Milliseconds a failed call counts as, if it took less: a quick error must not look like a quick answer. The same is
   * supposed of an instance that has calls under way and has not answered any. Default 1,000.
   */
  readonly penaltyMs?: number | undefined;
}

/**
 * `p2c_peak_ewma`: draws two different instances and takes the one with the lower
 * `average time * (calls under way + 1) / weight`. The average jumps up at once with a slow call and comes down
 * slowly, so that an instance that got slow is left alone within one call. O(1) a pick.
 */
export function peakEwma(options: PeakEwmaOptions = {}): Balancer {
  const { decayMs = 10_000, penaltyMs = 1_000 } = options;
  if (!(decayMs > 0)) throw new RpcError("invalid", `decayMs ${decayMs} is not above 0`);
  if (!(penaltyMs >= 0)) throw new RpcError("invalid", `penaltyMs ${penaltyMs} is below 0`);
  return {
    name: "p2c_peak_ewma",
    picker(all, host, previous): Picker {
      const instances = usable(all);
      if (instances.length === 0) return NOTHING;
      return new PeakEwmaPicker(instances, host, loadsOf(instances, previous), decayMs, penaltyMs);
    },
  };
}

class PeakEwmaPicker implements LoadKeeper {
  readonly loads: LoadTable;
  readonly #instances: readonly Instance[];
  readonly #random: () => number;
  readonly #clock: Clock;
  readonly #decayMs: number;
  readonly #penaltyMs: number;

  constructor(
    instances: readonly Instance[],
    host: BalancerHost,
    loads: LoadTable,
    decayMs: number,
    penaltyMs: number,
  ) {
    this.#instances = instances;
    this.#random = host.random;
    this.#clock = host.clock;
    this.loads = loads;
    this.#decayMs = decayMs;
    this.#penaltyMs = penaltyMs;
  }

  pick(_call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    const instances = this.#instances;
    const size = instances.length;
    let one = Math.floor(this.#random() * size);
    if (size === 1) return instances[one];
    let other = Math.floor(this.#random() * (size - 1));
    if (other >= one) other++;
    if (tried.size > 0) {
      one = untriedFrom(instances, one, tried);
      other = untriedFrom(instances, other, tried);
    }
    const first = instances[one]!;
    const second = instances[other]!;
    const now = this.#clock.now();
    return this.#cost(second, now) < this.#cost(first, now) ? second : first;
  }

  begun(instance: Instance): void {
    this.loads.begun(instance);
  }

  ended(instance: Instance, outcome: PickOutcome): void {
    const load = this.loads.ended(instance);
    if (load === undefined) return;
    const { elapsedMs, error } = outcome;
    const took = error === undefined ? elapsedMs : Math.max(elapsedMs, this.#penaltyMs);
    const now = this.#clock.now();
    const kept = this.#kept(load, now);
    load.costMs = took > load.costMs ? took : load.costMs * kept + took * (1 - kept);
    load.costAt = now;
  }

  #cost(instance: Instance, now: number): number {
    const load = this.loads.of(instance);
    const decayed = load.costMs * this.#kept(load, now);
    const costMs = load.costMs === 0 && load.running > 0 ? this.#penaltyMs : decayed;
    return costMs * (load.running + 1) / instance.weight;
  }

  /** How much of what was learned still counts. */
  #kept(load: Load, now: number): number {
    return Math.exp((load.costAt - now) / this.#decayMs);
  }
}
