import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ConnectionOptions } from "../../../lib/io/connection_options.ts";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { Watchdog } from "../../../lib/io/watchdog.ts";
import { ManualClock } from "./manual_clock.ts";

interface State {
  blocked: boolean;
  length: number;
  stopped: boolean;
  consumed: number;
}

function setup(timeouts: ConnectionOptions): {
  dog: Watchdog;
  clock: ManualClock;
  state: State;
  events: [string, number][];
} {
  const clock = new ManualClock(0);
  const state: State = { blocked: false, length: 0, stopped: false, consumed: 0 };
  const events: [string, number][] = [];
  const dog = new Watchdog(clock, { wheel: new TimerWheel(clock, 1), ...timeouts }, state, state, {
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
    const { dog, clock, state } = setup({ readTimeoutMs: 800, writeTimeoutMs: 800 });
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
        const { dog, clock, state, events } = setup({ [`${what}TimeoutMs`]: 800 });
        dog.look();
        clock.advance(offset);
        if (what === "read") state.length = 1;
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
    const { dog, clock, state, events } = setup({ readTimeoutMs: 800, writeTimeoutMs: 800 });
    state.length = 1;
    state.blocked = true;
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
    const { dog, clock, state, events } = setup({ writeTimeoutMs: 800, idleTimeoutMs: 800 });
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
