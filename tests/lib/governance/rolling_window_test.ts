import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BUCKET_MS, RollingWindow, type Sample, WINDOW_BUCKETS } from "../../../lib/governance/rolling_window.ts";

describe("a rolling window", () => {
  it("is Kitex's: 100 buckets of 100 ms", () => assertEquals([WINDOW_BUCKETS, BUCKET_MS], [100, 100]));

  it("counts at each moment what a list of the last ten seconds' samples counts", () => {
    const window = new RollingWindow();
    const list: { sample: Sample; tick: number }[] = [];
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 0x7fffffff) % below;
    let now = 0;
    for (let i = 0; i < 5_000; i++) {
      now += random(20) === 0 ? random(15_000) : random(60);
      const sample = (["success", "failure", "timeout"] as const)[random(3)]!;
      window.add(sample, now);
      const tick = Math.floor(now / BUCKET_MS);
      list.push({ sample, tick });
      while (list[0]!.tick <= tick - WINDOW_BUCKETS) list.shift();
      const count = (kind: Sample): number => list.filter((each) => each.sample === kind).length;
      assertEquals(
        [window.successes, window.failures, window.timeouts, window.samples],
        [count("success"), count("failure"), count("timeout"), list.length],
      );
    }
  });

  it("has an error rate of 0 without samples", () => assertEquals(new RollingWindow().errorRate, 0));
});
