import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { systemClock } from "../../../lib/io/clock.ts";

describe("systemClock", () => {
  it("never goes back", () => {
    let last = systemClock.now();
    for (let i = 0; i < 1000; i++) {
      const now = systemClock.now();
      assert(now >= last);
      last = now;
    }
  });

  it("calls once, later, unless it is prevented", async () => {
    const calls: string[] = [];
    const keepAlive = setInterval(() => {}, 1000);
    const cancel = systemClock.after(0, () => calls.push("cancelled"));
    cancel();
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.after(1, () => {
        calls.push("called");
        resolve();
      });
      assertEquals(calls, []);
    });
    clearInterval(keepAlive);
    assertEquals(calls, ["called"]);
  });

  it("takes a delay longer than the runtime's timers can hold", () => {
    systemClock.after(1e12, () => {})();
  });
});
