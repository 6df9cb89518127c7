import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { nacosResolver, type NacosResolverOptions } from "../../../../lib/discovery/nacos/resolver.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { FakeHttp } from "../fake_http.ts";
import { Heard, settle } from "../heard.ts";
import { FakeNacos } from "./fake_nacos.ts";

const endpoints = ["http://127.0.0.1:8848"];
const LIST = "GET /nacos/v1/ns/instance/list";

function put(nacos: FakeNacos, more: Record<string, string>): void {
  const url = new URL("http://x/nacos/v1/ns/instance");
  for (const [key, value] of Object.entries({ serviceName: "echo", ip: "10.0.0.1", ...more })) {
    url.searchParams.set(key, value);
  }
  assertEquals(nacos.handle("POST", url, "").status, 200);
  nacos.asked.length = 0;
}

function start(more: Partial<NacosResolverOptions> = {}, tags: Record<string, string> = {}) {
  const clock = new ManualClock();
  const nacos = new FakeNacos({ now: () => clock.now() });
  const heard = new Heard();
  const errors: string[] = [];
  const resolver = nacosResolver({
    endpoints,
    fetch: nacos.fetch,
    clock,
    random: () => 0.5,
    onError: ({ message }) => errors.push(message),
    ...more,
  });
  return { clock, nacos, heard, errors, begin: () => resolver.resolve({ name: "echo", tags }, heard, clock) };
}

