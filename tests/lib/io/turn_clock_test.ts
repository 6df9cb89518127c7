import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { turnNow } from "../../../lib/io/clock.ts";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { TurnClock } from "../../../lib/io/turn_clock.ts";
import { ManualClock } from "./manual_clock.ts";

/** Lets time pass without leaving the turn. */
function pass(clock: TurnClock): void {
  const began = performance.now();
  while (performance.now() - began < 1) clock.after(1_000, () => {})();
}

describe("a turn's clock", () => {
  it("gives one reading a turn to those who only count", async () => {
    const clock = new TurnClock();
    const first = clock.turnNow();
    pass(clock);
    assertEquals(clock.turnNow(), first);
    await Promise.resolve();
    assert(clock.turnNow() > first);
  });

  it("gives every time anew to those who ask for it, and that one to those who only count", () => {
    const clock = new TurnClock();
    const first = clock.turnNow();
    pass(clock);
    const second = clock.now();
    assert(second > first);
    assertEquals(clock.turnNow(), second);
  });

  it("is that of a wheel with no other; with one of those who test, there is no old reading", () => {
    const wheel = new TimerWheel();
    assertEquals(turnNow(wheel), wheel.turnNow());
    wheel.close();
    const manual = new ManualClock();
    const steered = new TimerWheel(manual);
    const before = turnNow(steered);
    manual.advance(5);
    assertEquals(turnNow(steered), before + 5);
    steered.close();
  });
});
