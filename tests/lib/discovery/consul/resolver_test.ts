import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { consulResolver } from "../../../../lib/discovery/consul/resolver.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { FakeHttp } from "../fake_http.ts";
import { Heard, settle } from "../heard.ts";

const endpoints = ["http://127.0.0.1:8500"];

function list(index: number, ...services: Record<string, unknown>[]): Response {
  const body = services.map((Service) => ({ Node: { Address: "10.9.9.9" }, Service, Checks: [] }));
  return Response.json(body, { headers: { "X-Consul-Index": String(index) } });
}

const one = {
  ID: "echo:10.0.0.1:80",
  Address: "10.0.0.1",
  Port: 80,
  Tags: ["idc:north", "v:a:b", "bare"],
  Weights: { Passing: 7 },
};
const two = { ID: "echo:10.0.0.2:80", Address: "10.0.0.2", Port: 80, Tags: null, Weights: { Passing: 10 } };

function start(tags: Record<string, string> = {}) {
  const clock = new ManualClock();
  const http = new FakeHttp();
  const heard = new Heard();
  const errors: string[] = [];
  const resolver = consulResolver({
    endpoints,
    token: "secret",
    fetch: http.fetch,
    clock,
    random: () => 0.5,
    onError: ({ message }) => errors.push(message),
  });
  const resolution = resolver.resolve({ name: "echo", tags }, heard, clock);
  return { clock, http, heard, errors, resolution };
}

describe("consulResolver", () => {
  it("reads Kitex's records, then waits for the next change by the index", async () => {
    const { clock, http, heard, resolution } = start();
    const first = await http.request(0);
    assertEquals(first.line, "GET /v1/health/service/echo?passing=1");
    assertEquals(first.headers.get("x-consul-token"), "secret");
    first.answer(list(5, one));
    assertEquals(await heard.until(1), "10.0.0.1:80");
    assertEquals(heard.instances[0]!.weight, 7);
    assertEquals(heard.instances[0]!.tags, { idc: "north", v: "a:b" });
    await settle();
    clock.advance(100);
    const second = await http.request(1);
    assertEquals(second.line, "GET /v1/health/service/echo?passing=1&index=5&wait=60s");
    clock.advance(63_750);
    assert(!second.left(), "a sixteenth more than it may wait");
    second.answer(list(8, one, two));
    assertEquals(await heard.until(2), "10.0.0.1:80 10.0.0.2:80");
    resolution.close();
    await settle();
    assertEquals(clock.pending, 0);
  });

  it("tells nothing where the index stayed, and begins anew where it went back", async () => {
    const { clock, http, heard, resolution } = start();
    const lines: string[] = [];
    for (const index of [5, 5, 3, 4]) {
      const asked = await http.request(lines.length);
      lines.push(asked.line.replace("GET /v1/health/service/echo?passing=1", ""));
      asked.answer(list(index, one));
      await settle();
      clock.advance(100);
    }
    await http.request(4);
    assertEquals(lines, ["", "&index=5&wait=60s", "&index=5&wait=60s", ""]);
    assertEquals(heard.told.length, 3);
    resolution.close();
  });

  it("keeps the list while Consul is away, tries again later each time, and never gives up", async () => {
    const { clock, http, heard, errors, resolution } = start();
    (await http.request(0)).answer(list(5, one));
    await heard.until(1);
    await settle();
    clock.advance(100);
    for (const [n, waitMs] of [[1, 250], [2, 500], [3, 1_000]] as const) {
      (await http.request(n)).fail();
      await settle();
      clock.advance(waitMs - 1);
      await settle();
      assertEquals(http.asked.length, n + 1);
      clock.advance(1);
    }
    assertEquals((await http.request(4)).line, "GET /v1/health/service/echo?passing=1");
    assertEquals([heard.told.length, heard.instances.length, errors.length], [4, 1, 3]);
    resolution.close();
  });

  it("leaves out what is no server and says so, and what lacks a tag that is asked for", async () => {
    const { http, heard, errors, resolution } = start({ idc: "north" });
    const nowhere = { ...one, ID: "bad", Port: 0 };
    const atNode = { ...one, Address: "" };
    (await http.request(0)).answer(list(1, one, two, nowhere, atNode));
    assertEquals(await heard.until(1), "10.0.0.1:80 10.9.9.9:80");
    assertEquals(errors, ["the service bad is none to call: port 0 is none"]);
    resolution.close();
  });

  it("takes an answer that is no list, or has no index, for a failure", async () => {
    const { clock, http, heard, resolution } = start();
    (await http.request(0)).answer(Response.json({}, { headers: { "x-consul-index": "1" } }));
    assertEquals(await heard.until(1), "! Consul's answer is no list");
    await settle();
    clock.advance(250);
    (await http.request(1)).answer(Response.json([]));
    assertEquals(await heard.until(2), `! Consul's index "" is no number: it cannot be waited for a change`);
    resolution.close();
  });

  it("gives up its request when it is closed, and tells nothing any more", async () => {
    const { clock, http, heard, errors, resolution } = start();
    const asked = await http.request(0);
    resolution.close();
    resolution.close();
    await settle();
    assert(asked.left());
    assertEquals([clock.pending, heard.told.length, errors.length], [0, 0, 0]);
  });

  it("refuses waits and names that Consul cannot take", () => {
    assertThrows(() => consulResolver({ endpoints, waitSeconds: 601 }), RpcError, "waitSeconds 601");
    const resolver = consulResolver({ endpoints });
    assertThrows(() => resolver.resolve({ name: "", tags: {} }, new Heard(), new ManualClock()), RpcError, "no name");
  });
});
