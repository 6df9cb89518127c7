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
import { callOf, FRESH, randomOf, tally, testHost, weighted } from "./host.ts";

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

  it("keeps its bounds whatever happens: how many are out, for how long, and that they come back in time", () => {
    for (const maxEjectedPercent of [10, 40]) {
      const { host, list, end, picker, changes } = setup({ maxEjectedPercent }, 20);
      const random = randomOf(71);
      const out = new Map<string, { readonly fromMs: number; readonly forMs: number }>();
      const last = new Map<string, { readonly backMs: number; readonly forMs: number }>();
      let heard = 0;
      for (let i = 0; i < 20_000; i++) {
        host.clock.advance(random() * 60);
        const one = picker.pick(callOf(), FRESH)!;
        const nowMs = host.clock.now();
        const bad = Number(one.address.split(":")[1]) <= 6 && Math.sin(nowMs / 90_000) > -0.5;
        // Of two calls at once one ends late, maybe after its instance was ejected.
        end(random() < 0.9 ? one : list[Math.floor(random() * 20)]!, random() < (bad ? 0.8 : 0.02) ? BROKEN : FINE);
        for (const { address, ejectedMs } of changes.slice(heard)) {
          if (ejectedMs > 0) {
            assert(!out.has(address), "an instance that is out is not ejected");
            const before = last.get(address);
            const calm = before === undefined ? 0 : Math.floor((nowMs - before.backMs) / 10_000);
            const most = before === undefined ? 30_000 : Math.min(300_000, before.forMs + 30_000);
            assert(
              ejectedMs <= most && ejectedMs >= Math.max(30_000, most - calm * 30_000),
              `${ejectedMs} after ${most}`,
            );
            out.set(address, { fromMs: nowMs, forMs: ejectedMs });
          } else {
            const { fromMs, forMs } = out.get(address)!;
            // It is looked at each pick: not before its time, and by the next pick after it.
            assert(nowMs - fromMs >= forMs && nowMs - fromMs <= forMs + 60, `${nowMs - fromMs} of ${forMs}`);
            out.delete(address);
            last.set(address, { backMs: nowMs, forMs });
          }
        }
        heard = changes.length;
        assert(out.size <= 20 * maxEjectedPercent / 100, `${out.size} are out`);
        assert(!out.has(one.address) || changes.at(-1)?.address === one.address, "one that is out is not chosen");
      }
      assert(last.size >= 4, `${last.size} were ever out`);
    }
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
