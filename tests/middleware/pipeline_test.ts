import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createClient, framed, type Middleware, RpcError, staticResolver } from "../../mod.ts";
import { clientPipeline, fallback, retry, serviceBreaker } from "../../middleware/mod.ts";
import { memory } from "../../transports/memory.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { ManualClock } from "../lib/io/manual_clock.ts";

const everything = {
  fallback: { run: () => undefined },
  tracers: [{ start: () => {}, finish: () => {} }],
  retry: {},
  breaker: true,
  timeoutMs: 1_000,
  degrade: { percentage: 0 },
  acl: [],
} as const;

describe("a client's pipeline", () => {
  it("has Kitex's order", () => {
    const user: Middleware = Object.assign((next: Parameters<Middleware>[0]) => next, { policy: "the user's" });
    const instance: Middleware = Object.assign((next: Parameters<Middleware>[0]) => next, { policy: "the user's" });
    const { use, instanceUse } = clientPipeline({ ...everything, use: [user], instanceUse: [instance] });
    assertEquals(use.map(({ policy }) => policy), [
      "fallback",
      "trace",
      "retry",
      "serviceBreaker",
      "timeout",
      "the user's",
      "degrade",
      "acl",
    ]);
    assertEquals(instanceUse.map(({ policy }) => policy), ["instanceBreaker", "the user's"]);
  });

  it("runs in that order around a call", async () => {
    const clock = new ManualClock();
    const heard: string[] = [];
    const recording = (name: string): Middleware => (next) => (call) => {
      heard.push(`${name}, ${call.peer === undefined ? "no instance" : "instance chosen"}`);
      return next(call);
    };
    await using client = createClient(EchoService, {
      to: "echo",
      transport: memory(),
      protocol: framed(),
      clock,
      random: () => 0,
      resolver: staticResolver(["unix:a", "unix:b"]),
      fallback: { run: (error) => (heard.push("fallback"), Promise.reject(error)) },
      tracers: [{ start: () => void heard.push("trace begins"), finish: () => void heard.push("trace ends") }],
      retry: { times: 1 },
      breaker: {
        service: { keyOf: () => (heard.push("service breaker"), "") },
        instance: { keyOf: () => (heard.push("instance breaker"), "") },
      },
      timeoutMs: 1_000,
      use: [recording("user")],
      acl: [() => void heard.push("access rules")],
      instanceUse: [recording("user's of instances")],
    });
    await assertRejects(() => client.ping(), RpcError);
    const attempt = [
      "service breaker",
      "user, no instance",
      "access rules",
      "instance breaker",
      "user's of instances, instance chosen",
      "instance breaker",
      "user's of instances, instance chosen",
    ];
    // The retry has only instances left that were tried: it goes to one of them, once.
    assertEquals(heard, ["trace begins", ...attempt, ...attempt.slice(0, 5), "trace ends", "fallback"]);
  });

  it("has nothing that was not asked for", () => {
    assertEquals(clientPipeline({ timeoutMs: 5 }), { use: [], instanceUse: [], timeoutMs: 5, balancer: undefined });
  });

  it("gives each try the timeout, where there may be several", () => {
    const { use, timeoutMs } = clientPipeline({ timeoutMs: 5, retry: {} });
    assertEquals([use.map(({ policy }) => policy), timeoutMs], [["retry", "timeout"], undefined]);
  });

  it("refuses a policy that is there twice", () => {
    assertThrows(() => clientPipeline({ retry: {}, use: [retry()] }), RpcError, "retry is both an option and in `use`");
    assertThrows(() => clientPipeline({ breaker: true, use: [serviceBreaker()] }), RpcError, "serviceBreaker");
    assertEquals(clientPipeline({ retry: {}, use: [fallback({ run: () => {} })] }).use.length, 2);
  });
});
