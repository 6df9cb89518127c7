import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Histogram } from "../../../cli/call/histogram.ts";

describe("Histogram", () => {
  it("gives quantiles to 1/32, the longest exactly", () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 1000; ms++) histogram.add(ms);
    for (const part of [0.01, 0.5, 0.9, 0.99]) {
      const error = histogram.quantile(part) / (part * 1000) - 1;
      assert(error >= 0 && error < 1 / 32, `${part}: ${error}`);
    }
    assertEquals([histogram.quantile(1), histogram.max, histogram.mean, histogram.count], [1000, 1000, 500.5, 1000]);
  });

  it("gives nothing of nothing", () => {
    const histogram = new Histogram();
    assertEquals([histogram.quantile(0.5), histogram.mean, histogram.max, histogram.doublings()], [0, 0, 0, []]);
  });

  it("takes what is too short and too long", () => {
    const histogram = new Histogram();
    histogram.add(0);
    histogram.add(1e12);
    assertEquals(histogram.quantile(1), 1e12);
    assertEquals(histogram.doublings().reduce((sum, { count }) => sum + count, 0), 2);
  });
});
