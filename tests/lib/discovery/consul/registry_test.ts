import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ConsulCheck, consulRegistry } from "../../../../lib/discovery/consul/registry.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { FakeHttp } from "../fake_http.ts";
import { settle } from "../heard.ts";

const endpoints = ["http://127.0.0.1:8500"];
const info = { service: "echo", endpoint: { hostname: "10.0.0.1", port: 8888 }, tags: { idc: "north" } };
const ok = (): Response => new Response("");
const REGISTER = "PUT /v1/agent/service/register";

async function register(check?: ConsulCheck) {
  const clock = new ManualClock();
  const http = new FakeHttp();
  const errors: string[] = [];
  const registry = consulRegistry({ endpoints, fetch: http.fetch, clock, random: () => 0.5, check });
  const registering = registry.register(info, { onError: ({ message }) => errors.push(message) });
  (await http.request(0)).answer(ok());
  const registration = await registering;
  return { clock, http, errors, registration };
}

describe("consulRegistry", () => {
  it("writes Kitex's record with a check by TCP, and takes it out once", async () => {
    const { clock, http, registration } = await register();
    const { line, body } = http.asked[0]!;
    assertEquals(line, REGISTER);
    assertEquals(body, {
      ID: "echo:10.0.0.1:8888",
      Name: "echo",
      Address: "10.0.0.1",
      Port: 8888,
      Tags: ["idc:north"],
      Weights: { Passing: 10, Warning: 10 },
      Check: {
        CheckID: "service:echo:10.0.0.1:8888",
        Status: "passing",
        DeregisterCriticalServiceAfter: "1m",
        TCP: "10.0.0.1:8888",
        Timeout: "5s",
        Interval: "5s",
      },
    });
    const both = [registration.deregister(), registration.deregister()];
    const out = await http.request(1);
    assertEquals(out.line, "PUT /v1/agent/service/deregister/echo%3A10.0.0.1%3A8888");
    out.answer(ok());
    await Promise.all(both);
    assertEquals([http.asked.length, clock.pending], [2, 0]);
  });

  it("tells three times in the time a TTL check allows", async () => {
    const { clock, http, registration } = await register({ type: "ttl", ttlSeconds: 15 });
    assertEquals((http.asked[0]!.body as { Check: { TTL: string } }).Check.TTL, "15s");
    for (let n = 1; n <= 6; n++) {
      clock.advance(4_999);
      await settle();
      assertEquals(http.asked.length, n);
      clock.advance(1);
      const told = await http.request(n);
      assertEquals(told.line, "PUT /v1/agent/check/update/service%3Aecho%3A10.0.0.1%3A8888");
      assertEquals(told.body, { Status: "passing", Output: "online" });
      told.answer(ok());
      await settle();
    }
    void registration.deregister();
    (await http.request(7)).answer(ok());
  });

  it("registers anew with an agent that lost the entry, and says so", async () => {
    const { clock, http, errors, registration } = await register();
    clock.advance(20_000);
    const look = await http.request(1);
    assertEquals(look.line, "GET /v1/agent/service/echo%3A10.0.0.1%3A8888");
    look.answer(new Response("unknown", { status: 404 }));
    const again = await http.request(2);
    assertEquals([again.line, again.body], [REGISTER, http.asked[0]!.body]);
    again.answer(ok());
    await settle();
    assertEquals(errors, ["Consul had lost echo:10.0.0.1:8888, it was registered anew"]);
    void registration.deregister();
    (await http.request(3)).answer(ok());
  });

  it("looks whether an agent lost the entry that says 500 of a check it does not know", async () => {
    const { clock, http, errors, registration } = await register({ type: "ttl", ttlSeconds: 15 });
    const told = new Response('CheckID "service:echo" does not have associated TTL', { status: 500 });
    clock.advance(5_000);
    (await http.request(1)).answer(told);
    const look = await http.request(2);
    assertEquals(look.line, "GET /v1/agent/service/echo%3A10.0.0.1%3A8888");
    look.answer(new Response("unknown", { status: 404 }));
    const again = await http.request(3);
    assertEquals(again.line, REGISTER);
    again.answer(ok());
    await settle();
    assertEquals(errors, ["Consul had lost echo:10.0.0.1:8888, it was registered anew"]);
    clock.advance(5_000);
    (await http.request(4)).answer(new Response("no leader", { status: 500 }));
    (await http.request(5)).answer(Response.json({}));
    await settle();
    assertEquals(errors[1], "http://127.0.0.1:8500 answered 500: no leader");
    const out = registration.deregister();
    (await http.request(6)).answer(new Response("Unknown service", { status: 500 }));
    (await http.request(7)).answer(new Response("unknown", { status: 404 }));
    await out;
    assertEquals(clock.pending, 0);
  });

  it("goes on trying while the agent is away", async () => {
    const { clock, http, errors, registration } = await register();
    clock.advance(20_000);
    for (const [n, waitMs] of [[1, 250], [2, 500], [3, 1_000]] as const) {
      (await http.request(n)).fail();
      await settle();
      assertEquals(errors.length, n);
      clock.advance(waitMs);
    }
    (await http.request(4)).answer(Response.json({}));
    await settle();
    const out = registration.deregister();
    (await http.request(5)).answer(new Response("", { status: 404 }));
    await out;
    assertEquals(clock.pending, 0);
  });

  it("rejects where the first attempt fails, and keeps nothing", async () => {
    const clock = new ManualClock();
    const http = new FakeHttp();
    const registering = consulRegistry({ endpoints, fetch: http.fetch, clock }).register(info);
    (await http.request(0)).answer(new Response("denied", { status: 403 }));
    const error = await assertRejects(() => registering, RpcError, "403: denied");
    assertEquals([error.kind, clock.pending], ["unavailable", 0]);
  });

  it("refuses what Consul cannot say", async () => {
    const registry = consulRegistry({ endpoints, fetch: new FakeHttp().fetch });
    const refused = (more: object, text: string) =>
      assertRejects(() => registry.register({ ...info, ...more }), RpcError, text);
    await refused({ endpoint: { path: "/x" } }, "unix socket");
    await refused({ weight: 0 }, "weight 0");
    await refused({ tags: { "a:b": "c" } }, `tag "a:b" has a colon`);
    await refused({ service: "" }, "has no name");
    assertThrows(() => consulRegistry({ endpoints: [...endpoints, ...endpoints] }), RpcError, "2 agents");
    assertThrows(() => consulRegistry({ endpoints, check: { type: "ttl", ttlSeconds: 0 } }), RpcError, "0 seconds");
  });
});
