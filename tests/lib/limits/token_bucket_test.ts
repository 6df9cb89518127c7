import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TokenBucket } from "../../../lib/limits/token_bucket.ts";
import { randomOf } from "../discovery/balancers/host.ts";

/** How many of `wanted` calls get a token at `now`. */
function takeAt(bucket: TokenBucket, now: number, wanted = Infinity): number {
  let taken = 0;
  while (taken < wanted && bucket.has(now)) {
    bucket.take();
    taken++;
  }
  return taken;
}

/** Kitex's limiter: whole tokens, `once` of them each interval. */
class KitexLimiter {
  readonly #limit: number;
  readonly #once: number;
  #tokens: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#once = this.#tokens = Math.trunc(limit / 10);
  }

  /** Takes up to so many. */
  take(wanted: number): number {
    const taken = Math.max(0, Math.min(wanted, this.#tokens));
    this.#tokens -= taken;
    return taken;
  }

  /** An interval is over. */
  tick(): void {
    if (this.#limit < this.#tokens) return;
    this.#tokens = Math.max(this.#once, this.#tokens + Math.min(this.#once, this.#limit - this.#tokens));
  }
}

/** Limits on either side of where Kitex rounds. */
const LIMITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 25] as const;

describe("TokenBucket", () => {
  it("gives interval by interval what Kitex gives where a tenth of the limit is whole, whatever is asked for", () => {
    for (const limit of [10, 20, 100, 250, 10_000]) {
      const random = randomOf(limit);
      const [ours, kitex] = [new TokenBucket(limit, 0), new KitexLimiter(limit)];
      for (let i = 0; i < 500; i++) {
        const wanted = random() < 0.4 ? 0 : Math.floor(random() * limit / 4);
        assertEquals(takeAt(ours, i * 100, wanted), kitex.take(wanted), `${wanted} of ${limit} at ${i}`);
        kitex.tick();
      }
    }
  });

  it("gives what is left of a tenth too, where Kitex rounds it down: after k intervals k tenths of the limit, to a token", () => {
    for (const limit of LIMITS) {
      const bucket = new TokenBucket(limit, 0);
      let taken = 0;
      for (let k = 0; k <= 200; k++) {
        taken += takeAt(bucket, k * 100);
        assertEquals(taken, Math.floor((Math.max(10, limit) + k * limit) / 10), `limit ${limit} after ${k}`);
        assertEquals(takeAt(bucket, k * 100 + 99), 0, "between two intervals nothing comes");
      }
    }
  });

  it("is never behind Kitex, nor more than the fractions ahead", () => {
    for (const limit of LIMITS) {
      const [ours, kitex] = [new TokenBucket(limit, 0), new KitexLimiter(limit)];
      let [mine, theirs] = [0, 0];
      for (let k = 0; k <= 100; k++) {
        mine += takeAt(ours, k * 100);
        theirs += kitex.take(Infinity);
        kitex.tick();
        assert(
          mine >= theirs && mine <= theirs + 1 + k * (limit % 10) / 10,
          `${mine} and ${theirs} of ${limit} at ${k}`,
        );
      }
    }
  });

  it("piles up what is not used to exactly the limit, also below 10", () => {
    for (const limit of LIMITS) {
      const after = (ms: number): number => takeAt(new TokenBucket(limit, 0), ms);
      assertEquals([after(1_000), after(60_000)], [limit, limit]);
    }
  });

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
