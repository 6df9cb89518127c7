/**
 * The balancers that choose whom another may choose: tags, subsets, zones, slow start.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../../lib/errors.ts";
import { leastRequest } from "../../../../lib/discovery/balancers/least_request.ts";
import { weightedRoundRobin } from "../../../../lib/discovery/balancers/round_robin.ts";
import { slowStart } from "../../../../lib/discovery/balancers/slow_start.ts";
import { subset } from "../../../../lib/discovery/balancers/subset.ts";
import { tagging } from "../../../../lib/discovery/balancers/tagging.ts";
import { weightedRandom } from "../../../../lib/discovery/balancers/weighted_random.ts";
import { zoneAware } from "../../../../lib/discovery/balancers/zone_aware.ts";
import type { Instance } from "../../../../lib/discovery/instance.ts";
import { callOf, FRESH, instance, portOf, randomOf, tally, testHost, weighted, within } from "./host.ts";

describe("tagging", () => {
  const balancer = tagging({ tag: "lane", value: ({ args }) => args.key as string, next: weightedRoundRobin() });
  const list = [instance(1, { tags: { lane: "blue" } }), instance(2, { tags: { lane: "blue" } }), instance(3)];

  it("chooses among the instances whose tag has the call's value", () => {
    const picker = balancer.picker(list, testHost());
    const ports = (key: string): Set<number> =>
      new Set([1, 2, 3, 4].map(() => portOf(picker.pick(callOf(key), FRESH))));
    assertEquals(ports("blue"), new Set([1, 2]));
    assertEquals(ports(""), new Set([3]));
    assertEquals(ports("green"), new Set([0]));
  });

  it("gives each group's calls by the law of the balancer inside, whatever the other groups' are", () => {
    const weights = [1, 2, 3, 4, 5, 6, 7, 8];
    const lanes = ["blue", "green", ""];
    const many = weights.map((weight, i) => instance(i + 1, { weight, tags: { lane: lanes[i % 3]! } }));
    const picker = balancer.picker(many, testHost());
    for (const lane of lanes) {
      const own = many.filter(({ tags }) => tags.lane === lane);
      const total = own.reduce((sum, { weight }) => sum + weight, 0);
      const counts = new Map<number, number>();
      for (let i = 0; i < total * 7; i++) {
        const port = portOf(picker.pick(callOf(lane), FRESH));
        counts.set(port, (counts.get(port) ?? 0) + 1);
      }
      assertEquals(own.map((one) => counts.get(portOf(one))), own.map(({ weight }) => weight * 7));
    }
  });

  it("tells the picker of the group about its calls", () => {
    const counting = tagging({ tag: "lane", value: () => "blue", next: leastRequest() });
    const picker = counting.picker(list, testHost());
    picker.begun!(list[0]!);
    assertEquals([1, 2, 3].map(() => portOf(picker.pick(callOf(), FRESH))), [2, 2, 2]);
    picker.ended!(list[0]!, { elapsedMs: 1, error: undefined });
    assertEquals(portOf(picker.pick(callOf(), FRESH)), 1);
  });
});

describe("subset", () => {
  const members = (list: Instance[], clientId: string, size = 5): Set<number> => {
    const picker = subset({ size, clientId, next: weightedRoundRobin() }).picker(list, testHost());
    return new Set(tally(picker, size * 2).keys());
  };
  const list = weighted(...Array<number>(40).fill(10));

  it("is as large as asked, the same for the same client, and whole where there are no more", () => {
    for (const client of ["a", "b", "c"]) {
      assertEquals(members(list, client).size, 5);
      assertEquals(members(list.toReversed(), client), members(list, client));
    }
    assertEquals(members(list.slice(0, 3), "a").size, 3);
  });

  it("changes in one place at most when an instance comes or goes", () => {
    for (let client = 0; client < 20; client++) {
      const before = members(list, `c${client}`);
      for (let gone = 1; gone <= 40; gone++) {
        const after = members(list.filter((one) => portOf(one) !== gone), `c${client}`);
        const lost = [...before].filter((port) => !after.has(port));
        assertEquals(lost, before.has(gone) ? [gone] : []);
      }
    }
  });

  it("spreads clients evenly over instances", () => {
    const users = new Map<number, number>();
    for (let client = 0; client < 4000; client++) {
      for (const port of members(list, `client-${client}`)) users.set(port, (users.get(port) ?? 0) + 1);
    }
    for (const count of users.values()) assert(within(count, 4000, 5 / 40), `${count}`);
    assertEquals(users.size, 40);
  });

  it("refuses a size that is no whole number from 1", () => {
    for (const size of [0, 1.5, NaN]) {
      assertThrows(() => subset({ size, clientId: "a", next: weightedRoundRobin() }), RpcError);
    }
  });
});

describe("zone_aware", () => {
  const zones = (...names: string[]): Instance[] => names.map((zone, i) => instance(i + 1, { tags: { zone } }));
  const staying = (list: Instance[]): number => {
    const picker = zoneAware({ zone: "a", next: weightedRandom() }).picker(list, testHost());
    const counts = tally(picker, 10_000);
    return list.filter(({ tags }) => tags.zone === "a").reduce((sum, one) => sum + (counts.get(portOf(one)) ?? 0), 0);
  };

  it("keeps all calls in a zone that has its share of the weight", () => {
    assertEquals(staying(zones("a", "a", "b", "b")), 10_000);
    assertEquals(staying(zones("a", "a", "a", "b", "c")), 10_000);
    assertEquals(staying(zones("a")), 10_000);
  });

  it("keeps the fraction of the calls that a smaller zone can carry", () => {
    assert(within(staying(zones("a", "b", "b", "b")), 10_000, 0.5)); // a quarter of the weight for half of the callers
    assert(within(staying(zones("a", "b", "b", "c", "c", "c")), 10_000, 0.5)); // a sixth for a third
  });

  it("keeps by its law in any list: what the zone's weight carries of its share, the rest by weight elsewhere", () => {
    const random = randomOf(61);
    for (let i = 0; i < 25; i++) {
      const size = 2 + Math.floor(random() * 10);
      const list = Array.from({ length: size }, (_, at) => {
        const zone = at === 0 ? "a" : "abcd"[Math.floor(random() * 4)]!;
        return instance(at + 1, { weight: 1 + Math.floor(random() * 20), tags: { zone } });
      });
      const weightOf = (some: Instance[]): number => some.reduce((sum, { weight }) => sum + weight, 0);
      const own = list.filter(({ tags }) => tags.zone === "a");
      const others = list.filter(({ tags }) => tags.zone !== "a");
      const zones = new Set(list.map(({ tags }) => tags.zone)).size;
      const staying = Math.min(1, weightOf(own) * zones / weightOf(list));
      const counts = tally(zoneAware({ zone: "a", next: weightedRandom() }).picker(list, testHost(i)), 10_000);
      for (const one of list) {
        const part = one.tags.zone === "a"
          ? staying * one.weight / weightOf(own)
          : (1 - staying) * one.weight / weightOf(others);
        const count = counts.get(portOf(one)) ?? 0;
        assert(within(count, 10_000, part), `${count} for ${part} in list ${i}`);
      }
    }
  });

  it("sends all calls elsewhere when nothing is left in the zone", () => {
    const list = zones("a", "b", "c");
    assertEquals(staying(zones("b", "c")), 0);
    const picker = zoneAware({ zone: "a", next: weightedRoundRobin() }).picker(list, testHost());
    assertEquals(tally(picker, 100, new Set([list[0]!])).get(1), undefined);
  });
});

describe("slow_start", () => {
  const NOW = 1_000_000;
  const share = (ageMs: number, next = weightedRandom(), size = 4): number => {
    let epoch = NOW;
    const list = [instance(1, { startedAtMs: NOW - 1 }), ...weighted(...Array<number>(size).fill(10)).slice(1)];
    const balancer = slowStart({ windowMs: 10_000, leastShare: 0.1, next, epochMs: () => epoch });
    const picker = balancer.picker(list, testHost(ageMs + 1));
    epoch = NOW - 1 + ageMs;
    return tally(picker, 10_000).get(1) ?? 0;
  };

  it("gives a new instance that part of its share which it has lived of the window, from the least on", () => {
    for (
      const [ageMs, part] of [[1, 0.1], [1000, 0.1], [2500, 0.25], [5000, 0.5], [9000, 0.9], [10_000, 1], [1e6, 1]]
    ) {
      assert(within(share(ageMs!), 10_000, part! / 4), `${share(ageMs!)} at ${ageMs}`);
    }
  });

  it("rises evenly over the whole window, for weights of any kind", () => {
    let epoch = NOW;
    const list = [
      instance(1, { weight: 30, startedAtMs: NOW }),
      instance(2, { weight: 10 }),
      instance(3, { weight: 60 }),
    ];
    const balancer = slowStart({ windowMs: 10_000, leastShare: 0.05, next: weightedRandom(), epochMs: () => epoch });
    const picker = balancer.picker(list, testHost(3));
    for (let ageMs = 0; ageMs <= 12_000; ageMs += 500) {
      epoch = NOW + ageMs;
      const part = 0.3 * Math.min(1, Math.max(0.05, ageMs / 10_000));
      const counts = tally(picker, 10_000);
      assert(within(counts.get(1) ?? 0, 10_000, part), `${counts.get(1)} at ${ageMs}`);
      // What it does not take the others share by their weights.
      assert(within(counts.get(2)!, 10_000, (1 - part) / 7), `${counts.get(2)} at ${ageMs}`);
    }
  });

  it("lets two new instances that are differently old take their parts each", () => {
    const list = [
      instance(1, { startedAtMs: NOW - 2_000 }),
      instance(2, { startedAtMs: NOW - 8_000 }),
      ...weighted(...Array<number>(8).fill(10)).slice(2),
    ];
    const balancer = slowStart({ windowMs: 10_000, next: weightedRandom(), epochMs: () => NOW });
    const counts = tally(balancer.picker(list, testHost(9)), 50_000);
    // Each is drawn first by its chance, or after the other one was passed over.
    const first = 0.2 * (1 / 8 + 1 / 8 * 0.2 / 7);
    const second = 0.8 * (1 / 8 + 1 / 8 * 0.8 / 7);
    assert(within(counts.get(1)!, 50_000, first), `${counts.get(1)}`);
    assert(within(counts.get(2)!, 50_000, second), `${counts.get(2)}`);
  });

  it("does so whatever balancer is inside", () => {
    for (const next of [weightedRoundRobin(), leastRequest()]) {
      const count = share(5000, next, 2);
      assert(count < share(1e6, next, 2) * 0.7, `${count} by ${next.name}`);
    }
  });

  it("shares evenly among instances that are all new", () => {
    const list = [1, 2, 3, 4].map((port) => instance(port, { startedAtMs: NOW }));
    const balancer = slowStart({ windowMs: 10_000, next: weightedRandom(), epochMs: () => NOW });
    const counts = tally(balancer.picker(list, testHost()), 10_000);
    for (const count of counts.values()) assert(within(count, 10_000, 1 / 4), `${count}`);
  });

  it("takes an instance that starts in the future for one that starts now", () => {
    let epoch = NOW;
    const list = [instance(1, { startedAtMs: NOW + 1e9 }), instance(2)];
    const balancer = slowStart({ windowMs: 1000, next: weightedRoundRobin(), epochMs: () => epoch });
    const picker = balancer.picker(list, testHost());
    epoch += 1000;
    assertEquals(tally(picker, 100).get(1), 50);
  });

  it("refuses options out of range", () => {
    const next = weightedRoundRobin();
    for (const bad of [{ windowMs: 0 }, { windowMs: 1, leastShare: 0 }, { windowMs: 1, leastShare: 1.1 }]) {
      assertThrows(() => slowStart({ ...bad, next }), RpcError);
    }
  });
});
