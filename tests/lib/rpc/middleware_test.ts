import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Call } from "../../../lib/rpc/call.ts";
import { compose, isPromise, type Middleware } from "../../../lib/rpc/middleware.ts";

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

describe("isPromise", () => {
  it("tells promises and thenables from values", () => {
    assertEquals(isPromise(Promise.resolve()), true);
    assertEquals(isPromise({ then() {} }), true);
    for (const value of [undefined, null, 0, "then", { then: 1 }, () => {}]) assertEquals(isPromise(value), false);
  });
});
