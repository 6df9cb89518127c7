import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Follower, Outcome } from "../../../lib/rpc/outcome.ts";

/** Writes down what it hears. */
function listener(name: string, heard: string[], recover?: (error: unknown) => unknown): Follower {
  return {
    succeeded: () => void heard.push(`${name} ok`),
    failed: (error) => void heard.push(`${name} ${error}`),
    ...(recover === undefined ? {} : { recover }),
  };
}

describe("an outcome", () => {
  it("is told to those who follow it in the turn it is known, from the inside out", async () => {
    const heard: string[] = [];
    const outcome = new Outcome();
    for (const name of ["a", "b", "c", "d", "e", "f"]) outcome.follow(listener(name, heard));
    const promise = outcome.promise();
    outcome.succeed(7);
    assertEquals(heard, ["a ok", "b ok", "c ok", "d ok", "e ok", "f ok"]);
    assertEquals(await promise, 7);
    assertStrictEquals(outcome.promise(), promise);
  });

  it("is told also to those who come when it is known", async () => {
    const heard: string[] = [];
    const good = new Outcome();
    good.succeed(1);
    good.follow(listener("late", heard));
    const bad = new Outcome();
    bad.fail("no");
    bad.follow(listener("late", heard));
    bad.follow(listener("rescue", heard, (error) => `${error}, but`));
    bad.follow(listener("after", heard));
    assertEquals(heard, ["late ok", "late no", "rescue no"]);
    assertEquals([await good, await bad], [1, "no, but"]);
    assertEquals(heard.at(-1), "after ok");
  });

  it("is what a failure was recovered to for those further out, and the failure for those further in", async () => {
    for (const { recover, further, end } of RECOVERIES) {
      const heard: string[] = [];
      const outcome = new Outcome();
      outcome.follow(listener("in", heard));
      outcome.follow(listener("at", heard, recover));
      outcome.follow(listener("out", heard));
      const promise = outcome.promise();
      outcome.fail("no");
      assertEquals(heard, ["in no", "at no"]);
      if (end === "value") assertEquals(await promise, 1);
      else assertEquals(await promise.catch((error) => error), "worse");
      assertEquals(heard, ["in no", "at no", further]);
    }
  });

  it("is recovered not at all when it is good", async () => {
    const outcome = new Outcome();
    outcome.follow(listener("at", [], () => {
      throw new Error("asked");
    }));
    outcome.succeed(1);
    assertEquals(await outcome, 1);
  });

  it("rejects where nobody recovers it, and only if it is asked for", async () => {
    const outcome = new Outcome();
    outcome.fail(new TypeError("no"));
    await assertRejects(() => outcome.promise(), TypeError, "no");
    assert(!(outcome instanceof Promise));
  });
});

const RECOVERIES = [
  { recover: () => 1, further: "out ok", end: "value" },
  { recover: () => Promise.resolve(1), further: "out ok", end: "value" },
  { recover: () => Promise.reject("worse"), further: "out worse", end: "error" },
  {
    recover: () => {
      throw "worse";
    },
    further: "out worse",
    end: "error",
  },
] as const;
