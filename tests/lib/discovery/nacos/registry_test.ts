import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { NacosOptions } from "../../../../lib/discovery/nacos/http.ts";
import { nacosRegistry } from "../../../../lib/discovery/nacos/registry.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { settle } from "../heard.ts";
import { FakeNacos, type FakeNacosInit } from "./fake_nacos.ts";

const endpoints = ["http://127.0.0.1:8848"];
const info = { service: "echo", endpoint: { hostname: "10.0.0.1", port: 8888 }, weight: 7, tags: { idc: "north" } };
const REGISTER = "POST /nacos/v1/ns/instance";
const BEAT = "PUT /nacos/v1/ns/instance/beat";
const REMOVE = "DELETE /nacos/v1/ns/instance";

function start(more: Partial<NacosOptions> = {}, user?: FakeNacosInit["user"]) {
  const clock = new ManualClock();
  const nacos = new FakeNacos({ now: () => clock.now(), ...(user === undefined ? {} : { user }) });
  const registry = nacosRegistry({ endpoints, fetch: nacos.fetch, clock, random: () => 0.5, ...more });
  const errors: string[] = [];
  const register = (given = {}) =>
    registry.register({ ...info, ...given }, { onError: ({ message }) => errors.push(message) });
  return { clock, nacos, registry, errors, register };
}

