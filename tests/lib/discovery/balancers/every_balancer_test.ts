/**
 * What holds for every balancer: who is never chosen, what a retry avoids, what is left when nothing is.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Balancer } from "../../../../lib/discovery/balancer.ts";
import type { Instance } from "../../../../lib/discovery/instance.ts";
import { consistentHash } from "../../../../lib/discovery/balancers/consistent_hash.ts";
import { leastRequest } from "../../../../lib/discovery/balancers/least_request.ts";
import { outlierEjection } from "../../../../lib/discovery/balancers/outlier_ejection.ts";
import { peakEwma } from "../../../../lib/discovery/balancers/peak_ewma.ts";
import { interleavedRoundRobin, weightedRoundRobin } from "../../../../lib/discovery/balancers/round_robin.ts";
import { slowStart } from "../../../../lib/discovery/balancers/slow_start.ts";
import { subset } from "../../../../lib/discovery/balancers/subset.ts";
import { tagging } from "../../../../lib/discovery/balancers/tagging.ts";
import { weightedRandom, weightedRandomAlias } from "../../../../lib/discovery/balancers/weighted_random.ts";
import { zoneAware } from "../../../../lib/discovery/balancers/zone_aware.ts";
import { callOf, FRESH, instance, portOf, randomOf, tally, testHost, weighted } from "./host.ts";

const key = (): string => "one key";
const next = weightedRoundRobin();
const ALL: [name: string, balancer: Balancer][] = [
  ["weight_round_robin", weightedRoundRobin()],
  ["interleaved_weighted_round_robin", interleavedRoundRobin()],
  ["weight_random", weightedRandom()],
  ["weight_random_with_alias_method", weightedRandomAlias()],
  ["consist", consistentHash({ key })],
  ["consist", consistentHash({ key, boundedLoad: 1.25 })],
  ["p2c_peak_ewma", peakEwma()],
  ["least_request", leastRequest()],
  ["tagging_weight_round_robin", tagging({ tag: "cluster", value: () => "", next })],
  ["subset_weight_round_robin", subset({ size: 100, clientId: "me", next })],
  ["zone_aware_weight_round_robin", zoneAware({ zone: "a", next })],
  ["slow_start_weight_round_robin", slowStart({ windowMs: 1000, next, epochMs: () => 5000 })],
  ["outlier_ejection_weight_round_robin", outlierEjection({ next })],
];

for (const [name, balancer] of ALL) {
  describe(`${name}, as every balancer`, () => {
    it("has this name", () => assertEquals(balancer.name, name));

    it("finds none in an empty list, nor in one of weights 0 and less", () => {
      assertEquals(balancer.picker([], testHost()).pick(callOf(), FRESH), undefined);
      assertEquals(balancer.picker(weighted(0, -5), testHost()).pick(callOf(), FRESH), undefined);
    });

    it("never chooses an instance of weight 0 or less", () => {
      const counts = tally(balancer.picker(weighted(10, 0, 20, -1), testHost()), 1000);
      assertEquals([...counts.keys()].filter((port) => port !== 1 && port !== 3), []);
    });

    it("never chooses one that was tried while another is left, in lists of every size", () => {
      const random = randomOf(3);
      for (let size = 2; size <= 12; size++) {
        const list = weighted(...Array.from({ length: size }, () => 1 + Math.floor(random() * 30)));
        const picker = balancer.picker(list, testHost(size));
        for (let round = 0; round < 200; round++) {
          const tried = new Set<Instance>();
          for (let i = 0; i < size; i++) {
            const chosen = picker.pick(callOf(), tried);
            assert(chosen !== undefined && !tried.has(chosen), `pick ${i} of ${size}: ${chosen?.address}`);
            tried.add(chosen);
          }
          assert(tried.has(picker.pick(callOf(), tried)!), "all were tried: one of them");
        }
      }
    });

    it("gives the very objects of the list, and takes over from pickers of any other make", () => {
      const list = [instance(1, { tags: { zone: "a" }, startedAtMs: 4900 }), instance(2)];
      for (const [, other] of ALL) {
        const previous = other.picker(weighted(1, 2, 3), testHost());
        const picker = balancer.picker(list, testHost(), previous);
        const chosen = picker.pick(callOf(), FRESH)!;
        assert(list.includes(chosen));
        picker.begun?.(chosen);
        picker.ended?.(chosen, { elapsedMs: 1, error: undefined });
      }
    });

    it("hears of calls whose instance is not in its list any more", () => {
      const picker = balancer.picker(weighted(1, 2), testHost());
      picker.begun?.(instance(99));
      picker.ended?.(instance(99), { elapsedMs: 1, error: new Error("late") });
      assert(portOf(picker.pick(callOf(), FRESH)) > 0);
    });
  });
}
