/**
 * The small policies together: timeout, access rules, degradation, fallback, tracing.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../core.ts";
import { acl, degrade, fallback, timeout, trace, type TraceEnd } from "../../middleware/mod.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { randomOf, within } from "../lib/discovery/balancers/host.ts";
import { policed } from "./fake_calls.ts";

const kindOf = async (outcome: Promise<unknown>): Promise<string> =>
  (await assertRejects(() => outcome, RpcError)).kind;

describe("timeout", () => {
  it("gives each method its time, by name or by *, and leaves a sooner deadline alone", async () => {
    const policy = timeout({ ms: { ping: 100, "*": 500, echo: 0 } });
    const f = policed(policy, (call) => Promise.resolve(call.deadline - f.clock.now()));
    assertEquals(await f.run("ping").outcome, 100);
    assertEquals(await f.run("sleep").outcome, 500);
    assertEquals(await f.run("echo").outcome, Infinity);
    assertEquals(await f.run("ping", { deadline: f.clock.now() + 7 }).outcome, 7);
    policy.update(30);
    assertEquals(await f.run("ping").outcome, 30);
    assertThrows(() => policy.update({ ping: -1 }), RpcError, "timeout of ping: -1");
    assertThrows(() => policy.update(50, { ping: -1 }), RpcError, "timeout of ping: -1");
    assertEquals(await f.run("ping").outcome, 30);
  });

  it("gives each method its time to connect, streams too, and says nothing of it where it has none", async () => {
    const policy = timeout({ ms: 0, connectMs: { ping: 50, "*": 0 } });
    const f = policed(policy, (call) => Promise.resolve(call.connectTimeoutMs));
    assertEquals(await f.run("ping").outcome, 50);
    const method = EchoService.methods.find(({ name }) => name === "ping")!;
    assertEquals(await f.run("ping", { method: { ...method, streaming: "server" } }).outcome, 50);
    assertEquals(await f.run("echo", { connectTimeoutMs: 300 }).outcome, 300);
    policy.update(0);
    assertEquals(await f.run("ping").outcome, undefined);
  });
});

describe("access rules", () => {
  it("refuse with the first reason, or with an error of their own", async () => {
    const f = policed(
      acl([
        ({ method }) => method.name === "ping" ? "no pings" : undefined,
        ({ method }) => method.name === "echo" ? new RpcError("overload", "later") : undefined,
      ]),
      () => Promise.resolve("well"),
    );
    const error = await assertRejects(() => f.run("ping").outcome, RpcError, "no pings");
    assertEquals(error.kind, "forbidden");
    assertEquals(await kindOf(f.run("echo").outcome), "overload");
    assertEquals(await f.run("sleep").outcome, "well");
  });
});

describe("degradation", () => {
  it("drops its share of calls, and can be changed", async () => {
    let drawn = 0;
    const policy = degrade({ percentage: 30, random: () => (drawn++ % 10) / 10 });
    const f = policed(policy, () => Promise.resolve());
    const count = async (): Promise<number> => {
      let dropped = 0;
      for (let i = 0; i < 100; i++) await f.run().outcome.catch(() => dropped++);
      return dropped;
    };
    assertEquals(await count(), 30);
    policy.update({ percentage: 100, enable: false });
    assertEquals(await count(), 0);
    policy.update({ percentage: 100 });
    assertEquals(await count(), 100);
    assertThrows(() => policy.update({ percentage: 101 }), RpcError, "101 %");
  });
});

describe("degradation's share", () => {
  it("is kept whatever it is: none of nothing, all of everything", async () => {
    for (const percentage of [0, 0.5, 1, 30, 50, 99, 100]) {
      const f = policed(degrade({ percentage, random: randomOf(91) }), () => Promise.resolve());
      let dropped = 0;
      for (let i = 0; i < 5_000; i++) await f.run().outcome.catch(() => dropped++);
      assert(within(dropped, 5_000, percentage / 100), `${dropped} at ${percentage}`);
      if (percentage % 100 === 0) assertEquals(dropped, percentage * 50);
    }
  });
});

describe("fallback", () => {
  it("stands in for errors, and passes values on", async () => {
    const run = (error: unknown): string => `instead of ${(error as Error).message}`;
    const failing = policed(fallback({ run }), () => Promise.reject(new Error("declared")));
    assertEquals(await failing.run().outcome, "instead of declared");
    assertEquals(await policed(fallback({ run }), () => Promise.resolve("well")).run().outcome, "well");
    const thrown = policed(fallback({ run }), () => {
      throw new Error("thrown");
    });
    assertEquals(await thrown.run().outcome, "instead of thrown");
  });

  it("can be for timeouts and refusals alone, or for what a function says", async () => {
    const table: [RpcError, boolean][] = [
      [new RpcError("timeout", "x"), true],
      [new RpcError("unavailable", "x"), true],
      [new RpcError("unavailable", "x", { remote: true }), false],
      [new RpcError("internal", "x"), false],
    ];
    for (const [error, applies] of table) {
      const f = policed(fallback({ run: () => "instead", when: "unavailable" }), () => Promise.reject(error));
      assertEquals(await f.run().outcome.catch((kept) => kept), applies ? "instead" : error);
    }
    const never = policed(fallback({ run: () => "instead", when: () => false }), () => Promise.reject(table[0]![0]));
    assertEquals(await kindOf(never.run().outcome), "timeout");
  });

  it("lets the caller see what it throws itself", async () => {
    const run = (): never => {
      throw new TypeError("worse");
    };
    const f = policed(fallback({ run }), () => Promise.reject(new RpcError("timeout", "x")));
    await assertRejects(() => f.run().outcome, TypeError, "worse");
  });

  it("lets streams pass", async () => {
    const ping = EchoService.methods.find(({ name }) => name === "ping")!;
    const f = policed(fallback({ run: () => "instead" }), () => Promise.reject(new RpcError("timeout", "x")));
    assertEquals(await kindOf(f.run("ping", { method: { ...ping, streaming: "server" } }).outcome), "timeout");
  });
});

describe("tracers", () => {
  it("hear of the beginning in order, of the end in reverse, and of a business status not as an error", async () => {
    const heard: string[] = [];
    const tracer = (name: string) => ({
      start: () => (heard.push(`start ${name}`), name),
      finish: (_: unknown, { error, status, elapsedMs }: TraceEnd, started: unknown) => {
        heard.push(`finish ${started} ${error instanceof RpcError ? error.kind : error} ${status?.kind} ${elapsedMs}`);
      },
    });
    let outcome = (): Promise<unknown> => Promise.resolve();
    const f = policed(trace([tracer("a"), tracer("b")]), () => (f.clock.advance(5), outcome()));
    await f.run().outcome;
    assertEquals(heard.splice(0), [
      "start a",
      "start b",
      "finish b undefined undefined 5",
      "finish a undefined undefined 5",
    ]);
    outcome = () => Promise.reject(new RpcError("business", "x"));
    await f.run().outcome.catch(() => {});
    assertEquals(heard.splice(0).at(-1), "finish a undefined business 5");
    outcome = () => Promise.reject(new RpcError("timeout", "x"));
    await f.run().outcome.catch(() => {});
    assertEquals(heard.at(-1), "finish a timeout undefined 5");
  });

  it("never break a call", async () => {
    const bad = {
      start: (): never => {
        throw new Error("start");
      },
      finish: (): never => {
        throw new Error("finish");
      },
    };
    assertEquals(await policed(trace([bad]), () => Promise.resolve("well")).run().outcome, "well");
    const late = { start: () => Promise.reject(new Error("start")), finish: () => Promise.reject(new Error("finish")) };
    assertEquals(await policed(trace([late]), () => Promise.resolve("well")).run().outcome, "well");
    await new Promise<void>((resolve) => setTimeout(resolve)); // a rejection that nobody took would be told by now
  });
});
