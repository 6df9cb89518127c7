/**
 * Round robin by weight: each instance as often as its weight says, spread as evenly as can be.
 *
 * @module
 */
import type { Balancer, Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { drawing, equallyWeighted, inTurn, NOTHING, usable } from "./drawing.ts";
import { integerWeights, sum } from "./integer_weights.ts";
import { readyOnly } from "./ready_only.ts";

/**
 * Kitex's default, `weight_round_robin`: smooth weighted round robin as nginx does it. In each round of
 * `sum(weights) / gcd(weights)` picks every instance comes exactly as often as its weight says, never in bursts. The first
 * instance of the first round is random, so that many clients do not begin with the same. Equal weights: plain round robin.
 *
 * The first round costs O(n) a pick, later ones O(1). Rounds of more than 65,536 picks are shortened by rounding weights.
 */
export function weightedRoundRobin(): Balancer {
  return {
    name: "weight_round_robin",
    picker(all, { random }): Picker {
      const instances = usable(all);
      if (instances.length === 0) return NOTHING;
      return equallyWeighted(instances) ? inTurn(instances, random) : smooth(rotated(instances, random));
    },
  };
}

/**
 * gRPC's `round_robin`: one after the other whatever their weights, over those whose connection is ready; all are connected to. A
 * weight of 0 or less is none, as everywhere. Where connections are not managed (see `readyOnly`): over all of them.
 */
export function roundRobin(): Balancer {
  return readyOnly({
    name: "round_robin",
    picker(all, { random }) {
      const instances = usable(all);
      return instances.length === 0 ? NOTHING : inTurn(instances, random);
    },
  });
}

/**
 * Kitex's `interleaved_weighted_round_robin`: turns over the instances in which those that had their share sit out the rest
 * of the round. O(1) a pick and O(n) memory whatever the weights are, and less smooth than `weight_round_robin`.
 */
export function interleavedRoundRobin(): Balancer {
  return {
    name: "interleaved_weighted_round_robin",
    picker(all, { random }): Picker {
      const instances = usable(all);
      if (instances.length === 0) return NOTHING;
      return equallyWeighted(instances) ? inTurn(instances, random) : interleaved(rotated(instances, random));
    },
  };
}

/** Remembers the round as it is made, slot by slot. */
function smooth(instances: readonly Instance[]): Picker {
  const weights = integerWeights(instances);
  const total = sum(weights);
  const current = new Float64Array(instances.length);
  const round = new Uint32Array(total);
  let filled = 0;
  let at = -1;
  return drawing(instances, () => {
    at = at + 1 === total ? 0 : at + 1;
    if (at === filled) round[filled++] = step(weights, current, total);
    return round[at]!;
  });
}

/** All gain their weight, the one that has most is chosen and loses the sum. */
function step(weights: Uint32Array, current: Float64Array, total: number): number {
  let most = 0;
  for (let i = 0; i < current.length; i++) {
    current[i]! += weights[i]!;
    if (current[i]! > current[most]!) most = i;
  }
  current[most]! -= total;
  return most;
}

/** Two rings: those with turns left in this round, and those that wait for the next. */
function interleaved(instances: readonly Instance[]): Picker {
  const size = instances.length;
  const weights = integerWeights(instances);
  const left = weights.slice();
  let turns = Uint32Array.from(instances.keys());
  let waiting = new Uint32Array(size);
  let head = 0;
  let count = size;
  return drawing(instances, () => {
    if (count === 0) {
      [turns, waiting] = [waiting, turns];
      head = 0;
      count = size;
    }
    const chosen = turns[head]!;
    head = head + 1 === size ? 0 : head + 1;
    count--;
    if (--left[chosen]! > 0) {
      const tail = head + count;
      turns[tail >= size ? tail - size : tail] = chosen;
      count++;
    } else {
      left[chosen] = weights[chosen]!;
      waiting[size - 1 - count] = chosen; // those that wait are the ones that are not in turns any more
    }
    return chosen;
  });
}

function rotated(instances: readonly Instance[], random: () => number): readonly Instance[] {
  const first = Math.floor(random() * instances.length);
  return [...instances.slice(first), ...instances.slice(0, first)];
}
