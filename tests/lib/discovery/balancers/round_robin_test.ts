import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  interleavedRoundRobin,
  roundRobin,
  weightedRoundRobin,
} from "../../../../lib/discovery/balancers/round_robin.ts";
import { callOf, FRESH, portOf, randomOf, tally, testHost, weighted } from "./host.ts";

const random = randomOf(11);
const LISTS: number[][] = [[5, 1, 1], [1, 2, 3], [7, 13], [10, 10, 30, 1], [100, 1]];
for (let i = 0; i < 40; i++) {
  LISTS.push(Array.from({ length: 2 + Math.floor(random() * 9) }, () => 1 + Math.floor(random() * 20)));
}

for (const balancer of [weightedRoundRobin(), interleavedRoundRobin()]) {
  describe(balancer.name, () => {
    it("gives in every round each instance exactly its weight, divided by what all have in common", () => {
      for (const weights of LISTS) {
        const common = [...Array(101).keys()].findLast((d) => d > 0 && weights.every((w) => w % d === 0))!;
        const round = weights.reduce((sum, w) => sum + w, 0) / common;
        const picker = balancer.picker(weighted(...weights), testHost(weights.length));
        for (let i = 0; i < 3; i++) {
          const counts = tally(picker, round);
          assertEquals(weights.map((_, at) => counts.get(at + 1)), weights.map((w) => w / common));
        }
      }
    });

    it("goes round plainly where all weights are equal, whatever they are", () => {
      const picker = balancer.picker(weighted(7, 7, 7, 7), testHost());
      const ports = Array.from({ length: 12 }, () => portOf(picker.pick(callOf(), FRESH)));
      for (const [i, port] of ports.entries()) assertEquals(port, (ports[0]! - 1 + i) % 4 + 1);
    });

    it("begins with a random instance, so that clients do not all begin with the same", () => {
      const firsts = new Set<number>();
      for (let seed = 1; seed < 60; seed++) {
        firsts.add(portOf(balancer.picker(weighted(1, 1, 1), testHost(seed * 7919)).pick(callOf(), FRESH)));
      }
      assertEquals(firsts.size, 3);
    });

    it("keeps to weights that are no whole numbers or have no end, as near as its memory allows", () => {
      assertEquals(tally(balancer.picker(weighted(0.5, 1.5), testHost()), 4).get(2), 3);
      const far = tally(balancer.picker(weighted(1e15, 3e15 + 1, 1), testHost()), 65_536);
      assert(Math.abs(far.get(1)! / far.get(2)! - 1 / 3) < 0.001, `${far.get(1)} ${far.get(2)}`);
    });
  });
}

describe("weight_round_robin", () => {
  it("is nginx's smooth order for the weights 5, 1, 1", () => {
    const picker = weightedRoundRobin().picker(weighted(5, 1, 1), { ...testHost(), random: () => 0 });
    assertEquals(Array.from({ length: 7 }, () => portOf(picker.pick(callOf(), FRESH))), [1, 1, 2, 1, 3, 1, 1]);
  });

  it("is never a whole pick ahead of an instance's share, at any point of the round", () => {
    for (const weights of LISTS) {
      const total = weights.reduce((sum, w) => sum + w, 0);
      const picker = weightedRoundRobin().picker(weighted(...weights), testHost(total));
      const counts = weights.map(() => 0);
      for (let i = 1; i <= total; i++) {
        counts[portOf(picker.pick(callOf(), FRESH)) - 1]!++;
        for (const [at, count] of counts.entries()) {
          const ahead = count - i * weights[at]! / total;
          assert(ahead < 1, `${ahead} after ${i} of ${weights}`);
        }
      }
    }
  });
});

describe("round_robin", () => {
  it("gives every instance as many calls, whatever its weight, one after the other", () => {
    for (const weights of LISTS) {
      const picker = roundRobin().picker(weighted(...weights), testHost(weights.length));
      const order = Array.from({ length: weights.length * 3 }, () => portOf(picker.pick(callOf(), FRESH)));
      for (const [i, port] of order.entries()) assertEquals(port, (order[0]! - 1 + i) % weights.length + 1);
    }
  });
});

describe("interleaved_weighted_round_robin", () => {
  it("goes over all instances before it comes to one again, as long as they have turns left", () => {
    const picker = interleavedRoundRobin().picker(weighted(3, 1, 2), { ...testHost(), random: () => 0 });
    const order = Array.from({ length: 12 }, () => portOf(picker.pick(callOf(), FRESH)));
    assertEquals(order.slice(0, 6), [1, 2, 3, 1, 3, 1]);
    assertEquals(order.slice(6).toSorted(), [1, 1, 1, 2, 3, 3]);
  });
});
