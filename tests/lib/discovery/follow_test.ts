import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createHint, follow, pause, within } from "../../../lib/discovery/follow.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { settle } from "./heard.ts";

/** Advances until something is asked for again; gives how long that took. */
async function untilAgain(clock: ManualClock, runs: () => number): Promise<number> {
  const [before, beganMs] = [runs(), clock.now()];
  while (runs() === before) {
    clock.advance(clock.nextMs - clock.now());
    await settle();
  }
  return clock.now() - beganMs;
}

describe("follow", () => {
  it("waits longer each time also where each run begins well, whether it fails or ends", async () => {
    for (const ending of ["fails", "ends"]) {
      const clock = new ManualClock();
      let runs = 0;
      const stop = follow({
        clock,
        random: () => 0.5,
        failed: () => {},
        run(_, good) {
          runs++;
          good();
          return ending === "ends" ? Promise.resolve() : Promise.reject(new RpcError("unavailable", "refused"));
        },
      });
      await settle();
      const waits: number[] = [];
      for (let i = 0; i < 8; i++) waits.push(await untilAgain(clock, () => runs));
      assertEquals(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
      stop();
      await settle();
      assertEquals(clock.pending, 0);
    }
  });

  it("begins with short waits again after a run that lasted", async () => {
    const clock = new ManualClock();
    const lasting = [0, 0, 4_999, 5_000];
    let runs = 0;
    const stop = follow({
      clock,
      random: () => 0.5,
      failed: () => {},
      async run(signal, good) {
        const ms = lasting[runs++] ?? 0;
        good();
        if (ms > 0) await pause(ms, clock, signal);
        throw new RpcError("unavailable", "broken");
      },
    });
    await settle();
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) waits.push(await untilAgain(clock, () => runs));
    assertEquals(waits, [250, 500, 4_999 + 1_000, 5_000 + 250]);
    stop();
  });
});

describe("createHint", () => {
  it("ends the wait at its least time, not before, and only the wait it was given in", async () => {
    const clock = new ManualClock();
    const hint = createHint();
    const { signal } = new AbortController();
    let waits = 0;
    const wait = (): void => void hint.pause(1_000, 10_000, clock, signal).then(() => waits++);
    const after = async (ms: number): Promise<number> => {
      clock.advance(ms);
      await settle();
      return waits;
    };
    wait();
    hint.give();
    hint.give();
    assertEquals([await after(999), await after(1)], [0, 1]);
    wait();
    assertEquals([await after(9_999), await after(1)], [1, 2]);
    wait();
    await after(5_000);
    hint.give();
    assertEquals([await after(0), clock.pending], [3, 0]);
    hint.give();
    wait();
    assertEquals([await after(999), await after(1)], [3, 4]);
  });

  it("ends at once when the signal fires, and leaves no timer", async () => {
    const clock = new ManualClock();
    const hint = createHint();
    const controller = new AbortController();
    const waiting = hint.pause(1_000, 10_000, clock, controller.signal);
    hint.give();
    controller.abort();
    await waiting;
    await hint.pause(1_000, 10_000, clock, controller.signal);
    assertEquals(clock.pending, 0);
  });
});

describe("within", () => {
  it("does not wait when the signal has fired already, and hears no late failure", async () => {
    const clock = new ManualClock();
    const signal = AbortSignal.abort(new RpcError("canceled", "over"));
    let fail = (_: Error): void => {};
    const asked = new Promise<never>((_, reject) => fail = reject);
    await assertRejects(() => within(asked, { what: "it", ms: 10, clock, signal }), RpcError, "over");
    assertEquals(clock.pending, 0);
    fail(new Error("late"));
    await settle();
  });
});
