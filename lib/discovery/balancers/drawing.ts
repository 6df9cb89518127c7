/**
 * Pickers that draw from a fixed list without looking at the call: what most balancers come down to.
 *
 * @module
 */
import type { Picker } from "../balancer.ts";
import type { Instance } from "../instance.ts";

/** How often is drawn again by the balancer's own law before the next untried instance is taken in the list's order. */
const REDRAWS = 8;

/** A picker that chooses nothing: of an empty list. */
export const NOTHING: Picker = { pick: () => undefined };

/** The instances that may be chosen: those of weight 0 or less are left out. */
export function usable(instances: readonly Instance[]): readonly Instance[] {
  return instances.filter(({ weight }) => weight > 0);
}

/** True if no instance has another weight than the first. */
export function equallyWeighted(instances: readonly Instance[]): boolean {
  const weight = instances[0]?.weight;
  return instances.every((instance) => instance.weight === weight);
}

/** A picker of one draw a call: `draw` gives indexes of `instances`, which are at least one. */
export function drawing(instances: readonly Instance[], draw: () => number): Picker {
  return {
    pick(_call, tried) {
      let at = draw();
      if (tried.size === 0) return instances[at];
      for (let i = 0; i < REDRAWS && tried.has(instances[at]!); i++) at = draw();
      return instances[untriedFrom(instances, at, tried)];
    },
  };
}

/** The index of the first instance from `at` on that was not tried, going round; `at` if all were. */
export function untriedFrom(instances: readonly Instance[], at: number, tried: ReadonlySet<Instance>): number {
  for (let i = 0; i < instances.length; i++) {
    const index = (at + i) % instances.length;
    if (!tried.has(instances[index]!)) return index;
  }
  return at;
}

/** Draws one after the other, from a random one on. */
export function inTurn(instances: readonly Instance[], random: () => number): Picker {
  let at = Math.floor(random() * instances.length);
  return drawing(instances, () => {
    const now = at;
    at = now + 1 === instances.length ? 0 : now + 1;
    return now;
  });
}

/** Draws each with the same chance. */
export function atRandom(instances: readonly Instance[], random: () => number): Picker {
  return drawing(instances, () => Math.floor(random() * instances.length));
}
