import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RetryThrottle } from "../../../lib/governance/retry_throttle.ts";
import { randomOf } from "../discovery/balancers/host.ts";

describe("gRPC's retry throttling", () => {
  it("takes a token for a failure that is worth a retry, gives a part of one for a success, and stops at half", () => {
    const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.5 });
    const table: readonly (readonly [what: "well" | "worth" | "other", times: number, allowed: boolean])[] = [
      ["well", 100, true], // not above its ten
      ["worth", 4, true], // 6
      ["other", 50, true],
      ["worth", 1, false], // 5
      ["well", 1, true], // 5.5
      ["worth", 1, false], // 4.5
      ["well", 1, false], // 5
      ["worth", 100, false], // 0, not below
      ["well", 10, false], // 5
      ["well", 1, true], // 5.5
    ];
    for (const [i, [what, times, allowed]] of table.entries()) {
      for (let n = 0; n < times; n++) throttle.ended(what === "well", what === "worth");
      assertEquals(throttle.allowRetry(), allowed, `row ${i}`);
    }
  });

  it("follows that curve whatever happens", () => {
    const random = randomOf(47);
    for (const [maxTokens, tokenRatio] of [[1, 0.1], [10, 0.25], [1_000, 1]] as const) {
      const throttle = new RetryThrottle({ maxTokens, tokenRatio });
      let tokens: number = maxTokens;
      for (let i = 0; i < 3_000; i++) {
        const [well, worth] = [random() < 0.5 + 0.4 * Math.sin(i / 300), random() < 0.9];
        throttle.ended(well, worth && !well);
        if (well) tokens = Math.min(maxTokens, tokens + tokenRatio);
        else if (worth) tokens = Math.max(0, tokens - 1);
        assertEquals(throttle.allowRetry(), tokens > maxTokens / 2, `${i} of ${maxTokens}`);
      }
    }
  });

  it("lets every retry go where no throttling is configured", () => {
    const throttle = new RetryThrottle(undefined);
    for (let i = 0; i < 100; i++) throttle.ended(false, true);
    assertEquals(throttle.allowRetry(), true);
  });
});
