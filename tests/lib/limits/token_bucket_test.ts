import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TokenBucket } from "../../../lib/limits/token_bucket.ts";

/** How many of `wanted` calls get a token at `now`. */
function takeAt(bucket: TokenBucket, now: number, wanted = Infinity): number {
  let taken = 0;
  while (taken < wanted && bucket.has(now)) {
    bucket.take();
    taken++;
  }
  return taken;
}

describe("TokenBucket", () => {
  it("gives Kitex's curve: a tenth at the start and every 100 ms", () => {
    const bucket = new TokenBucket(100, 0);
    const curve = [0, 50, 99.9, 100, 150, 200, 300, 999].map((now) => takeAt(bucket, now));
    assertEquals(curve, [10, 0, 0, 10, 0, 10, 10, 60]);
  });

  it("lets unused tokens pile up to those of a second, and no further", () => {
    const after = (ms: number): number => takeAt(new TokenBucket(100, 0), ms);
    assertEquals([0, 100, 500, 900, 1000, 5000, 1e9].map(after), [10, 20, 60, 100, 100, 100, 100]);
  });

  it("keeps to the limit in the long run, whatever comes", () => {
    for (const limit of [1, 3, 10, 15, 250, 9999]) {
      const bucket = new TokenBucket(limit, 0);
      let taken = 0;
      for (let now = 0; now < 60_000; now += 7) taken += takeAt(bucket, now);
      assert(Math.abs(taken - 60 * limit) <= Math.max(1, limit / 10), `${taken} for ${limit}`);
    }
  });

  it("never gives more than the limit and one refill in a second", () => {
    const bucket = new TokenBucket(200, 0);
    takeAt(bucket, 5000, 0);
    const taken: [number, number][] = [];
    for (let now = 5000; now < 9000; now += 10) taken.push([now, takeAt(bucket, now)]);
    for (let from = 5000; from < 8000; from += 10) {
      const inSecond = taken.filter(([at]) => at >= from && at < from + 1000).reduce(
        (sum, [, count]) => sum + count,
        0,
      );
      assert(inSecond <= (from === 5000 ? 200 + 180 : 200), `${inSecond} from ${from}`);
    }
  });

  it("takes another limit at once: tokens above it are lost, more come at the new rate", () => {
    const bucket = new TokenBucket(1000, 0);
    assert(bucket.has(5000));
    bucket.update(10);
    assertEquals(takeAt(bucket, 5000), 10);
    bucket.update(500);
    assertEquals(takeAt(bucket, 5100), 50);
  });
});
