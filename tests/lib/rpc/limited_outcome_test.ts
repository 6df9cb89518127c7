import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import type { Clock } from "../../../lib/io/clock.ts";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { Call } from "../../../lib/rpc/call.ts";
import { Outcome } from "../../../lib/rpc/outcome.ts";
import { handlersOf } from "../../../lib/rpc/server.ts";
import type { ServiceSchema } from "../../../lib/schema/service.ts";
import { ManualClock } from "../io/manual_clock.ts";

const NONE = { kind: "struct", name: "", fields: [] } as const;
const method = { name: "m", key: "m", streaming: "unary", oneway: false, args: NONE, result: NONE } as const;
const service: ServiceSchema = { name: "S", payload: "thrift", methods: [method] };

/** What the handler of a method gives for a call that has 100 ms, and how that ended. */
function run(given: unknown, clock: Clock) {
  const call = new Call({ service, method, args: {}, side: "server", clock, deadline: clock.now() + 100 });
  const outcome = handlersOf(service, { m: () => given })(method)(call);
  assert(outcome instanceof Outcome);
  const heard: unknown[] = [];
  outcome.follow({
    succeeded: (value) => void heard.push(value),
    failed: (error) => void heard.push(RpcError.from(error).kind),
  });
  return { call, outcome, heard };
}

/** A promise that counts how often somebody listens to it. */
function counted<T>(promise: Promise<T>): { readonly promise: Promise<T>; readonly count: () => number } {
  let count = 0;
  const then: Promise<T>["then"] = (...listeners) => {
    count++;
    return Promise.prototype.then.apply(promise, listeners as []) as never;
  };
  return { promise: Object.assign(promise, { then }), count: () => count };
}

describe("a handler that has a deadline and does not answer at once", () => {
  it("costs one timer and one `then`, and its outcome is heard of without a promise", async () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const { promise, count } = counted(Promise.resolve(7));
    const { heard } = run(promise, wheel);
    assertEquals([wheel.size, count()], [1, 1]);
    await Promise.resolve();
    assertEquals([heard, wheel.size], [[7], 0]);
  });

  it("is timed out by any clock, hears of it by its signal, and what it gives later counts for nothing", async () => {
    const makers: ((clock: ManualClock) => Clock)[] = [(clock) => clock, (clock) => new TimerWheel(clock)];
    for (const make of makers) {
      for (const fails of [false, true]) {
        const clock = new ManualClock();
        let end = (): void => {};
        const slow = new Promise((resolve, reject) => end = () => fails ? reject(new Error("late")) : resolve(1));
        const { call, outcome, heard } = run(slow, make(clock));
        clock.advance(99);
        assertEquals([heard, call.signal.aborted], [[], false]);
        clock.advance(11);
        assertEquals([heard, call.signal.aborted], [["timeout"], true]);
        end();
        await assertRejects(() => outcome.promise(), RpcError, "S.m passed its deadline");
        assertEquals(heard.length, 1);
      }
    }
  });

  it("fails with its own error, and may give what is only like a promise", async () => {
    const failing = run(Promise.reject(new RpcError("internal", "no")), new ManualClock());
    await assertRejects(() => failing.outcome.promise(), RpcError, "no");
    const odd = run({
      then(listener: (value: unknown) => void) {
        listener(1);
        listener(2);
        throw new Error("thrown");
      },
    }, new ManualClock());
    assertEquals(await odd.outcome, 1);
    assertEquals([failing.heard, odd.heard], [["internal"], [1]]);
  });
});
