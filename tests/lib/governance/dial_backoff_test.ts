import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { dialWaitMs, dialWaits } from "../../../lib/governance/dial_backoff.ts";

describe("dialWaitMs", () => {
  it("grows as gRPC says, up to its bound", () => {
    const waits = [0, 1, 2, 3, 10, 11, 50].map((failures) => Math.round(dialWaitMs(dialWaits(), failures, () => 0.5)));
    assertEquals(waits, [1_000, 1_600, 2_560, 4_096, 109_951, 120_000, 120_000]);
  });

  it("is a fifth shorter or longer at random", () => {
    assertEquals(dialWaitMs(dialWaits(), 0, () => 0), 800);
    assertEquals(Math.round(dialWaitMs(dialWaits(), 0, () => 0.999999)), 1_200);
  });
});

describe("dialWaits", () => {
  it("refuses numbers that cannot be used", () => {
    for (
      const bad of [{ initialMs: -1 }, { multiplier: NaN }, { initialMs: 10, maxMs: 9 }, { jitter: 1 }, {
        minConnectTimeoutMs: 0,
      }]
    ) {
      assertEquals(assertThrows(() => dialWaits(bad), RpcError).kind, "invalid");
    }
  });
});
