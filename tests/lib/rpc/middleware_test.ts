import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Call } from "../../../lib/rpc/call.ts";
import { compose, isPromise, type Middleware, policy, runFollowed } from "../../../lib/rpc/middleware.ts";
import { Outcome } from "../../../lib/rpc/outcome.ts";

const call = {} as Call;

describe("compose", () => {
  it("makes the first middleware the outermost", () => {
    const log: string[] = [];
    const named = (name: string): Middleware => (next) => (call) => {
      log.push(`> ${name}`);
      const outcome = next(call);
      log.push(`< ${name}`);
      return outcome;
    };
    const handler = compose([named("a"), named("b")], () => log.push("handler"));
    handler(call);
    assertEquals(log, ["> a", "> b", "handler", "< b", "< a"]);
  });

  it("wraps once, not per call", () => {
    let wrapped = 0;
    const handler = compose([(next) => (wrapped++, next)], () => 1);
    handler(call);
    handler(call);
    assertEquals(wrapped, 1);
  });

  it("gives a plain value back without a promise", () => {
    assertEquals(compose([(next) => next], () => 7)(call), 7);
  });
});

describe("what a policy follows", () => {
  /** Runs what ends as `make` says, followed by one who writes down, and recovers if told. */
  async function run(
    make: () => unknown,
    recover?: (error: unknown) => unknown,
  ): Promise<[heard: string[], end: string]> {
    const heard: string[] = [];
    const follower = {
      succeeded: () => void heard.push("ok"),
      failed: (error: unknown) => void heard.push(`${error}`),
      ...(recover === undefined ? {} : { recover }),
    };
    try {
      return [heard, `${await runFollowed(make, call, follower)}`];
    } catch (error) {
      return [heard, `threw ${error}`];
    }
  }
  const fail = () => {
    throw "no";
  };

  it("is a value, a promise or what a connection answers, alike", async () => {
    for (const good of [() => 1, () => Promise.resolve(1), () => new Answer(1)]) {
      assertEquals(await run(good), [["ok"], "1"]);
      assertEquals(await run(good, fail), [["ok"], "1"]);
    }
    for (const bad of [fail, () => Promise.reject("no"), () => new Answer(undefined, "no")]) {
      assertEquals(await run(bad), [["no"], "threw no"]);
      assertEquals(await run(bad, () => 2), [["no"], "2"]);
      assertEquals(await run(bad, fail), [["no"], "threw no"]);
    }
  });

  it("is a promise to middleware that is no policy", () => {
    const seen: boolean[] = [];
    const look: Middleware = (next) => (call) => {
      const outcome = next(call);
      seen.push(outcome instanceof Promise);
      return outcome;
    };
    compose([look], () => new Answer(1))(call);
    compose([policy("look", (next) => look(next))], () => new Answer(1))(call);
    assertEquals(seen, [true, false]);
  });
});

/** An answer that is there in the next turn. */
class Answer extends Outcome {
  constructor(value: unknown, error?: unknown) {
    super();
    queueMicrotask(() => error === undefined ? this.succeed(value) : this.fail(error));
  }
}

describe("isPromise", () => {
  it("tells promises and thenables from values", () => {
    assertEquals(isPromise(Promise.resolve()), true);
    assertEquals(isPromise({ then() {} }), true);
    for (const value of [undefined, null, 0, "then", { then: 1 }, () => {}]) assertEquals(isPromise(value), false);
  });
});
