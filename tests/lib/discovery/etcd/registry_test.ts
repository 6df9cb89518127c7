import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { etcdRegistry } from "../../../../lib/discovery/etcd/registry.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { settle } from "../heard.ts";
import { FakeKv } from "./fake_kv.ts";

const KEY = "kitex/registry-etcd/echo/10.0.0.1:8888";
const info = { service: "echo", endpoint: { hostname: "10.0.0.1", port: 8888 }, tags: { idc: "north" } };

function start(): { clock: ManualClock; kv: FakeKv; registry: ReturnType<typeof etcdRegistry> } {
  const clock = new ManualClock();
  const kv = new FakeKv(clock);
  return { clock, kv, registry: etcdRegistry(kv, { clock, random: () => 0.5 }) };
}

describe("etcdRegistry", () => {
  it("writes Kitex's record with a lease of 60 s, renews it every 20 s, and takes it out", async () => {
    const { clock, kv, registry } = start();
    const registration = await registry.register(info);
    assertEquals(
      kv.values.get(KEY)?.value,
      '{"network":"tcp","address":"10.0.0.1:8888","weight":10,"tags":{"idc":"north"}}',
    );
    assertEquals(kv.asked, ["grant 60", `put ${KEY}`]);
    for (let i = 0; i < 10; i++) {
      clock.advance(20_000);
      await settle();
    }
    assert(kv.values.has(KEY));
    assertEquals(kv.asked.filter((each) => each === "keepAlive 1").length, 10);
    await Promise.all([registration.deregister(), registration.deregister()]);
    assertEquals(kv.asked.at(-1), "revoke 1");
    assertEquals([kv.values.size, clock.pending], [0, 0]);
  });

  it("makes the entry anew when its lease was lost, and says so", async () => {
    const { clock, kv, registry } = start();
    const errors: string[] = [];
    const registration = await registry.register(info, { onError: ({ message }) => errors.push(message) });
    kv.lose("1");
    assert(!kv.values.has(KEY));
    clock.advance(20_000);
    await settle();
    assertEquals(kv.values.get(KEY)?.lease, "2");
    assertEquals(errors, [`the lease of ${KEY} was lost, the entry made anew`]);
    await registration.deregister();
  });

  it("makes the entry anew when somebody else deleted it, and says so", async () => {
    const { clock, kv, registry } = start();
    const errors: string[] = [];
    const registration = await registry.register(info, { onError: ({ message }) => errors.push(message) });
    kv.set(KEY, undefined);
    clock.advance(20_000);
    await settle();
    assertEquals(kv.values.get(KEY)?.lease, "1");
    assertEquals(errors, [`${KEY} was deleted by somebody else, the entry made anew`]);
    await registration.deregister();
    assert(!kv.values.has(KEY));
  });

  it("leaves the entry alone that a server of the same address wrote since", async () => {
    const { kv, registry } = start();
    const first = await registry.register(info);
    const second = await registry.register(info);
    await first.deregister();
    assertEquals(kv.values.get(KEY)?.lease, "2");
    await second.deregister();
    assert(!kv.values.has(KEY));
  });

  it("gives the lease back where the key could not be written", async () => {
    const { kv, registry } = start();
    kv.put = () => Promise.reject(new RpcError("timeout", "no answer"));
    await assertRejects(() => registry.register(info), RpcError, "no answer");
    assertEquals(kv.asked, ["grant 60", "revoke 1"]);
  });

  it("goes on although who listens to its errors fails", async () => {
    const { clock, kv, registry } = start();
    const onError = (): never => {
      throw new Error("odd");
    };
    const registration = await registry.register(info, { onError });
    for (const lease of ["1", "2"]) {
      kv.lose(lease);
      clock.advance(20_000);
      await settle();
    }
    assertEquals(kv.values.get(KEY)?.lease, "3");
    await registration.deregister();
  });

  it("goes on trying while etcd is away, so that the entry is there again when it is back", async () => {
    const { clock, kv, registry } = start();
    const errors: string[] = [];
    const registration = await registry.register(info, { onError: ({ message }) => errors.push(message) });
    kv.failing = new RpcError("connect", "gone");
    for (let i = 0; i < 400; i++) {
      clock.advance(500);
      await settle();
    }
    assert(errors.length > 5 && errors.length < 40, `${errors.length} tries in 200 s`);
    assert(!kv.values.has(KEY));
    kv.failing = undefined;
    clock.advance(20_000);
    await settle();
    assert(kv.values.has(KEY));
    await registration.deregister();
  });

  it("rejects when it cannot be entered, and leaves nothing running", async () => {
    const { clock, kv, registry } = start();
    kv.failing = new RpcError("connect", "gone");
    await assertRejects(() => registry.register(info), RpcError, "gone");
    assertEquals(clock.pending, 0);
  });
});
