import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { AdaptiveLimit } from "../../../lib/limits/adaptive_limit.ts";
import { createLimiter, type LimiterOptions } from "../../../lib/limits/limiter.ts";
import type { CallHead } from "../../../lib/rpc/admission.ts";
import { randomOf } from "../discovery/balancers/host.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { type Outcome, simulate } from "./queueing.ts";

const service = { name: "Echo" } as CallHead["service"];
const method = { name: "echo" } as CallHead["method"];
const WORKERS = 16;
const WORK_MS = 20;
/** Calls a second that the workers can do. */
const CAPACITY = WORKERS * 1000 / WORK_MS;

function load(times: number, options: LimiterOptions | undefined, forMs = 10_000): Outcome {
  return simulate(new ManualClock(), {
    workers: WORKERS,
    workMs: WORK_MS,
    perSecond: CAPACITY * times,
    patienceMs: 250,
    forMs,
    random: randomOf(2026),
    admission: options === undefined ? undefined : createLimiter(options),
    head: (i) => ({ service, method, caller: i % 2 === 0 ? "even" : "odd" }),
  });
}

const goodput = ({ good }: Outcome, forMs = 10_000): number => good.length * 1000 / forMs;

describe("an adaptive limit", () => {
  it("keeps goodput above 80 % of capacity at 2 and 5 times the load it can carry, where none lets it go to nothing", () => {
    for (const times of [2, 5]) {
      assert(goodput(load(times, undefined)) < CAPACITY * 0.1, "without");
      assert(goodput(load(times, { adaptive: true })) > CAPACITY * 0.8, `${goodput(load(times, { adaptive: true }))}`);
    }
  });

  it("refuses almost nothing while the load can be carried", () => {
    for (const times of [0.2, 0.5, 0.8]) {
      const { offered, refused, good } = load(times, { adaptive: true });
      assert(refused < offered * 0.02, `${refused} of ${offered} at ${times}`);
      assert(good.length > offered * 0.97, `${good.length} of ${offered} at ${times}`);
    }
  });

  it("follows a server that gets slower for good: down first, and then to what it can do now", () => {
    const clock = new ManualClock();
    const limiter = createLimiter({ adaptive: { remeasureMs: 3_000 } });
    const run = (workMs: number, forMs: number): Outcome =>
      simulate(clock, {
        workers: WORKERS,
        workMs,
        perSecond: CAPACITY * 3,
        patienceMs: 2_000,
        forMs,
        random: randomOf(5),
        admission: limiter,
        head: () => ({ service, method, caller: undefined }),
      });
    run(WORK_MS, 5_000);
    run(WORK_MS * 5, 20_000); // finds out
    const after = run(WORK_MS * 5, 20_000);
    assert(goodput(after, 20_000) > CAPACITY / 5 * 0.8, `${goodput(after, 20_000)} of ${CAPACITY / 5}`);
  });

  it("finds a limit near what the server carries, also when it begins far too high under load", () => {
    const limiter = createLimiter({ adaptive: { initial: 800, remeasureMs: 2_000 } });
    simulate(new ManualClock(), {
      workers: 4,
      workMs: 20,
      perSecond: 1_000,
      patienceMs: 100_000,
      forMs: 40_000,
      random: randomOf(8),
      admission: limiter,
      head: () => ({ service, method, caller: undefined }),
    });
    assert(limiter.stats.adaptiveLimit! < 40, `${limiter.stats.adaptiveLimit}`);
  });

  it("serves calls that may fill all of it before those that may fill a part", () => {
    const { good } = load(4, { adaptive: true, priority: ({ caller }) => caller === "even" ? 1 : 0.5 });
    const even = good.filter((i) => i % 2 === 0).length;
    assert(even > good.length * 0.95, `${even} of ${good.length}`);
  });

  it("grows by its square root where calls are as quick as ever and use it, and else not", () => {
    const limit = new AdaptiveLimit({ initial: 9, minCalls: 1 });
    const window = (from: number, calls: number, ms: number): void => {
      for (let i = 0; i < calls; i++) limit.begin();
      for (let i = 1; i < calls; i++) limit.ended(method, from, from + ms - 1, false);
      limit.ended(method, from, from + ms, false); // the window is over with its last call
    };
    window(0, 9, 100);
    assertEquals(limit.limit, 12);
    window(100, 2, 100);
    assertEquals(limit.limit, 12);
    window(200, 12, 100);
    assertEquals(limit.limit, 15);
  });

  it("shrinks by as much as calls take longer than the tolerance, by half at most, and to its least", () => {
    const after = (ms: number, windows = 1): number => {
      const limit = new AdaptiveLimit({ min: 4, minCalls: 1, tolerance: 1.5 });
      for (let i = 0, at = 0; i < 100; i++, at += 100) {
        for (let n = 0; n < 50; n++) limit.begin();
        for (let n = 0; n < 50; n++) limit.ended(method, at, at + 100, false);
      }
      const before = limit.limit;
      for (let i = 0, at = 10_000; i < windows; i++, at += ms) {
        limit.begin();
        limit.ended(method, at, at + ms, false);
      }
      return limit.limit / before;
    };
    assert(after(150) >= 1);
    assert(Math.abs(after(200) - (0.76 + 1 / Math.sqrt(100))) < 0.15, `${after(200)}`);
    assert(after(1_000_000) >= 0.5);
    assert(after(1_000_000, 50) < 0.1);
  });

  it("knows methods apart: a slow one is no sign of load", () => {
    const limit = new AdaptiveLimit({ min: 4, minCalls: 2 });
    const slow = { name: "slow" };
    for (let at = 0; at < 10_000; at += 200) {
      for (let i = 0; i < 100; i++) limit.begin();
      for (let i = 0; i < 50; i++) limit.ended(method, at, at + 10, false);
      for (let i = 0; i < 50; i++) limit.ended(slow, at, at + 200, false);
    }
    assert(limit.limit > 50, `${limit.limit}`);
  });

  it("refuses options out of range", () => {
    for (const bad of [{ min: 0 }, { min: 5, max: 4 }, { tolerance: 0.9 }, { windowMs: 0 }, { remeasureMs: NaN }]) {
      assertThrows(() => new AdaptiveLimit(bad), RpcError);
    }
  });
});
