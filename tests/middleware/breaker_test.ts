import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Call, RpcError } from "../../core.ts";
import { type CircuitChange, instanceBreaker, serviceBreaker } from "../../middleware/mod.ts";
import { policed, turn } from "./fake_calls.ts";

const broken = (): RpcError => new RpcError("transport", "broken");
const fails = async (outcome: Promise<unknown>): Promise<RpcError> => await assertRejects(() => outcome, RpcError);

describe("service breakers", () => {
  it("refuse calls of the method that fails, of no other, and let it recover", async () => {
    let failing = true;
    const changes: CircuitChange[] = [];
    const f = policed(
      serviceBreaker({ minSamples: 3, onChange: (change) => changes.push(change) }),
      (call) => failing && call.method.name === "ping" ? Promise.reject(broken()) : Promise.resolve("well"),
    );
    const init = { caller: "shop", destService: "echo" };
    for (let i = 0; i < 3; i++) assertEquals((await fails(f.run("ping", init).outcome)).kind, "transport");
    const refused = await fails(f.run("ping", init).outcome);
    assertEquals([refused.kind, refused.retryable, f.tries.length], ["unavailable", false, 3]);
    assertEquals(await f.run("echo", init).outcome, "well");
    failing = false;
    f.clock.advance(5_000);
    assertEquals(await f.run("ping", init).outcome, "well");
    assertEquals((await fails(f.run("ping", init).outcome)).kind, "unavailable");
    f.clock.advance(200);
    assertEquals(await f.run("ping", init).outcome, "well");
    assertEquals(await f.run("ping", init).outcome, "well");
    assertEquals(changes.map(({ key, from, to }) => `${key} ${from} ${to}`), [
      "shop/echo/ping closed open",
      "shop/echo/ping open half-open",
      "shop/echo/ping half-open closed",
    ]);
  });

  const classes: [string, unknown, boolean][] = [
    ["a business status", new RpcError("business", "x"), false],
    ["a declared exception", new Error("declared"), false],
    ["a call given up by its caller", new RpcError("canceled", "x"), false],
    ["arguments that cannot be sent", new RpcError("invalid", "x"), false],
    ["an access rule of this side", new RpcError("forbidden", "x"), false],
    ["no instance", new RpcError("unavailable", "x"), false],
    ["a server that says it is unavailable", new RpcError("unavailable", "x", { remote: true }), true],
    ["a timeout", new RpcError("timeout", "x"), true],
    ["a broken connection", broken(), true],
    ["a handler that failed", new RpcError("internal", "x", { remote: true }), true],
    ["no connection", new RpcError("connect", "x"), true],
    ["too much load", new RpcError("overload", "x", { remote: true }), true],
  ];
  for (const [what, error, counts] of classes) {
    it(`${counts ? "count" : "do not count"} ${what} as a failure`, async () => {
      const breaker = serviceBreaker({ minSamples: 1 });
      const f = policed(breaker, () => Promise.reject(error));
      await assertRejects(() => f.run().outcome);
      assertEquals([...breaker.circuits().values()].map(({ state }) => state), [counts ? "open" : "closed"]);
    });
  }

  it("have thresholds by key, which can be replaced while they run", async () => {
    const keyOf = ({ method }: { method: { name: string } }): string => method.name;
    const breaker = serviceBreaker({ keyOf, configs: { ping: { minSamples: 1 }, "*": { enable: false } } });
    const f = policed(breaker, () => Promise.reject(broken()));
    for (const method of ["ping", "echo"]) for (let i = 0; i < 3; i++) await fails(f.run(method).outcome);
    assertEquals(f.tries.map(({ call }) => call.method.name), ["ping", "echo", "echo", "echo"]);
    assertThrows(() => breaker.update({ echo: { errorRate: 0 } }), RpcError, "errorRate 0");
    breaker.update({ echo: { minSamples: 1 } });
    for (let i = 0; i < 2; i++) await fails(f.run("echo").outcome);
    assertEquals(f.tries.length, 5);
  });

  it("go when nothing was called for a window", async () => {
    const breaker = serviceBreaker({ keyOf: (call) => call.caller ?? "" });
    const f = policed(breaker, () => Promise.resolve());
    for (let i = 0; i < 1_000; i++) await f.run("ping", { caller: String(i) }).outcome;
    assertEquals(breaker.circuits().size, 1_000);
    f.clock.advance(10_100);
    await f.run("ping", { caller: "next" }).outcome;
    assertEquals(breaker.circuits().size, 1);
  });

  it("go too when they are open, once they have cooled down and nothing was called", async () => {
    const breaker = serviceBreaker({ keyOf: (call) => call.caller ?? "", minSamples: 1 });
    const f = policed(breaker, () => Promise.reject(broken()));
    for (let i = 0; i < 100; i++) await fails(f.run("ping", { caller: String(i) }).outcome);
    f.clock.advance(10_100);
    await fails(f.run("ping", { caller: "next" }).outcome);
    assertEquals([...breaker.circuits().keys()], ["next"]);
  });

  it("leave the outcome of a call alone if a function of the program fails", async () => {
    const fault = (): never => {
      throw new TypeError("a fault of the program");
    };
    for (const options of [{ onChange: fault }, { trip: fault }, { classify: fault }]) {
      const f = policed(serviceBreaker({ minSamples: 1, ...options }), () => Promise.reject(broken()));
      assertEquals((await fails(f.run().outcome)).kind, "transport");
      await turn(); // what nobody handles would fail the test here
    }
  });

  it("class the ends of calls as they are told to", async () => {
    const seen: string[] = [];
    const classify = (error: unknown, { method }: Call): "failure" | "ignore" => {
      seen.push(`${method.name} ${error instanceof RpcError ? error.kind : "well"}`);
      return error === undefined ? "ignore" : "failure";
    };
    const breaker = serviceBreaker({ minSamples: 1, classify });
    let fail = false;
    const f = policed(breaker, () => fail ? Promise.reject(new RpcError("business", "sold out")) : "at once");
    assertEquals(await f.run().outcome, "at once");
    fail = true;
    assertEquals((await fails(f.run().outcome)).kind, "business");
    assertEquals((await fails(f.run().outcome)).kind, "unavailable");
    assertEquals(seen, ["ping well", "ping business"]);
  });

  it("are refused with thresholds that cannot be", () => {
    assertThrows(() => serviceBreaker({ errorRate: 1.1 }), RpcError, "errorRate 1.1");
    assertThrows(() => serviceBreaker({ minSamples: 0 }), RpcError, "minSamples 0");
  });
});

describe("instance breakers", () => {
  it("count connections that cannot be made, and refuse so that another instance is tried", async () => {
    const breaker = instanceBreaker({ minSamples: 2 });
    let error: RpcError = new RpcError("timeout", "late");
    const f = policed(breaker, () => Promise.reject(error));
    const peer = { path: "a" };
    for (let i = 0; i < 3; i++) assertEquals((await fails(f.run("ping", { peer }).outcome)).kind, "timeout");
    error = new RpcError("connect", "nobody");
    for (let i = 0; i < 3; i++) assertEquals((await fails(f.run("ping", { peer }).outcome)).kind, "connect");
    const refused = await fails(f.run("ping", { peer }).outcome);
    assertEquals([refused.kind, refused.retryable], ["unavailable", true]);
    assertEquals((await fails(f.run("ping", { peer: { path: "b" } }).outcome)).kind, "connect");
    assert(breaker.circuits().has("unix:b"));
  });
});
