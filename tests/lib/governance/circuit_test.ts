import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  Circuit,
  CIRCUIT_DEFAULTS,
  type CircuitState,
  tripOnConsecutive,
  tripOnCount,
} from "../../../lib/governance/circuit.ts";
import { randomOf } from "../discovery/balancers/host.ts";

/** A breaker that is open at time 0. */
function opened(): Circuit {
  const circuit = new Circuit({ minSamples: 1 });
  circuit.record("failure", 0);
  assertEquals(circuit.state, "open");
  return circuit;
}

describe("a circuit breaker's defaults", () => {
  it("are Kitex's", () => {
    assertEquals(CIRCUIT_DEFAULTS, {
      enable: true,
      errorRate: 0.5,
      minSamples: 200,
      coolingMs: 5_000,
      detectIntervalMs: 200,
      halfOpenSuccesses: 2,
    });
  });

  it("trip it at the 200th call if half of them failed, not before, and only by a failure", () => {
    const circuit = new Circuit({});
    for (let i = 0; i < 99; i++) circuit.record("failure", i);
    for (let i = 0; i < 100; i++) circuit.record("success", i);
    assertEquals([circuit.state, circuit.samples], ["closed", 199]);
    circuit.record("timeout", 200);
    assertEquals(circuit.state, "open");
    const lucky = new Circuit({});
    for (let i = 0; i < 199; i++) lucky.record("failure", i);
    lucky.record("success", 199);
    assertEquals([lucky.state, lucky.samples], ["closed", 200]);
  });

  it("forget what is ten seconds old", () => {
    const circuit = new Circuit({});
    for (let i = 0; i < 199; i++) circuit.record("failure", 0);
    circuit.record("failure", 10_000);
    assertEquals([circuit.state, circuit.samples], ["closed", 1]);
  });
});

/** Each row: a state, what happens, and the state after it. */
const TABLE: [CircuitState, string, CircuitState, (circuit: Circuit) => void][] = [
  ["closed", "a success", "closed", (c) => c.record("success", 1)],
  ["closed", "a failure below the threshold", "closed", (c) => {
    c.config = { minSamples: 10 };
    c.record("failure", 1);
  }],
  ["closed", "a failure at the threshold", "open", (c) => c.record("failure", 1)],
  ["closed", "a timeout at the threshold", "open", (c) => c.record("timeout", 1)],
  ["open", "a call before the cooling is over", "open", (c) => assertEquals(c.allows(4_999), false)],
  ["open", "a success", "open", (c) => c.record("success", 1)],
  ["open", "a call after the cooling", "half-open", (c) => assertEquals(c.allows(5_000), true)],
  ["half-open", "another call within the detect interval", "half-open", (c) => assertEquals(c.allows(5_199), false)],
  ["half-open", "another call after it", "half-open", (c) => assertEquals(c.allows(5_200), true)],
  ["half-open", "one success", "half-open", (c) => c.record("success", 5_001)],
  ["half-open", "two successes", "closed", (c) => {
    c.record("success", 5_001);
    c.record("success", 5_002);
  }],
  ["half-open", "a failure", "open", (c) => c.record("failure", 5_001)],
  ["half-open", "a success and a timeout", "open", (c) => {
    c.record("success", 5_001);
    c.record("timeout", 5_002);
  }],
];

