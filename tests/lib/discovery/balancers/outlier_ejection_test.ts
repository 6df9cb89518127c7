import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../../lib/errors.ts";
import {
  type EjectionChange,
  outlierEjection,
  type OutlierEjectionOptions,
} from "../../../../lib/discovery/balancers/outlier_ejection.ts";
import { weightedRoundRobin } from "../../../../lib/discovery/balancers/round_robin.ts";
import type { Instance } from "../../../../lib/discovery/instance.ts";
import { tally, testHost, weighted } from "./host.ts";

const BROKEN = { elapsedMs: 1, error: new RpcError("transport", "reset") };
const FINE = { elapsedMs: 1, error: undefined };

/** Ten instances, and what happens to the first. */
function setup(options: Partial<OutlierEjectionOptions> = {}, size = 10) {
  const host = testHost();
  const changes: EjectionChange[] = [];
  const list = weighted(...Array<number>(size).fill(10));
  const balancer = outlierEjection({
    next: weightedRoundRobin(),
    onChange: (one) => void changes.push(one),
    ...options,
  });
  const picker = balancer.picker(list, host);
  const end = (to: Instance, outcome: typeof BROKEN | typeof FINE, times = 1): void => {
    for (let i = 0; i < times; i++) {
      picker.begun!(to);
      picker.ended!(to, outcome);
    }
  };
  const chosen = (): number[] => [...tally(picker, size * 3).keys()].toSorted((a, b) => a - b);
  const isOut = (port = 1): boolean => !chosen().includes(port);
  return { host, changes, list, picker, balancer, end, chosen, isOut, first: list[0]! };
}

describe("outlier_ejection", () => {
  it("has these defaults: 5 in a row, half of at least 20 calls in 10 s, out for 30 s up to 300 s, 10 percent", () => {
    const { host, end, isOut, first, changes } = setup();
    end(first, BROKEN, 4);
    assert(!isOut());
    end(first, BROKEN);
    assert(isOut());
    for (let i = 2; i <= 12; i++) {
      host.clock.advance(changes.at(-1)!.ejectedMs);
      assert(!isOut());
      end(first, BROKEN, 5);
    }
    const times = changes.filter(({ ejectedMs }) => ejectedMs > 0).map(({ ejectedMs }) => ejectedMs / 1000);
    assertEquals(times, [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]);
  });

  it("counts failures in a row: one success begins again", () => {
    const { end, isOut, first } = setup();
    for (let i = 0; i < 50; i++) {
      end(first, BROKEN, 4);
      end(first, FINE);
    }
    assert(!isOut());
  });

  it("ejects at the end of an interval by the rate of failures, above the rate and from `minCalls` on", () => {
    const cases: [failed: number, fine: number, out: boolean][] = [
      [10, 10, false],
      [11, 9, true],
      [19, 0, false],
      [20, 0, true],
      [51, 49, true],
    ];
    for (const [failed, fine, out] of cases) {
      const { host, end, isOut, first, changes } = setup({ consecutiveFailures: 0 });
      end(first, BROKEN, failed);
      end(first, FINE, fine);
      assert(!isOut(), "not before the interval is over");
      host.clock.advance(10_000);
      end(first, FINE);
      assertEquals(isOut(), out, `${failed} of ${failed + fine}`);
      assertEquals(changes.map(({ reason }) => reason), out ? ["failure-rate"] : []);
    }
  });

  it("takes an instance back when its time is over, not before", () => {
    const { host, end, isOut, first, changes } = setup();
    end(first, BROKEN, 5);
    host.clock.advance(29_999);
    assert(isOut());
    host.clock.advance(1);
    assert(!isOut());
    assertEquals(changes.at(-1), { address: first.address, ejectedMs: 0, reason: "over" });
  });

  it("forgives an ejection for each calm interval", () => {
    const { host, end, isOut, first, changes } = setup();
    for (let i = 0; i < 3; i++) {
      end(first, BROKEN, 5);
      host.clock.advance(changes.at(-1)!.ejectedMs);
      assert(!isOut());
    }
    host.clock.advance(20_000); // two intervals: two of the three ejections
    end(first, FINE);
    end(first, BROKEN, 5);
    const times = changes.filter(({ ejectedMs }) => ejectedMs > 0).map(({ ejectedMs }) => ejectedMs);
    assertEquals(times, [30_000, 60_000, 90_000, 60_000]);
  });

  it("leaves as many as `maxEjectedPercent` says, one at least, and never none", () => {
    const most = (size: number, maxEjectedPercent: number): number => {
      const { list, end, chosen } = setup({ maxEjectedPercent }, size);
      for (const one of list) end(one, BROKEN, 5);
      return size - chosen().length;
    };
    assertEquals([most(10, 10), most(10, 30), most(10, 0), most(10, 100), most(1, 100), most(2, 10)], [
      1,
      3,
      1,
      9,
      0,
      1,
    ]);
  });

  it("does not hold against an instance what the caller did, or its own answers", () => {
    const { end, isOut, first } = setup();
    for (const kind of ["canceled", "invalid", "unimplemented", "business", "forbidden", "overload"] as const) {
      end(first, { elapsedMs: 1, error: new RpcError(kind, "not its fault") }, 10);
    }
    assert(!isOut());
  });

  it("keeps ejections and counts over a new list", () => {
    const { host, list, picker, balancer, end, first } = setup();
    end(first, BROKEN, 5);
    end(list[1]!, BROKEN, 4);
    const after = balancer.picker([...list, ...weighted(...Array<number>(20).fill(10)).slice(10)], host, picker);
    assertEquals(tally(after, 60).get(1), undefined);
    after.ended!(list[1]!, BROKEN);
    assertEquals(tally(after, 60).get(2), undefined);
    host.clock.advance(30_000);
    assert(tally(after, 60).get(1)! > 0);
  });

  it("refuses options out of range", () => {
    const next = weightedRoundRobin();
    for (
      const bad of [{ consecutiveFailures: -1 }, { intervalMs: 0 }, { ejectionMs: NaN }, { maxEjectedPercent: -1 }]
    ) {
      assertThrows(() => outlierEjection({ next, ...bad }), RpcError);
    }
  });
});
