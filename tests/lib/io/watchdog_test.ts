import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { type Timeouts, Watchdog } from "../../../lib/io/watchdog.ts";
import { ManualClock } from "./manual_clock.ts";

function setup(timeouts: Partial<Timeouts>): {
  dog: Watchdog;
  clock: ManualClock;
  state: { blocked: boolean; incomplete: boolean; consumed: number };
  events: [string, number][];
} {
  const clock = new ManualClock(0);
  const state = { blocked: false, incomplete: false, consumed: 0 };
  const events: [string, number][] = [];
  const dog = new Watchdog(clock, new TimerWheel(clock, 1), { readMs: 0, writeMs: 0, idleMs: 0, ...timeouts }, {
    get blocked() {
      return state.blocked;
    },
    get incomplete() {
      return state.incomplete;
    },
    get consumed() {
      return state.consumed;
    },
    expire: () => Infinity,
    timedOut: (what) => {
      events.push([what, clock.now()]);
      return what === "idle";
    },
  });
  return { dog, clock, state, events };
}

describe("Watchdog", () => {
  it("has no timer where there is nothing to look at", () => {
    const { dog, clock, state } = setup({ readMs: 800, writeMs: 800 });
    assertEquals(clock.pending, 0);
    state.blocked = true;
    dog.look();
    assertEquals(clock.pending, 1);
    state.blocked = false;
    clock.advance(200);
    assertEquals(clock.pending, 0);
    const { dog: idle, clock: idleClock } = setup({});
    idle.look();
    assertEquals(idleClock.pending, 0);
  });

  it("reports each cause between its time and an eighth later", () => {
    for (const what of ["read", "write", "idle"] as const) {
      for (const offset of [0, 1, 50, 99, 100, 101, 399]) {
        const { dog, clock, state, events } = setup({ [`${what}Ms`]: 800 });
        dog.look();
        clock.advance(offset);
        if (what === "read") state.incomplete = true;
        if (what === "write") state.blocked = true;
        if (what === "idle") dog.touched = true;
        dog.look();
        const from = clock.now();
        clock.advance(1000);
        assert(events.length > 0, `${what} at ${offset}`);
        const late = events[0]![1] - from - 800;
        assert(late >= 0 && late <= 101, `${what} ${late} ms late`);
      }
    }
  });

  it("begins again at every progress", () => {
    const { dog, clock, state, events } = setup({ readMs: 800, writeMs: 800 });
    state.incomplete = state.blocked = true;
    dog.look();
    for (let i = 0; i < 10; i++) {
      clock.advance(700);
      state.consumed++;
      dog.wrote = true;
    }
    assertEquals(events, []);
    clock.advance(700);
    state.consumed++;
    clock.advance(300);
    assertEquals(events.map(([what]) => what), ["write"]);
  });

  it("does not run after stop", () => {
    const { dog, clock, state, events } = setup({ writeMs: 800, idleMs: 800 });
    state.blocked = true;
    dog.look();
    dog.stop();
    dog.look();
    clock.advance(5000);
    assertEquals([events, clock.pending <= 1], [[], true]);
  });

  it("reads the clock once for any number of questions between two bytes", () => {
    const { dog, clock } = setup({});
    dog.touched = true;
    clock.advance(5);
    assertEquals(dog.activeMs, 5);
    clock.advance(5);
    assertEquals(dog.activeMs, 5);
    dog.touched = true;
    assertEquals(dog.activeMs, 10);
  });
});