async function advance(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

describe("nacosRegistry", () => {
  it("says of an instance all that Kitex's says, beats for it, and takes it out once", async () => {
    const { clock, nacos, register } = start();
    const registration = await register();
    assertEquals(nacos.asked, [{
      line: REGISTER,
      params: {
        serviceName: "DEFAULT_GROUP@@echo",
        groupName: "DEFAULT_GROUP",
        clusterName: "DEFAULT",
        ip: "10.0.0.1",
        port: "8888",
        ephemeral: "true",
        weight: "7",
        enabled: "true",
        healthy: "true",
        metadata: '{"idc":"north"}',
      },
    }]);
    await advance(clock, 4_999);
    assertEquals(nacos.asked.length, 1);
    await advance(clock, 1);
    const { line, params: { beat, ...params } } = nacos.asked[1]!;
    assertEquals(line, BEAT);
    assertEquals(params, { serviceName: "DEFAULT_GROUP@@echo", groupName: "DEFAULT_GROUP", ephemeral: "true" });
    assertEquals(JSON.parse(beat!), {
      ip: "10.0.0.1",
      port: 8888,
      weight: 7,
      serviceName: "DEFAULT_GROUP@@echo",
      cluster: "DEFAULT",
      metadata: { idc: "north" },
      scheduled: true,
    });
    await Promise.all([registration.deregister(), registration.deregister()]);
    assertEquals(nacos.asked.slice(2), [{
      line: REMOVE,
      params: {
        serviceName: "DEFAULT_GROUP@@echo",
        groupName: "DEFAULT_GROUP",
        clusterName: "DEFAULT",
        ip: "10.0.0.1",
        port: "8888",
        ephemeral: "true",
      },
    }]);
    assertEquals(clock.pending, 0);
  });

  it("puts namespace, group and cluster of its options into every request", async () => {
    const { clock, nacos, register } = start({ namespace: "n1", group: "g1", cluster: "c1", contextPath: "nacos/" });
    const registration = await register();
    await advance(clock, 5_000);
    await registration.deregister();
    assertEquals(nacos.asked.map(({ line }) => line), [REGISTER, BEAT, REMOVE]);
    for (const { params } of nacos.asked) {
      assertEquals([params.namespaceId, params.groupName, params.serviceName], ["n1", "g1", "g1@@echo"]);
    }
    assertEquals(nacos.asked.map(({ params }) => params.clusterName ?? JSON.parse(params.beat!).cluster), [
      "c1",
      "c1",
      "c1",
    ]);
  });

  it("beats as often as Nacos says, within bounds", async () => {
    const { clock, nacos, register } = start();
    nacos.beatMillis = 20_000;
    const registration = await register();
    await advance(clock, 5_000);
    for (const [said, waitMs] of [[10, 20_000], [1e12, 1_000], [5_000, 60_000]] as const) {
      const before = nacos.asked.length;
      nacos.beatMillis = said;
      await advance(clock, waitMs - 1);
      assertEquals(nacos.asked.length, before);
      await advance(clock, 1);
      assertEquals(nacos.asked.length, before + 1);
    }
    await registration.deregister();
  });

  it("registers anew where Nacos says that there is no such instance, and says so", async () => {
    const { clock, nacos, errors, register } = start();
    const registration = await register();
    nacos.strict = true;
    nacos.restart();
    await advance(clock, 5_000);
    assertEquals(nacos.asked.map(({ line }) => line), [REGISTER, BEAT, REGISTER]);
    assertEquals(nacos.asked[2], nacos.asked[0]);
    assertEquals(errors, ["Nacos had lost 10.0.0.1:8888 of DEFAULT_GROUP@@echo, it was registered anew"]);
    await registration.deregister();
  });

  it("goes on beating while Nacos is away, later each time but never later than a beat", async () => {
    const { clock, nacos, errors, register } = start();
    const registration = await register();
    nacos.away = true;
    await advance(clock, 5_000);
    for (const waitMs of [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
      const before = errors.length;
      await advance(clock, waitMs - 1);
      assertEquals(errors.length, before);
      await advance(clock, 1);
      assertEquals(errors.length, before + 1);
    }
    nacos.away = false;
    await advance(clock, 5_000);
    assertEquals([nacos.asked.at(-1)!.line, new Set(errors)], [BEAT, new Set(["refused"])]);
    await registration.deregister();
  });

  it("logs in where Nacos asks for that, before its token ends, and again when it is refused", async () => {
    const user = { username: "ada", password: "a secret & more" };
    const { clock, nacos, errors, register } = start({ auth: { user: user.username, password: user.password } }, user);
    nacos.tokenTtl = 100;
    const registration = await register();
    assertEquals(nacos.asked[0], { line: "POST /nacos/v1/auth/login", params: user });
    assertEquals(nacos.asked[1]!.params.accessToken, "token-1");
    for (let i = 0; i < 17; i++) await advance(clock, 5_000);
    assertEquals(nacos.asked.filter(({ line }) => line.endsWith("login")).length, 1, "after 85 of 100 s");
    await advance(clock, 5_000);
    assertEquals(nacos.asked.slice(-2).map(({ line, params }) => [line, params.accessToken]), [
      ["POST /nacos/v1/auth/login", undefined],
      [BEAT, "token-2"],
    ]);
    nacos.dropTokens();
    await advance(clock, 5_000);
    assertEquals(nacos.asked.slice(-3).map(({ line, params }) => [line, params.accessToken]), [
      [BEAT, "token-2"],
      ["POST /nacos/v1/auth/login", undefined],
      [BEAT, "token-3"],
    ]);
    assertEquals(errors, []);
    await registration.deregister();
  });

  it("rejects where it cannot log in, and keeps nothing", async () => {
    const { clock, nacos, register } = start({ auth: { user: "ada", password: "wrong" } }, {
      username: "ada",
      password: "right",
    });
    await assertRejects(() => register(), RpcError, "403: unknown user!");
    assertEquals([nacos.asked.length, clock.pending], [1, 0]);
  });

  it("goes on although who listens to its errors fails", async () => {
    const { clock, nacos, registry } = start();
    const onError = (): never => {
      throw new Error("odd");
    };
    const registration = await registry.register(info, { onError });
    nacos.strict = true;
    nacos.restart();
    await advance(clock, 5_000);
    await advance(clock, 5_000);
    assertEquals(nacos.asked.map(({ line }) => line), [REGISTER, BEAT, REGISTER, BEAT]);
    await registration.deregister();
  });

  it("refuses what Nacos cannot say", async () => {
    const { register } = start();
    const refused = (more: object, text: string) => assertRejects(() => register(more), RpcError, text);
    await refused({ endpoint: { path: "/x" } }, "unix socket");
    await refused({ weight: -1 }, "weight -1");
    await refused({ weight: NaN }, "weight NaN");
    await refused({ service: "" }, "is empty");
    await refused({ service: "a@@b" }, "@@");
    await assertRejects(() => start({ group: "" }).register(), RpcError, `group ""`);
    await assertRejects(() => start({ cluster: "" }).register(), RpcError, "cluster");
    assertThrows(() => nacosRegistry({ endpoints: ["127.0.0.1:8848"] }), RpcError, "no http:// or https://");
  });
});