async function advance(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

describe("nacosResolver", () => {
  it("asks for healthy instances of a service, its group and its cluster, and reads what Kitex writes", async () => {
    const { nacos, heard, begin } = start();
    put(nacos, { port: "80", weight: "7.0", metadata: '{"idc":"north","odd":1}', ephemeral: "false" });
    put(nacos, { port: "81", weight: "0.5", ephemeral: "false" });
    put(nacos, { port: "82", clusterName: "OTHER" });
    put(nacos, { port: "83", enabled: "false" });
    put(nacos, { port: "84", weight: "0" });
    const resolution = begin();
    assertEquals(await heard.until(1), "10.0.0.1:80 10.0.0.1:81");
    assertEquals(nacos.asked, [{
      line: LIST,
      params: {
        serviceName: "DEFAULT_GROUP@@echo",
        groupName: "DEFAULT_GROUP",
        clusters: "DEFAULT",
        healthyOnly: "true",
      },
    }]);
    const [one, two] = heard.instances;
    assertEquals([one!.weight, one!.tags, two!.weight, two!.tags], [7, { idc: "north" }, 0.5, {}]);
    resolution.close();
  });

  it("asks for the namespace, group and cluster of its options; no cluster means all", async () => {
    const { nacos, heard, begin } = start({ namespace: "n1", group: "g1", cluster: "" });
    put(nacos, { port: "80", namespaceId: "n1", groupName: "g1", clusterName: "c1" });
    put(nacos, { port: "81", namespaceId: "n1", groupName: "g1", clusterName: "c2" });
    put(nacos, { port: "82", namespaceId: "n1" });
    put(nacos, { port: "83", groupName: "g1" });
    const resolution = begin();
    assertEquals(await heard.until(1), "10.0.0.1:80 10.0.0.1:81");
    assertEquals(nacos.asked[0]!.params, {
      namespaceId: "n1",
      serviceName: "g1@@echo",
      groupName: "g1",
      healthyOnly: "true",
    });
    resolution.close();
  });

  it("asks again after cacheMillis, within bounds, and tells only what changed", async () => {
    const { clock, nacos, heard, begin } = start();
    put(nacos, { port: "80", ephemeral: "false" });
    const resolution = begin();
    await heard.until(1);
    await settle();
    for (const [said, waitMs] of [[3_000, 10_000], [1, 3_000], [1e12, 1_000], [10_000, 60_000]] as const) {
      const before = nacos.asked.length;
      nacos.cacheMillis = said;
      await advance(clock, waitMs - 1);
      assertEquals(nacos.asked.length, before);
      await advance(clock, 1);
      assertEquals(nacos.asked.length, before + 1);
    }
    assertEquals(heard.told, ["10.0.0.1:80"]);
    put(nacos, { port: "81", ephemeral: "false" });
    await advance(clock, 10_000);
    assertEquals(await heard.until(2), "10.0.0.1:80 10.0.0.1:81");
    put(nacos, { port: "81", weight: "5", ephemeral: "false" });
    await advance(clock, 10_000);
    await heard.until(3);
    assertEquals(heard.instances.map(({ weight }) => weight).sort(), [1, 5]);
    resolution.close();
    await settle();
    assertEquals(clock.pending, 0);
  });

  it("waits a tenth more or less, so that clients do not ask all at once", async () => {
    for (const [drawn, waitMs] of [[0, 9_000], [0.999_999, 11_000]] as const) {
      const { clock, nacos, heard, begin } = start({ random: () => drawn });
      put(nacos, { port: "80" });
      const resolution = begin();
      await heard.until(1);
      await settle();
      await advance(clock, waitMs - 2);
      assertEquals(nacos.asked.length, 1);
      await advance(clock, 2);
      assertEquals(nacos.asked.length, 2);
      resolution.close();
    }
  });

  it("asks after a second when an instance cannot be reached, however often that is said", async () => {
    const { clock, nacos, heard, begin } = start();
    put(nacos, { port: "80", ephemeral: "false" });
    const resolution = begin();
    await heard.until(1);
    await settle();
    for (let i = 0; i < 5; i++) resolution.refresh();
    await advance(clock, 999);
    assertEquals(nacos.asked.length, 1);
    await advance(clock, 1);
    assertEquals(nacos.asked.length, 2);
    await advance(clock, 5_000);
    resolution.refresh();
    await settle();
    assertEquals(nacos.asked.length, 3);
    resolution.close();
  });

  it("leaves out who does not beat any more", async () => {
    const { clock, nacos, heard, begin } = start();
    put(nacos, { port: "80", ephemeral: "false" });
    put(nacos, { port: "81" });
    const resolution = begin();
    assertEquals(await heard.until(1), "10.0.0.1:80 10.0.0.1:81");
    await settle();
    await advance(clock, 10_000);
    await advance(clock, 10_000);
    assertEquals(await heard.until(2), "10.0.0.1:80");
    resolution.close();
  });

  it("keeps the last list when Nacos has forgotten all, and says so; takes the empty one if told to", async () => {
    for (const takeEmpty of [false, true]) {
      const { clock, nacos, heard, begin } = start({ takeEmpty });
      put(nacos, { port: "80" });
      const resolution = begin();
      await heard.until(1);
      await settle();
      nacos.restart();
      await advance(clock, 10_000);
      assertEquals(
        await heard.until(2),
        takeEmpty ? "" : "! Nacos knows no instance of DEFAULT_GROUP@@echo that takes calls",
      );
      assertEquals(heard.instances.length, takeEmpty ? 0 : 1);
      put(nacos, { port: "81" });
      await advance(clock, 10_000);
      assertEquals(await heard.until(3), "10.0.0.1:81");
      resolution.close();
    }
  });

  it("keeps the list while Nacos is away, and asks again later each time", async () => {
    const http = new FakeHttp();
    const { clock, nacos, heard, errors, begin } = start({ fetch: http.fetch });
    put(nacos, { port: "80", ephemeral: "false" });
    const answer = async (n: number): Promise<void> => {
      const { line } = await http.request(n);
      const [method, path] = line.split(" ") as [string, string];
      (await http.request(n)).answer(new Response(nacos.handle(method, new URL(path, "http://x"), "").text));
    };
    const resolution = begin();
    await answer(0);
    await heard.until(1);
    await settle();
    await advance(clock, 10_000);
    for (const [n, waitMs] of [[1, 250], [2, 500], [3, 1_000]] as const) {
      (await http.request(n)).fail();
      await settle();
      await advance(clock, waitMs - 1);
      assertEquals(http.asked.length, n + 1);
      await advance(clock, 1);
    }
    await answer(4);
    await settle();
    assertEquals([heard.instances.length, errors.length, heard.told.length], [1, 3, 4]);
    resolution.close();
  });

  it("takes garbage for a failure, and goes on after it", async () => {
    const http = new FakeHttp();
    const { clock, heard, begin } = start({ fetch: http.fetch });
    const resolution = begin();
    const told = [
      ["<html>", "! Nacos' answer is no JSON: <html>"],
      ["null", "! Nacos' answer has no list of hosts"],
      ['{"hosts":{}}', "! Nacos' answer has no list of hosts"],
      ['{"hosts":[{"ip":"10.0.0.1","port":80}],"cacheMillis":"soon"}', "10.0.0.1:80"],
    ] as const;
    for (const [i, [text, heardText]] of told.entries()) {
      (await http.request(i)).answer(new Response(text));
      assertEquals(await heard.until(i + 1), heardText);
      await settle();
      clock.advance(2_000);
    }
    assertEquals(heard.instances[0]!.weight, 10);
    resolution.close();
  });

  it("leaves out what is no server and says so, and what lacks a tag that is asked for", async () => {
    const http = new FakeHttp();
    const { heard, errors, begin } = start({ fetch: http.fetch }, { idc: "north" });
    const resolution = begin();
    const hosts = [
      { ip: "10.0.0.1", port: 80, metadata: { idc: "north" } },
      { ip: "10.0.0.2", port: 80, metadata: { idc: "south" } },
      { ip: "10.0.0.3", port: 0, instanceId: "bad" },
      { port: 80 },
      null,
    ];
    (await http.request(0)).answer(Response.json({ hosts }));
    assertEquals(await heard.until(1), "10.0.0.1:80");
    assertEquals(errors, [
      "the instance bad is none to call: port 0 is none",
      "the instance without an id is none to call: there is no ip",
      "the instance without an id is none to call: there is no ip",
    ]);
    resolution.close();
  });

  it("gives up its request when it is closed, and tells nothing any more", async () => {
    const http = new FakeHttp();
    const { clock, heard, errors, begin } = start({ fetch: http.fetch });
    const resolution = begin();
    const asked = await http.request(0);
    resolution.close();
    resolution.close();
    resolution.refresh();
    await settle();
    assert(asked.left());
    assertEquals([clock.pending, heard.told.length, errors.length], [0, 0, 0]);
  });

  it("refuses names that Nacos cannot tell apart", () => {
    const resolver = nacosResolver({ endpoints });
    for (const name of ["", "a@@b"]) {
      assertThrows(() => resolver.resolve({ name, tags: {} }, new Heard(), new ManualClock()), RpcError, "@@");
      assertThrows(() => resolver.check!(name), RpcError, "@@");
    }
  });
});
