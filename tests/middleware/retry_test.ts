import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createInstance, Metadata, RpcError } from "../../core.ts";
import { retry, RETRY_BREAKER, RETRY_KEY, RETRY_TIMES, type RetryOptions } from "../../middleware/mod.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { policed, turn } from "./fake_calls.ts";

const timeout = (): RpcError => new RpcError("timeout", "late");
const broken = (): RpcError => new RpcError("transport", "broken");
const kindOf = async (outcome: Promise<unknown>): Promise<string> =>
  (await assertRejects(() => outcome, RpcError)).kind;

describe("retry's defaults", () => {
  it("are Kitex's", () => {
    assertEquals(RETRY_TIMES, {
      failure: { default: 2, max: 5 },
      backup: { default: 1, max: 2 },
      mixed: { default: 1, max: 3 },
    });
    assertEquals(RETRY_BREAKER, { default: 0.1, max: 0.3, minSamples: 10 });
    assertEquals(RETRY_KEY, "RetryReq");
  });

  it("send a call twice more after timeouts", async () => {
    const f = policed(retry(), () => Promise.reject(timeout()));
    assertEquals(await kindOf(f.run().outcome), "timeout");
    assertEquals(f.tries.length, 3);
  });

  it("send again what the server cannot have run, and nothing else", async () => {
    const f = policed(retry(), () => Promise.reject(new RpcError("connect", "nobody")));
    assertEquals(await kindOf(f.run().outcome), "connect");
    assertEquals(f.tries.length, 3);
    for (
      const error of [broken(), new RpcError("internal", "x"), new RpcError("business", "x"), new Error("declared")]
    ) {
      const g = policed(retry(), () => Promise.reject(error));
      await assertRejects(() => g.run().outcome);
      assertEquals(g.tries.length, 1, String(error));
    }
  });
});

describe("a policy that cannot be used", () => {
  const table: [string, RetryOptions][] = [
    ["times 6", { times: 6 }],
    ["times -1", { times: -1 }],
    ["times 3", { type: "backup", delayMs: 1, times: 3 }],
    ["times 4", { type: "mixed", delayMs: 1, times: 4 }],
    ["delayMs 0", { type: "backup", delayMs: 0 }],
    ["breakerErrorRate 0.31", { breakerErrorRate: 0.31 }],
    ["budget 0", { budget: 0 }],
    ["ms -1", { backoff: { type: "fixed", ms: -1 } }],
    ["from 2 to 1 ms", { backoff: { type: "random", minMs: 2, maxMs: 1 } }],
    ["initialMs 0", { backoff: { type: "exponential", initialMs: 0 } }],
    ["echo: retry times 9", { methods: { echo: { times: 9 } } }],
  ];
  for (const [what, options] of table) {
    it(`is refused: ${what}`, () => {
      assertThrows(() => retry(options), RpcError, what);
    });
  }
});

