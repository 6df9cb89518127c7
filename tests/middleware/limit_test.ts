import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../lib/errors.ts";
import { createLimiter } from "../../lib/limits/limiter.ts";
import { Call } from "../../lib/rpc/call.ts";
import type { CallHead } from "../../lib/rpc/admission.ts";
import { limit } from "../../middleware/limit.ts";
import { ManualClock } from "../lib/io/manual_clock.ts";

function call(): Call {
  return new Call({
    service: { name: "Echo" } as CallHead["service"],
    method: { name: "echo" } as CallHead["method"],
    args: {},
    side: "client",
    clock: new ManualClock(),
  });
}

describe("limit", () => {
  it("refuses what its limiter has no room for, and passes nothing on", async () => {
    const limiter = createLimiter({ concurrency: 1 });
    let answer = (_: string): void => {};
    let sent = 0;
    const handler = limit(limiter)(() => {
      sent++;
      return new Promise<string>((resolve) => answer = resolve);
    });
    const first = handler(call());
    const error = assertThrows(() => handler(call()), RpcError);
    assertEquals([error.kind, sent], ["overload", 1]);
    answer("done");
    assertEquals(await first, "done");
    assertEquals(limiter.stats.running, 0);
  });

  it("counts a call to its end, however that comes", async () => {
    const limiter = createLimiter({ concurrency: 1 });
    const fails = (): never => {
      throw new Error("now");
    };
    const outcomes: (() => unknown)[] = [() => "now", () => Promise.resolve("later"), fails];
    for (const outcome of outcomes) {
      try {
        await limit(limiter)(outcome)(call());
      } catch (error) {
        assertEquals((error as Error).message, "now");
      }
      assertEquals(limiter.stats.running, 0);
    }
    const rejects = limit(limiter)(() => Promise.reject(new Error("later")));
    await assertRejects(() => rejects(call()) as Promise<unknown>, Error, "later");
    assertEquals([limiter.stats.running, limiter.stats.taken], [0, 4]);
  });
});
