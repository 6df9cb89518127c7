import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Keepalive, type KeepaliveOptions, PingWatch } from "../../../codecs/http2/keepalive.ts";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";

/** What happened, in order, with the second it happened in. */
function watched(options: KeepaliveOptions, busy = () => true) {
  const clock = new ManualClock(0);
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${Math.round(clock.now() / 1000)}: ${what}`);
  const keepalive = new Keepalive(options, new TimerWheel(clock), {
    busy,
    ping: () => note("ping"),
    silent: (ms) => note(`silent for ${ms}`),
  });
  keepalive.start();
  return { clock, log, keepalive };
}

describe("Keepalive", () => {
  it("pings after silence and gives up when the answer does not come", () => {
    const { clock, log, keepalive } = watched({ timeMs: 10_000, timeoutMs: 2_000 });
    clock.advance(60_000);
    assertEquals(log, ["10: ping", "12: silent for 2000"]);
    assertEquals(keepalive.sent, 1);
  });

  it("takes any byte for life, and pings only what was silent for a whole period", () => {
    const { clock, log, keepalive } = watched({ timeMs: 10_000, timeoutMs: 2_000 });
    for (let s = 0; s < 35; s++) {
      if (s < 15 || log.at(-1)?.endsWith("ping")) keepalive.heard();
      clock.advance(1_000);
    }
    assertEquals(log.map((line) => line.slice(line.indexOf(" ") + 1)), ["ping"]);
  });

  it("pings no peer without streams, unless told to", () => {
    const idle = watched({ timeMs: 10_000 }, () => false);
    idle.clock.advance(100_000);
    assertEquals(idle.log, []);
    const eager = watched({ timeMs: 10_000, timeoutMs: 5_000, withoutCalls: true }, () => false);
    eager.clock.advance(12_000);
    assertEquals(eager.log, ["10: ping"]);
  });

  it("does nothing after stop", () => {
    const { clock, log, keepalive } = watched({ timeMs: 10_000 });
    keepalive.stop();
    clock.advance(100_000);
    assertEquals(log, []);
  });
});

describe("PingWatch", () => {
  it("forgives two pings that come too early", () => {
    let now = 0;
    const watch = new PingWatch({ minTimeMs: 1_000 }, () => now);
    const pings = [0, 1_000, 1_500, 1_600, 1_700].map((at) => watch.tooMany((now = at) >= 0, 0));
    assertEquals(pings, [false, false, false, false, true]);
  });

  it("begins to count anew when something was sent", () => {
    const watch = new PingWatch({ minTimeMs: 1_000 }, () => 0);
    for (let i = 0; i < 100; i++) {
      assertEquals(watch.tooMany(true, Math.floor(i / 3)), false);
    }
  });

  it("allows one ping in two hours while no stream is open", () => {
    let now = 0;
    const watch = new PingWatch({ minTimeMs: 1_000 }, () => now);
    const pings = [1, 2, 3, 4].map((hours) => {
      now = hours * 3_600_000;
      return watch.tooMany(false, 0);
    });
    assertEquals(pings, [false, false, false, true]);
    const patient = new PingWatch({ minTimeMs: 1_000, withoutCalls: true }, () => now += 1_000);
    assertEquals([1, 2, 3, 4, 5].map(() => patient.tooMany(false, 0)), [false, false, false, false, false]);
  });
});
