import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createHint, type Hint } from "../../../lib/discovery/follow.ts";
import { keep } from "../../../lib/discovery/keep.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { settle } from "./heard.ts";

/** Keeps an entry every ten seconds, with the longest waits there are after a failure. */
function start(hint?: Hint) {
  const clock = new ManualClock(0);
  const renewed: number[] = [];
  const told: string[] = [];
  const state = { failing: false, left: 0 };
  const end = keep({
    clock,
    random: () => 1,
    hint,
    everyMs: () => 10_000,
    // deno-lint-ignore require-await -- a failure is to reject
    async renew() {
      renewed.push(clock.now());
      if (state.failing) throw new RpcError("connect", "away");
    },
    // deno-lint-ignore require-await -- as above
    async leave() {
      state.left++;
    },
    onError: ({ message }) => void told.push(message),
  });
  return {
    clock,
    renewed,
    told,
    state,
    end,
    /** Lets so much time go by, timer by timer. */
    async pass(ms: number): Promise<void> {
      const endMs = clock.now() + ms;
      await settle();
      for (; clock.nextMs <= endMs; await settle()) clock.advance(clock.nextMs - clock.now());
      clock.advance(endMs - clock.now());
    },
  };
}

describe("keep", () => {
  it("renews when it is due, and after a failure sooner: by a wait that doubles from half a second", async () => {
    const { renewed, told, state, pass, end } = start();
    await pass(20_000);
    state.failing = true;
    await pass(30_000);
    state.failing = false;
    await pass(30_000);
    const due = [10_000, 20_000, 30_000];
    const failing = [30_500, 31_500, 33_500, 37_500, 45_500]; // the last that fails
    assertEquals(renewed, [...due, ...failing, 55_500, 65_500, 75_500]);
    assertEquals(told, Array<string>(6).fill("away"));
    await end();
  });

  it("leaves once, and renews no more", async () => {
    const { clock, renewed, state, pass, end } = start();
    await pass(10_000);
    await Promise.all([end(), end()]);
    await pass(60_000);
    assertEquals([renewed, state.left, clock.pending], [[10_000], 1, 0]);
  });

  it("renews as soon as it is told to, but not without a pause, and goes on as before", async () => {
    const hint = createHint();
    const { renewed, pass, end } = start(hint);
    await pass(4_000);
    hint.give();
    hint.give();
    await pass(16_000);
    hint.give();
    await pass(1_000);
    assertEquals(renewed, [4_000, 14_000, 20_000]);
    hint.give();
    await pass(40);
    hint.give(); // before the pause after that one is over
    await pass(1_000);
    assertEquals(renewed.slice(3), [21_000, 21_050]);
    await end();
  });
});
