/**
 * The retry breaker and the retry budget: held at each moment to a list of what happened in the last ten seconds.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TryStatistics } from "../../../lib/governance/try_statistics.ts";
import { randomOf } from "../discovery/balancers/host.ts";
import { ManualClock } from "../io/manual_clock.ts";

/** What happened, as the last hundred buckets of 100 ms know it. */
class Log<T> {
  readonly #clock: ManualClock;
  #entries: { readonly tick: number; readonly what: T }[] = [];

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  add(what: T): void {
    this.#entries.push({ tick: Math.floor(this.#clock.now() / 100), what });
  }

  count(is: (what: T) => boolean = () => true): number {
    const oldest = Math.floor(this.#clock.now() / 100) - 100;
    this.#entries = this.#entries.filter(({ tick }) => tick > oldest);
    return this.#entries.filter(({ what }) => is(what)).length;
  }
}

describe("the retry breaker", () => {
  it("stops retries from ten tries on while the share of those that failed is the rate or more, at each moment", () => {
    for (const breakerErrorRate of [undefined, 0.05, 0.2, 0.3]) {
      const clock = new ManualClock();
      const random = randomOf(41);
      const statistics = new TryStatistics(clock);
      const log = new Log<boolean>(clock);
      const seen = new Set<boolean>();
      for (let i = 0; i < 4_000; i++) {
        clock.advance(random() < 0.005 ? 15_000 * random() : 150 * random());
        // Failures come in waves around the rate.
        const well = random() > (breakerErrorRate ?? 0.1) * (1 + Math.sin(i / 200));
        statistics.began({}, false);
        statistics.ended(well);
        log.add(well);
        const all = log.count();
        const expected = all < 10 || log.count((each) => !each) / all < (breakerErrorRate ?? 0.1);
        assertEquals(statistics.allowRetry({ breakerErrorRate }), expected, `${i}`);
        seen.add(expected);
      }
      assertEquals(seen.size, 2); // both happened
    }
  });
});

describe("the retry budget", () => {
  it("lets a retry go only if it keeps retries to their share of all tries, at each moment", () => {
    for (const budget of [0.05, 0.2, 0.5, 1]) {
      const clock = new ManualClock();
      const random = randomOf(43);
      const statistics = new TryStatistics(clock);
      const log = new Log<"first" | "retry">(clock);
      const seen = new Set<boolean>();
      for (let i = 0; i < 4_000; i++) {
        clock.advance(random() < 0.005 ? 15_000 * random() : 100 * random());
        if (random() < 0.5) {
          statistics.began({ budget }, false);
          log.add("first");
          continue;
        }
        const expected = (log.count((each) => each === "retry") + 1) / (log.count() + 1) <= budget;
        const allowed = statistics.allowRetry({ budget });
        assertEquals(allowed, expected, `${i}`);
        seen.add(allowed);
        if (!allowed) continue;
        statistics.began({ budget }, true);
        log.add("retry");
      }
      assertEquals(seen.size, budget === 1 ? 1 : 2);
    }
  });

  it("is what callers that retry all they may get in the long run", () => {
    for (const budget of [0.1, 0.25, 0.5]) {
      const clock = new ManualClock();
      const statistics = new TryStatistics(clock);
      let retries = 0;
      for (let i = 0; i < 10_000; i++) {
        clock.advance(10);
        statistics.began({ budget }, false);
        for (; statistics.allowRetry({ budget }) && retries < 1e6; retries++) statistics.began({ budget }, true);
      }
      const share = retries / (10_000 + retries);
      assertEquals(Math.round(share * 100), budget * 100, `${share}`);
    }
  });
});
