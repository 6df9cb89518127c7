import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { weightedRandom, weightedRandomAlias } from "../../../../lib/discovery/balancers/weighted_random.ts";
import { callOf, FRESH, portOf, tally, testHost, weighted, within } from "./host.ts";

const LISTS = [[1, 2, 3], [10, 1], [5, 5, 5, 5], [1, 1, 1, 97], [0.25, 0.5, 8], [3, 9, 27, 81, 243]];

for (const balancer of [weightedRandom(), weightedRandomAlias()]) {
  describe(balancer.name, () => {
    it("chooses each instance with the chance of its weight in the sum of all", () => {
      for (const weights of LISTS) {
        const total = weights.reduce((sum, w) => sum + w, 0);
        const counts = tally(balancer.picker(weighted(...weights), testHost(weights.length * 31)), 20_000);
        for (const [i, weight] of weights.entries()) {
          assert(within(counts.get(i + 1) ?? 0, 20_000, weight / total), `${counts.get(i + 1)} for ${i} of ${weights}`);
        }
      }
    });

    it("keeps the proportions of those that are left when some were tried", () => {
      const list = weighted(1, 2, 3, 6);
      const counts = tally(balancer.picker(list, testHost(5)), 20_000, new Set([list[3]!]));
      for (const i of [0, 1, 2]) assert(within(counts.get(i + 1)!, 20_000, (i + 1) / 6), `${counts.get(i + 1)}`);
    });
  });
}

describe("weight_random", () => {
  it("takes the instance whose part of the sum the number falls in", () => {
    const at = (random: number): number =>
      portOf(weightedRandom().picker(weighted(1, 2, 5), { ...testHost(), random: () => random }).pick(callOf(), FRESH));
    assertEquals([0, 0.124, 0.125, 0.374, 0.375, 0.999].map(at), [1, 1, 2, 2, 3, 3]);
  });
});