describe("failure retry", () => {
  it("gives the first success, and what came back with it", async () => {
    const f = policed(retry({ times: 2 }));
    const meta = new Metadata({ persistent: { user: "ada" } });
    const { outcome } = f.run("ping", { meta });
    f.tries[0]!.fail(timeout());
    await turn();
    f.tries[1]!.call.meta.backward.set("zone", "north");
    f.tries[1]!.answer("pong");
    assertEquals(await outcome, "pong");
    assertEquals(meta.backward.get("zone"), "north");
    assertEquals([...meta.persistent], [["user", "ada"]]);
  });

  it("tells the servers down the chain which retry it is", async () => {
    const f = policed(retry({ times: 2 }), () => Promise.reject(timeout()));
    await kindOf(f.run().outcome);
    assertEquals(f.tries.map(({ call }) => call.metaIfAny?.persistent.get(RETRY_KEY)), [undefined, "1", "2"]);
  });

  it("stops at a call that is part of a retry up the chain, unless told not to", async () => {
    for (const [chainStop, tries] of [[true, 1], [false, 3]] as const) {
      const f = policed(retry({ chainStop }), () => Promise.reject(timeout()));
      await kindOf(f.run("ping", { meta: new Metadata({ persistent: { [RETRY_KEY]: "1" } }) }).outcome);
      assertEquals(f.tries.length, tries);
    }
  });

  it("waits by its backoff, drawn below a bound that doubles", async () => {
    const f = policed(
      retry({ times: 3, random: () => 0.5, backoff: { type: "exponential", initialMs: 100, maxMs: 300 } }),
    );
    const { outcome } = f.run();
    for (const waitMs of [50, 100, 150]) {
      const count = f.tries.length;
      f.tries.at(-1)!.fail(timeout());
      await turn();
      f.clock.advance(waitMs - 1);
      assertEquals(f.tries.length, count);
      f.clock.advance(1);
      assertEquals(f.tries.length, count + 1);
    }
    f.tries.at(-1)!.fail(timeout());
    assertEquals(await kindOf(outcome), "timeout");
  });

  it("begins no try after maxDurationMs, nor one that could not end before the deadline", async () => {
    const f = policed(retry({ maxDurationMs: 100 }));
    const { outcome } = f.run();
    f.clock.advance(100);
    f.tries[0]!.fail(timeout());
    assertEquals(await kindOf(outcome), "timeout");
    const g = policed(retry({ backoff: { type: "fixed", ms: 50 } }));
    const late = g.run("ping", { deadline: g.clock.now() + 50 }).outcome;
    g.tries[0]!.fail(broken());
    g.tries[0]!.fail(timeout());
    assertEquals(await kindOf(late), "transport");
    assertEquals([f.tries.length, g.tries.length], [1, 1]);
  });

  it("stops waiting when the call is ended", async () => {
    const f = policed(retry({ backoff: { type: "fixed", ms: 1_000 } }));
    const { call, outcome } = f.run();
    f.tries[0]!.fail(timeout());
    await turn();
    call.abort(new RpcError("canceled", "enough"));
    assertEquals(await kindOf(outcome), "canceled");
    assertEquals([f.tries.length, f.clock.pending], [1, 0]);
  });

  it("asks the program about errors and results", async () => {
    const f = policed(
      retry({ onError: (error) => error instanceof TypeError }),
      () => Promise.reject(new TypeError("x")),
    );
    await assertRejects(() => f.run().outcome, TypeError);
    assertEquals(f.tries.length, 3);
    let n = 0;
    const g = policed(retry({ onResult: (value) => value !== 2 }), () => Promise.resolve(n++));
    assertEquals(await g.run().outcome, 2);
    const h = policed(retry({ times: 1, onResult: () => true }), () => Promise.resolve("again"));
    assertEquals(await h.run().outcome, "again");
    const quick = policed(retry({ onTimeout: false }), () => Promise.reject(timeout()));
    await kindOf(quick.run().outcome);
    assertEquals([h.tries.length, quick.tries.length], [2, 1]);
  });

  it("ends a call with what the program's own functions throw, at whatever try", async () => {
    for (const throwsAt of [1, 2]) {
      let asked = 0;
      const ask = (): boolean => {
        if (++asked === throwsAt) throw new TypeError("odd");
        return true;
      };
      const failing = policed(retry({ onError: ask }), () => Promise.reject(timeout()));
      await assertRejects(() => failing.run().outcome, TypeError, "odd");
      asked = 0;
      const late = policed(retry({ onResult: ask, backoff: { type: "fixed", ms: 10 } }), () => "value");
      const { outcome } = late.run();
      late.clock.advance(10);
      await assertRejects(() => outcome, TypeError, "odd");
      assertEquals([failing.tries.length, late.tries.length], [throwsAt, throwsAt]);
    }
  });

  it("keeps instances that were tried for all tries, or goes to the first one again", async () => {
    const instance = createInstance({ address: "unix:a" });
    for (const sameInstance of [false, true]) {
      const f = policed(retry({ times: 1, sameInstance }));
      const { outcome } = f.run();
      f.tries[0]!.call.sentTo(instance);
      f.tries[0]!.fail(timeout());
      await turn();
      assert(f.tries[1]!.call.tried.has(instance));
      assertEquals(f.tries[1]!.call.peer, sameInstance ? instance.endpoint : undefined);
      f.tries[1]!.answer();
      await outcome;
    }
  });

  it("has policies by method, which can be replaced, and goes by the call's own first", async () => {
    const policy = retry({ methods: { ping: { times: 1 }, "*": false } });
    const f = policed(policy, () => Promise.reject(timeout()));
    const count = async (method: string, own?: RetryOptions | false): Promise<number> => {
      const before = f.tries.length;
      await kindOf(f.run(method, own === undefined ? {} : { retry: own as false }).outcome);
      return f.tries.length - before;
    };
    assertEquals([await count("ping"), await count("echo")], [2, 1]);
    assertEquals([await count("ping", false), await count("echo", { times: 3 })], [1, 4]);
    assertThrows(() => policy.update({ ping: { times: 9 } }), RpcError);
    policy.update({ "*": { times: 1 } });
    assertEquals([await count("echo")], [2]);
  });

  it("lets oneway calls and streams pass", async () => {
    const ping = EchoService.methods.find(({ name }) => name === "ping")!;
    for (const change of [{ oneway: true }, { streaming: "server" }, { streaming: "bidi" }] as const) {
      const f = policed(retry(), () => Promise.reject(timeout()));
      await kindOf(f.run("ping", { method: { ...ping, ...change } }).outcome);
      assertEquals(f.tries.length, 1, JSON.stringify(change));
    }
  });
});

