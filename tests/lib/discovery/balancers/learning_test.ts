/**
 * The balancers that learn from calls: peak EWMA and least request.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../../lib/errors.ts";
import { leastRequest } from "../../../../lib/discovery/balancers/least_request.ts";
import { peakEwma } from "../../../../lib/discovery/balancers/peak_ewma.ts";
import type { Instance } from "../../../../lib/discovery/instance.ts";
import { callOf, FRESH, portOf, randomOf, tally, testHost, weighted } from "./host.ts";

const FINE = { elapsedMs: 10, error: undefined };

describe("p2c_peak_ewma", () => {
  it("chooses between two different instances, so that the costliest of all is never chosen", () => {
    const list = weighted(10, 10, 10, 10);
    const picker = peakEwma().picker(list, testHost());
    for (const [i, one] of list.entries()) {
      picker.begun!(one);
      picker.ended!(one, { elapsedMs: 10 * (i + 1), error: undefined });
    }
    const counts = tally(picker, 12_000);
    // the cheapest of 4 is in half of all pairs, the next in a third of those without it ...
    assert(Math.abs(counts.get(1)! - 6000) < 300, `${counts.get(1)}`);
    assert(Math.abs(counts.get(2)! - 4000) < 300, `${counts.get(2)}`);
    assert(Math.abs(counts.get(3)! - 2000) < 250, `${counts.get(3)}`);
    assertEquals(counts.get(4), undefined);
  });

  it("takes a slow call over at once, and forgets it by 1/e in `decayMs`", () => {
    const host = testHost();
    const [slow, other] = weighted(10, 10) as [Instance, Instance];
    const picker = peakEwma({ decayMs: 1000 }).picker([slow, other], host);
    const call = (to: Instance, elapsedMs: number): void => {
      picker.begun!(to);
      picker.ended!(to, { elapsedMs, error: undefined });
    };
    const share = (): number => (tally(picker, 100).get(1) ?? 0) / 100;
    call(slow, 10);
    call(slow, 200);
    call(other, 100);
    assertEquals(share(), 0); // 200 against 100, not an average of 10 and 200
    host.clock.advance(1000);
    call(other, 80); // is 100/e and rises to 80, the other is 200/e = 73.6
    assertEquals(share(), 1);
  });

  it("always takes the cheaper of two by its law, however calls come, take and fail", () => {
    const host = testHost();
    const random = randomOf(51);
    const list = weighted(10, 30) as [Instance, Instance];
    const picker = peakEwma({ decayMs: 2_000, penaltyMs: 300 }).picker(list, host);
    const known = new Map(list.map((one) => [one, { averageMs: 0, at: 0, running: 0 }]));
    const decayed = (one: Instance): number => {
      const { averageMs, at } = known.get(one)!;
      return averageMs * Math.exp((at - host.clock.now()) / 2_000);
    };
    const cost = (one: Instance): number => {
      const { averageMs, running } = known.get(one)!;
      return (averageMs === 0 && running > 0 ? 300 : decayed(one)) * (running + 1) / one.weight;
    };
    const open: Instance[] = [];
    const chosen = new Map<Instance, number>();
    for (let i = 0; i < 5_000; i++) {
      host.clock.advance(random() * 50);
      if (open.length > 0 && random() < 0.5) {
        const [one] = open.splice(Math.floor(random() * open.length), 1) as [Instance];
        const failed = random() < 0.05;
        const elapsedMs = random() * 100 * (one === list[0] ? 1 : 3);
        picker.ended!(one, { elapsedMs, error: failed ? new RpcError("transport", "reset") : undefined });
        const tookMs = failed ? Math.max(300, elapsedMs) : elapsedMs;
        const own = known.get(one)!;
        const kept = Math.exp((own.at - host.clock.now()) / 2_000);
        own.averageMs = tookMs > own.averageMs ? tookMs : own.averageMs * kept + tookMs * (1 - kept);
        own.at = host.clock.now();
        own.running--;
        continue;
      }
      const one = picker.pick(callOf(), FRESH)!;
      const other = list.find((each) => each !== one)!;
      assert(cost(one) <= cost(other) * (1 + 1e-9), `${i}: ${cost(one)} against ${cost(other)}`);
      picker.begun!(one);
      known.get(one)!.running++;
      open.push(one);
      chosen.set(one, (chosen.get(one) ?? 0) + 1);
    }
    for (const count of chosen.values()) assert(count > 300, `${count}`);
  });

  it("counts calls under way and weights", () => {
    const [a, b] = weighted(10, 30) as [Instance, Instance];
    const picker = peakEwma().picker([a, b], testHost());
    for (const one of [a, b]) {
      picker.begun!(one);
      picker.ended!(one, FINE);
    }
    const order: number[] = [];
    for (let i = 0; i < 8; i++) {
      const chosen = picker.pick(callOf(), FRESH)!;
      order.push(portOf(chosen));
      picker.begun!(chosen);
    }
    assertEquals(order.filter((port) => port === 1).length, 2);
    assertEquals(order.filter((port) => port === 2).length, 6);
  });

  it("takes a quick error for a slow answer", () => {
    const [failing, slow] = weighted(10, 10) as [Instance, Instance];
    const picker = peakEwma().picker([failing, slow], testHost());
    picker.begun!(failing);
    picker.ended!(failing, { elapsedMs: 0.1, error: new RpcError("transport", "reset") });
    picker.begun!(slow);
    picker.ended!(slow, { elapsedMs: 500, error: undefined });
    assertEquals(tally(picker, 100).get(2), 100);
  });

  it("keeps what it learned of instances that stay", () => {
    const balancer = peakEwma();
    const [slow, quick] = weighted(10, 10) as [Instance, Instance];
    const before = balancer.picker([slow, quick], testHost());
    before.begun!(slow);
    const after = balancer.picker(weighted(10, 10), testHost(), before);
    after.ended!(slow, { elapsedMs: 900, error: undefined }); // begun under the old list
    after.begun!(quick);
    after.ended!(quick, FINE);
    assertEquals(tally(after, 100).get(2), 100);
  });

  it("refuses options out of range", () => {
    assertThrows(() => peakEwma({ decayMs: 0 }), RpcError);
    assertThrows(() => peakEwma({ penaltyMs: -1 }), RpcError);
  });
});

describe("least_request", () => {
  it("always chooses an instance with the fewest calls under way for its weight", () => {
    const random = randomOf(99);
    const list = weighted(10, 20, 5, 10, 40, 10, 10);
    const picker = leastRequest().picker(list, testHost());
    const running = new Map(list.map((one) => [one, 0]));
    const open: Instance[] = [];
    for (let i = 0; i < 5000; i++) {
      if (open.length > 0 && random() < 0.48) {
        const [one] = open.splice(Math.floor(random() * open.length), 1);
        running.set(one!, running.get(one!)! - 1);
        picker.ended!(one!, FINE);
        continue;
      }
      const chosen = picker.pick(callOf(), FRESH)!;
      const cost = (one: Instance): number => (running.get(one)! + 1) / one.weight;
      assertEquals(cost(chosen), Math.min(...list.map(cost)));
      running.set(chosen, running.get(chosen)! + 1);
      open.push(chosen);
      picker.begun!(chosen);
    }
  });

  it("goes round where all have as few, also before the picked ones begin", () => {
    const picker = leastRequest().picker(weighted(10, 10, 10, 10, 10), testHost());
    const order = Array.from({ length: 15 }, () => portOf(picker.pick(callOf(), FRESH)));
    assertEquals(new Set(order.slice(0, 5)).size, 5);
    assertEquals(order.slice(5), [...order.slice(0, 5), ...order.slice(0, 5)]);
  });

  it("keeps the counts of instances that stay", () => {
    const balancer = leastRequest();
    const list = weighted(10, 10);
    const before = balancer.picker(list, testHost());
    before.begun!(list[0]!);
    const after = balancer.picker(weighted(10, 10), testHost(), before);
    for (let i = 0; i < 5; i++) assertEquals(portOf(after.pick(callOf(), FRESH)), 2);
  });
});
