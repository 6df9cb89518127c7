/**
 * Random choice by weight: no memory of earlier picks, so that many clients do not fall into step.
 *
 * @module
 */
import type { Balancer, Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { atRandom, drawing, equallyWeighted, NOTHING, usable } from "./drawing.ts";
import { sum } from "./integer_weights.ts";

/** Kitex's `weight_random`: a number below the sum of the weights, and the instance whose part of it that is. O(log n). */
export function weightedRandom(): Balancer {
  return balancer("weight_random", byParts);
}

/**
 * Kitex's `weight_random_with_alias_method`: the same chances by Vose's alias method, in O(1): an instance is drawn evenly,
 * then a second number says whether it is that one or its alias.
 */
export function weightedRandomAlias(): Balancer {
  return balancer("weight_random_with_alias_method", byAlias);
}

function balancer(
  name: string,
  weighted: (instances: readonly Instance[], random: () => number) => Picker,
): Balancer {
  return {
    name,
    picker(all, { random }): Picker {
      const instances = usable(all);
      if (instances.length === 0) return NOTHING;
      return equallyWeighted(instances) ? atRandom(instances, random) : weighted(instances, random);
    },
  };
}

function byParts(instances: readonly Instance[], random: () => number): Picker {
  const ends = new Float64Array(instances.length);
  let total = 0;
  for (const [i, { weight }] of instances.entries()) ends[i] = total += weight;
  const last = instances.length - 1;
  return drawing(instances, () => {
    const at = random() * total;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

function byAlias(instances: readonly Instance[], random: () => number): Picker {
  const size = instances.length;
  const total = sum(instances.map(({ weight }) => weight));
  const own = Float64Array.from(instances, ({ weight }) => weight * size / total);
  const alias = Uint32Array.from(instances.keys());
  const small: number[] = [];
  const large: number[] = [];
  for (const [i, share] of own.entries()) (share < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const less = small.pop()!;
    const more = large.pop()!;
    alias[less] = more;
    own[more]! -= 1 - own[less]!;
    (own[more]! < 1 ? small : large).push(more);
  }
  // What is left over differs from 1 by rounding only.
  for (const i of [...small, ...large]) own[i] = 1;
  return drawing(instances, () => {
    const i = Math.floor(random() * size);
    return random() < own[i]! ? i : alias[i]!;
  });
}
