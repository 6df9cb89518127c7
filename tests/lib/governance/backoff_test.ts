import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { type Backoff, backoffMs, checkBackoff } from "../../../lib/governance/backoff.ts";
import { randomOf } from "../discovery/balancers/host.ts";

/** Least, average and most of many waits, as parts of `bound`. */
function spread(backoff: Backoff, retry: number, bound: number): [least: number, average: number, most: number] {
  const random = randomOf(retry + 1);
  const waits = Array.from({ length: 20_000 }, () => backoffMs(backoff, retry, random) / bound);
  return [Math.min(...waits), waits.reduce((sum, wait) => sum + wait, 0) / waits.length, Math.max(...waits)];
}

describe("backoffMs", () => {
  it("is nothing without a backoff, and the same each time where it is fixed", () => {
    const waits = [undefined, { type: "none" } as const, { type: "fixed", ms: 30 } as const].map((backoff) =>
      [1, 2, 9].map((retry) => backoffMs(backoff, retry, () => 0.9))
    );
    assertEquals(waits, [[0, 0, 0], [0, 0, 0], [30, 30, 30]]);
  });

  it("is drawn evenly between its bounds where it is random, whichever retry it is", () => {
    const backoff: Backoff = { type: "random", minMs: 100, maxMs: 300 };
    assertEquals([backoffMs(backoff, 1, () => 0), backoffMs(backoff, 7, () => 0.5)], [100, 200]);
    for (const retry of [1, 5]) {
      const [least, average, most] = spread(backoff, retry, 100);
      assert(least >= 1 && least < 1.01 && most < 3 && most > 2.99 && Math.abs(average - 2) < 0.02, `${average}`);
    }
  });

  it("is drawn evenly from 0 to a bound that is multiplied each time, up to its highest", () => {
    const backoff: Backoff = { type: "exponential", initialMs: 100, maxMs: 5_000, multiplier: 3 };
    for (const [retry, bound] of [[1, 100], [2, 300], [3, 900], [4, 2_700], [5, 5_000], [60, 5_000]] as const) {
      const [least, average, most] = spread(backoff, retry, bound);
      assert(least < 0.01 && most < 1 && most > 0.99 && Math.abs(average - 0.5) < 0.01, `${retry}: ${average}`);
    }
  });

  it("doubles up to two minutes unless told otherwise, and never overflows", () => {
    const most = [1, 2, 8, 18, 19, 5_000].map((retry) =>
      backoffMs({ type: "exponential", initialMs: 1 }, retry, () => 1)
    );
    assertEquals(most, [1, 2, 128, 120_000, 120_000, 120_000]);
  });
});

describe("checkBackoff", () => {
  it("takes what can be used", () => {
    for (
      const backoff of [
        undefined,
        { type: "none" },
        { type: "fixed", ms: 0 },
        { type: "random", minMs: 0, maxMs: 0 },
        { type: "exponential", initialMs: 0.5, multiplier: 1, maxMs: 1 },
      ] as const
    ) checkBackoff(backoff);
  });

  it("refuses what cannot, by its number", () => {
    const refused: readonly (readonly [Backoff, string])[] = [
      [{ type: "fixed", ms: NaN }, "ms NaN"],
      [{ type: "random", minMs: -1, maxMs: 1 }, "from -1 to 1"],
      [{ type: "exponential", initialMs: 1, multiplier: 0.9 }, "multiplier 0.9"],
      [{ type: "exponential", initialMs: 1, maxMs: 0 }, "maxMs 0"],
      [{ type: "linear" } as unknown as Backoff, `type "linear"`],
    ];
    for (const [backoff, text] of refused) {
      assertEquals(assertThrows(() => checkBackoff(backoff), RpcError, text).kind, "invalid");
    }
  });
});
