import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { createLimiter, type Limiter, type Refusal } from "../../../lib/limits/limiter.ts";
import type { CallHead, Ticket } from "../../../lib/rpc/admission.ts";
import { ManualClock } from "../io/manual_clock.ts";

const clock = new ManualClock();
const methods = new Map<string, CallHead["method"]>();

function head(name: string, caller?: string): CallHead {
  const [service = "", method = ""] = name.split(".");
  const schema = methods.get(name) ?? { name: method } as CallHead["method"];
  methods.set(name, schema);
  return {
    service: { name: service } as CallHead["service"],
    method: schema,
    caller,
    deadline: Infinity,
    clock,
    metaIfAny: undefined,
  };
}

/** Takes calls until one is refused, ten at most; gives their tickets. */
function fill(limiter: Limiter, name: string, caller?: string): Ticket[] {
  const tickets: Ticket[] = [];
  for (let i = 0; i < 10; i++) {
    const admitted = limiter.admit(head(name, caller));
    if (admitted instanceof RpcError) break;
    tickets.push(admitted);
  }
  return tickets;
}

describe("a limiter", () => {
  it("limits calls at once, and takes another for each that ended", () => {
    const limiter = createLimiter({ concurrency: 3 });
    const tickets = fill(limiter, "A.x");
    assertEquals([tickets.length, fill(limiter, "B.y").length], [3, 0]);
    tickets.pop()!.ended();
    assertEquals(fill(limiter, "B.y").length, 1);
    assertEquals(limiter.stats.running, 3);
  });

  it("limits services, methods and callers each by itself, and all of them together", () => {
    const limiter = createLimiter({
      concurrency: 9,
      services: { A: { concurrency: 4 } },
      methods: { "A.x": { concurrency: 2 }, "B.x": { concurrency: 3 } },
      callers: { web: { concurrency: 2 } },
    });
    assertEquals(fill(limiter, "A.x").length, 2);
    assertEquals(fill(limiter, "A.y").length, 2);
    assertEquals(fill(limiter, "B.x").length, 3);
    assertEquals(fill(limiter, "B.y", "web").length, 2);
    assertEquals(fill(limiter, "B.y").length, 0);
  });

  it("limits each caller that is not named by itself with `*`", () => {
    const limiter = createLimiter({ callers: { "*": { concurrency: 2 }, batch: { concurrency: 1 } } });
    assertEquals(["a", "b", "batch", undefined].map((name) => fill(limiter, "A.x", name).length), [2, 2, 1, 2]);
  });

  it("gives a caller that is named its own limit also when the names of others are too many to keep", () => {
    const limiter = createLimiter({ callers: { "*": { concurrency: 2 }, batch: { concurrency: 5 } } });
    for (let i = 0; i < 2_000; i++) limiter.admit(head("A.x", `caller ${i}`));
    assertEquals(fill(limiter, "A.x", "batch").length, 5);
    assertEquals(fill(limiter, "A.x", "yet another").length, 0);
  });

  it("keeps a bounded number of callers, whatever names they give", () => {
    const limiter = createLimiter({ callers: { "*": { concurrency: 2 } } });
    let taken = 0;
    for (let i = 0; i < 5000; i++) taken += fill(limiter, "A.x", `caller ${i}`).length;
    assertEquals(taken, 1024 * 2 + 2, "all after the first 1,024 share one count");
  });

  it("counts a refused call in no gate", () => {
    const limiter = createLimiter({ qps: 10, methods: { "A.x": { concurrency: 1 } } });
    const [ticket] = fill(limiter, "A.x"); // takes the one token of the first 100 ms
    clock.advance(100);
    assertEquals(fill(limiter, "A.x").length, 0); // refused by the method
    ticket!.ended();
    assertEquals(fill(limiter, "A.x").length, 1, "the server's token is still there");
  });

  it("refuses in words that say which limit, and that Kitex's clients know", () => {
    const refusals: Refusal[] = [];
    const limiter = createLimiter({
      connections: 1,
      methods: { "A.x": { qps: 10 }, "A.y": { concurrency: 1 } },
      onRefused: (refusal) => void refusals.push(refusal),
    });
    const refused = (name: string): string => {
      fill(limiter, name);
      const error = limiter.admit(head(name)) as RpcError;
      assertEquals([error.kind, error.retryable], ["overload", true]);
      return error.message;
    };
    assertEquals(refused("A.x"), "request over limit: request too frequent (qps 10 of method A.x)");
    assertEquals(refused("A.y"), "request over limit: too many calls at once (concurrency 1 of method A.y)");
    assertEquals(limiter.admitConnection(1), undefined);
    assertEquals(
      limiter.admitConnection(2)!.message,
      "request over limit: to many connections (connections 1 of server)",
    );
    assertEquals(refusals.map(({ limit, of, call }) => [limit, of, call?.method.name]), [
      ["qps", "method A.x", "x"],
      ["qps", "method A.x", "x"],
      ["concurrency", "method A.y", "y"],
      ["concurrency", "method A.y", "y"],
      ["connections", "server", undefined],
    ]);
    assertEquals(limiter.stats.refused, { connections: 1, qps: 2, concurrency: 2, adaptive: 0 });
  });

  it("takes other limits while calls run: counts stay, what is left out is free", () => {
    const limiter = createLimiter({ concurrency: 2, services: { A: { concurrency: 1 } } });
    const [ticket] = fill(limiter, "A.x");
    limiter.update({ services: { A: { concurrency: 3 } } });
    assertEquals(fill(limiter, "A.x").length, 2);
    assertEquals(fill(limiter, "B.x").length, 10);
    ticket!.ended();
    limiter.update({ qps: 0 });
    assertEquals(fill(limiter, "A.x").length, 10);
  });

  it("refuses limits that are no numbers by their path, and keeps the old ones", () => {
    const limiter = createLimiter({ concurrency: 1 });
    const bad = { concurrency: 5, methods: { "A.x": { qps: NaN } } };
    const error = assertThrows(() => limiter.update(bad), RpcError);
    assertEquals(error.message, "limit methods.A.x.qps is NaN, not a number from 0 up");
    assertEquals(fill(limiter, "A.x").length, 1);
  });

  it("refuses limits below 0, when it is made and later", () => {
    const error = assertThrows(() => createLimiter({ connections: -1 }), RpcError);
    assertEquals([error.kind, error.message], ["invalid", "limit connections is -1, not a number from 0 up"]);
    const limiter = createLimiter({ concurrency: 1 });
    const later = assertThrows(() => limiter.update({ callers: { web: { concurrency: -1 } } }), RpcError);
    assertEquals(later.message, "limit callers.web.concurrency is -1, not a number from 0 up");
    assertEquals(fill(limiter, "A.x").length, 1);
  });

  it("lets everything pass without limits", () => {
    const limiter = createLimiter();
    assertEquals(fill(limiter, "A.x").length, 10);
    assertEquals(limiter.admitConnection(1e6), undefined);
    assert(limiter.stats.adaptiveLimit === undefined);
  });
});