describe("the retry breaker", () => {
  it("stops retries once ten tries are known and the error rate is reached, until they are ten seconds old", async () => {
    let failing = true;
    const f = policed(
      retry({ times: 1, breakerErrorRate: 0.3 }),
      () => failing ? Promise.reject(timeout()) : Promise.resolve(),
    );
    for (let i = 0; i < 5; i++) await kindOf(f.run().outcome);
    assertEquals(f.tries.length, 10);
    await kindOf(f.run().outcome);
    assertEquals(f.tries.length, 11);
    f.clock.advance(10_100);
    await kindOf(f.run().outcome);
    assertEquals(f.tries.length, 13);
    failing = false;
    await f.run().outcome;
    assertEquals(f.tries.length, 14);
  });

  it("keeps retries to their budget's share of all tries", async () => {
    let n = 0;
    const f = policed(
      retry({ times: 1, budget: 0.2, breakerErrorRate: 0.3 }),
      () => n++ % 6 === 0 ? Promise.reject(timeout()) : Promise.resolve(),
    );
    let calls = 0;
    for (; calls < 300; calls++) await f.run().outcome.catch(() => {});
    assert(f.tries.length - calls <= 0.2 * f.tries.length, `${f.tries.length} tries of ${calls} calls`);
    assert(f.tries.length > calls);
  });
});

describe("backup requests", () => {
  it("send another try after the delay, take the first success, and cancel the other on the wire", async () => {
    const f = policed(retry({ type: "backup", delayMs: 20 }));
    const { outcome } = f.run();
    f.clock.advance(19);
    assertEquals(f.tries.length, 1);
    f.clock.advance(1);
    assertEquals(f.tries.length, 2);
    f.clock.advance(1_000);
    assertEquals(f.tries.length, 2);
    f.tries[1]!.answer("second");
    assertEquals(await outcome, "second");
    assertEquals(f.tries[0]!.call.reason?.kind, "canceled");
    assertEquals([f.tries[1]!.call.reason, f.clock.pending], [undefined, 0]);
  });

  it("let a slower success win over a faster error", async () => {
    const f = policed(retry({ type: "backup", delayMs: 20 }));
    const { outcome } = f.run();
    f.clock.advance(20);
    f.tries[1]!.fail(broken());
    await turn();
    f.tries[0]!.answer("first");
    assertEquals(await outcome, "first");
  });

  it("take a business status or a declared exception for the answer it is", async () => {
    for (const error of [new RpcError("business", "sold out"), new Error("declared")]) {
      const f = policed(retry({ type: "backup", delayMs: 20 }));
      const { outcome } = f.run();
      f.clock.advance(20);
      f.tries[1]!.fail(error);
      assertEquals(await assertRejects(() => outcome), error);
    }
  });

  it("fail with the last error, and at once if nothing else runs", async () => {
    const f = policed(retry({ type: "backup", delayMs: 20 }));
    const { outcome } = f.run();
    f.tries[0]!.fail(timeout());
    assertEquals(await kindOf(outcome), "timeout");
    assertEquals([f.tries.length, f.clock.pending], [1, 0]);
  });

  it("end all tries with the call", async () => {
    const f = policed(retry({ type: "backup", delayMs: 20, times: 2 }));
    const { call, outcome } = f.run();
    f.clock.advance(20);
    call.abort(new RpcError("canceled", "enough"));
    assertEquals(await kindOf(outcome), "canceled");
    assertEquals(f.tries.map(({ call }) => call.reason?.kind), ["canceled", "canceled"]);
    assertEquals(f.clock.pending, 0);
  });
});

describe("mixed retry", () => {
  it("sends another try when one failed and when one is late", async () => {
    const f = policed(retry({ type: "mixed", delayMs: 20, times: 2 }));
    const { outcome } = f.run();
    f.tries[0]!.fail(timeout());
    await turn();
    assertEquals(f.tries.length, 2);
    f.clock.advance(20);
    assertEquals(f.tries.length, 3);
    f.tries[2]!.fail(timeout());
    await turn();
    f.tries[1]!.answer("at last");
    assertEquals(await outcome, "at last");
  });

  it("fails with the last error once all tries failed", async () => {
    const f = policed(retry({ type: "mixed", delayMs: 20 }));
    const { outcome } = f.run();
    f.clock.advance(20);
    f.tries[0]!.fail(timeout());
    f.tries[1]!.fail(broken());
    assertEquals(await kindOf(outcome), "transport");
    assertEquals(f.tries.length, 2);
  });
});