describe("a circuit breaker", () => {
  for (const [from, what, to, run] of TABLE) {
    it(`that is ${from} is ${to} after ${what}`, () => {
      const circuit = from === "closed" ? new Circuit({ minSamples: 1 }) : opened();
      if (from === "half-open") assert(circuit.allows(5_000));
      assertEquals(circuit.state, from);
      run(circuit);
      assertEquals(circuit.state, to);
    });
  }

  it("cools down anew when a trial failed", () => {
    const circuit = opened();
    assert(circuit.allows(5_000));
    circuit.record("failure", 5_050);
    assert(!circuit.allows(10_049));
    assert(circuit.allows(10_050));
  });

  it("needs its successes in a row anew after each cooling", () => {
    const circuit = opened();
    circuit.allows(5_000);
    circuit.record("success", 5_001);
    circuit.record("failure", 5_002);
    assert(circuit.allows(10_002));
    circuit.record("success", 10_003);
    assertEquals(circuit.state, "half-open");
  });

  it("begins with an empty window when it closes, and is idle once that is empty", () => {
    const circuit = opened();
    assert(!circuit.idle(4_999));
    circuit.allows(5_000);
    circuit.record("success", 5_001);
    circuit.record("success", 5_002);
    assertEquals(circuit.samples, 0);
    assert(circuit.idle(5_003));
    circuit.record("success", 5_004);
    assert(!circuit.idle(14_999));
    assert(circuit.idle(15_000));
  });

  it("lets everything through while it is switched off, and trips by no failure", () => {
    const circuit = opened();
    circuit.config = { enable: false };
    assert(circuit.allows(1));
    const off = new Circuit({ enable: false, minSamples: 1 });
    off.record("failure", 0);
    assertEquals(off.state, "closed");
  });

  it("trips by a count, by errors in a row, or by any other function", () => {
    const count = new Circuit({}, { trip: tripOnCount(2) });
    count.record("failure", 0);
    count.record("success", 0);
    assertEquals(count.state, "closed");
    count.record("timeout", 0);
    assertEquals(count.state, "open");
    const row = new Circuit({}, { trip: tripOnConsecutive(2) });
    for (const sample of ["failure", "success", "failure"] as const) row.record(sample, 0);
    assertEquals(row.state, "closed");
    row.record("failure", 0);
    assertEquals(row.state, "open");
  });

  it("tells every change", () => {
    const changes: string[] = [];
    const circuit = new Circuit({ minSamples: 1 }, {}, (from, to) => changes.push(`${from} ${to}`));
    circuit.record("failure", 0);
    circuit.allows(5_000);
    circuit.record("success", 5_000);
    circuit.record("success", 5_000);
    assertEquals(changes, ["closed open", "open half-open", "half-open closed"]);
  });
});

describe("a circuit breaker, whatever happens to it", () => {
  /** Kitex's rules, over a plain list of samples. */
  class Model {
    state: CircuitState = "closed";
    readonly #minSamples: number;
    #samples: { readonly tick: number; readonly bad: boolean }[] = [];
    #since = 0;
    #detected = 0;
    #good = 0;

    constructor(minSamples: number) {
      this.#minSamples = minSamples;
    }

    allows(now: number): boolean {
      if (this.state === "closed") return true;
      if (this.state === "open") {
        if (now - this.#since < 5_000) return false;
        this.state = "half-open";
        this.#good = 0;
      } else if (now - this.#detected < 200) return false;
      this.#detected = now;
      return true;
    }

    record(bad: boolean, now: number): void {
      const tick = Math.floor(now / 100);
      if (!bad) {
        if (this.state === "closed") this.#samples.push({ tick, bad });
        if (this.state === "half-open" && ++this.#good === 2) {
          this.#samples = [];
          this.state = "closed";
        }
        return;
      }
      this.#samples.push({ tick, bad });
      this.#samples = this.#samples.filter((each) => each.tick > tick - 100);
      const failed = this.#samples.filter((each) => each.bad).length;
      const trips = this.#samples.length >= this.#minSamples && failed / this.#samples.length >= 0.5;
      if (this.state === "half-open" || (this.state === "closed" && trips)) {
        this.state = "open";
        this.#since = now;
      }
    }
  }

  it("goes by Kitex's rules, call by call, also with calls that end late", () => {
    const seen = new Map<CircuitState, number>();
    for (const seed of [1, 2, 3, 4, 5]) {
      const random = randomOf(seed);
      const [circuit, model] = [new Circuit({ minSamples: 20 }), new Model(20)];
      const running: { readonly endMs: number; readonly bad: boolean }[] = [];
      for (let now = 0, i = 0; i < 10_000; i++) {
        now += random() < 0.01 ? random() * 6_000 : random() * 60;
        for (const call of running.filter(({ endMs }) => endMs <= now)) {
          running.splice(running.indexOf(call), 1);
          circuit.record(call.bad ? (random() < 0.5 ? "failure" : "timeout") : "success", now);
          model.record(call.bad, now);
          assertEquals(circuit.state, model.state, `seed ${seed}, ${i}`);
        }
        const allowed = circuit.allows(now);
        assertEquals([allowed, circuit.state], [model.allows(now), model.state], `seed ${seed}, ${i}`);
        seen.set(circuit.state, (seen.get(circuit.state) ?? 0) + 1);
        const failing = Math.sin(now / 20_000) > 0 ? 0.8 : 0.05;
        if (allowed) running.push({ endMs: now + random() * 900, bad: random() < failing });
      }
    }
    for (const state of ["closed", "open", "half-open"] as const) {
      assert(seen.get(state)! > 100, `${state} ${seen.get(state)}`);
    }
  });
});
