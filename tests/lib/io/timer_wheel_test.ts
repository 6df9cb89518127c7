import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { ManualClock } from "./manual_clock.ts";
import { seeded } from "./random.ts";

const HOUR_MS = 3_600_000;

describe("TimerWheel", () => {
  it("runs a timer at its time or less than a tick later, never before", () => {
    for (const delayMs of [0, 1, 9.5, 10, 11, 2559, 2560, 2561, 655_360, 10 * HOUR_MS, 30 * 24 * HOUR_MS]) {
      const clock = new ManualClock(123.25);
      const wheel = new TimerWheel(clock);
      let ranMs = NaN;
      const atMs = clock.now() + delayMs;
      wheel.add(atMs, () => ranMs = clock.now());
      clock.advance(delayMs + 20);
      assert(ranMs >= atMs, `${delayMs}: ran at ${ranMs}, due at ${atMs}`);
      assert(ranMs <= atMs + 10.001 || delayMs === 0, `${delayMs}: ran at ${ranMs}, due at ${atMs}`);
    }
  });

  it("runs timers in any mix of near and far exactly once, in time", () => {
    const next = seeded(42);
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const due = new Map<number, number>();
    const timers: ReturnType<TimerWheel["add"]>[] = [];
    let late = 0;
    const scales = [50, 5000, 200_000, 4 * HOUR_MS, 900 * HOUR_MS];
    const add = (id: number): void => {
      const atMs = clock.now() + next(scales[next(scales.length)]!);
      due.set(id, atMs);
      timers[id] = wheel.add(atMs, () => {
        assert(due.has(id), `timer ${id} ran twice or after it was cancelled`);
        assert(clock.now() >= atMs, `timer ${id} ran ${atMs - clock.now()} ms early`);
        late = Math.max(late, clock.now() - Math.max(atMs, 0));
        due.delete(id);
      });
    };
    for (let id = 0; id < 3000; id++) {
      add(id);
      if (next(4) === 0) {
        const other = next(id + 1);
        wheel.cancel(timers[other]!);
        due.delete(other);
      }
      if (next(3) === 0) clock.advance(next(scales[next(3)]!));
    }
    assertEquals(wheel.size, due.size);
    clock.advance(1000 * HOUR_MS);
    assertEquals(due.size, 0);
    assertEquals(wheel.size, 0);
    assert(late <= 20, `${late} ms late`);
  });

  it("serves a timer set when time stood still for long", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    let far = 0;
    let near = 0;
    wheel.add(clock.now() + HOUR_MS, () => far++);
    clock.jump(HOUR_MS / 2);
    wheel.add(clock.now() + 50, () => near++);
    clock.advance(70);
    assertEquals([far, near], [0, 1]);
    clock.advance(HOUR_MS);
    assertEquals([far, near], [1, 1]);
  });

  it("arms one timer of the runtime while timers wait, and none after the last one ran", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    assertEquals(clock.pending, 0);
    for (let i = 0; i < 100; i++) wheel.add(clock.now() + i * 37, () => {});
    assertEquals(clock.pending, 1);
    clock.advance(100 * 37 + 10);
    assertEquals(clock.pending, 0);
    assertEquals(wheel.size, 0);
  });

  it("does not arm again when everything was cancelled", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    for (let i = 0; i < 1000; i++) wheel.cancel(wheel.add(clock.now() + 500, () => {}));
    assert(clock.pending <= 1);
    clock.advance(510);
    assertEquals(clock.pending, 0);
  });

  it("may be changed by the timers it runs", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const ran: string[] = [];
    const atMs = clock.now() + 20;
    wheel.add(atMs, () => {
      ran.push("first");
      for (const timer of others) wheel.cancel(timer);
      wheel.add(clock.now() - 5, () => ran.push("late"));
    });
    const others = [0, 10, 3000].map((ms) => wheel.add(atMs + ms, () => ran.push("cancelled")));
    clock.advance(20);
    assertEquals(ran, ["first"]);
    clock.advance(20);
    assertEquals(ran, ["first", "late"]);
    assertEquals(wheel.size, 0);
  });

  it("runs timers of one tick in the order they were added", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const ran: number[] = [];
    for (let i = 0; i < 5; i++) wheel.add(clock.now() + 42, () => ran.push(i));
    clock.advance(50);
    assertEquals(ran, [0, 1, 2, 3, 4]);
  });

  it("cancels a timer of the same slot while the slot runs", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    let ran = 0;
    const timers: ReturnType<TimerWheel["add"]>[] = [];
    const body = (): void => {
      ran++;
      for (const timer of timers) wheel.cancel(timer);
    };
    for (let i = 0; i < 5; i++) timers.push(wheel.add(clock.now() + 15, body));
    clock.advance(100);
    assertEquals(ran, 1);
    assertEquals(wheel.size, 0);
  });

  it("runs the others when one throws, and then lets the error out", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    let ran = 0;
    const bad = new Error("bad");
    wheel.add(clock.now() + 10, () => ran++);
    wheel.add(clock.now() + 10, () => {
      throw bad;
    });
    wheel.add(clock.now() + 10, () => ran++);
    wheel.add(clock.now() + 50, () => ran++);
    assertEquals(assertThrows(() => clock.advance(10)), bad);
    assertEquals(ran, 2);
    clock.advance(50);
    assertEquals(ran, 3);
  });

  it("gives errors to onError instead", () => {
    const clock = new ManualClock();
    const errors: unknown[] = [];
    const wheel = new TimerWheel(clock, 10, (error) => errors.push(error));
    for (const e of [1, 2]) {
      wheel.add(clock.now() + 10, () => {
        throw e;
      });
    }
    clock.advance(10);
    assertEquals(errors.sort(), [1, 2]);
  });

  it("restarts a timer that waits, has run, or was cancelled", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const ran: number[] = [];
    const startMs = clock.now();
    const timer = wheel.add(startMs + 100, () => ran.push(clock.now() - startMs));
    wheel.restart(timer, startMs + 50);
    assertEquals(wheel.size, 1);
    clock.advance(200);
    wheel.restart(timer, startMs + 300);
    clock.advance(200);
    wheel.cancel(timer);
    assertEquals(timer.active, false);
    wheel.restart(timer, startMs + 500);
    assertEquals(timer.active, true);
    clock.advance(200);
    assertEquals(ran, [50, 300, 500]);
  });

  it("runs nothing after close", () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    let ran = 0;
    wheel.add(clock.now() + 10, () => ran++);
    wheel.close();
    wheel.add(clock.now() + 10, () => ran++);
    clock.advance(1000);
    assertEquals([ran, wheel.size, clock.pending], [0, 0, 0]);
  });

  it("works on the system's clock", async () => {
    const wheel = new TimerWheel(undefined, 1);
    const startMs = wheel.clock.now();
    const keepAlive = setInterval(() => {}, 1000);
    const ranMs = await new Promise<number>((resolve) => wheel.add(startMs + 5, () => resolve(wheel.clock.now())));
    clearInterval(keepAlive);
    assert(ranMs >= startMs + 5);
  });
});
