import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ZooKeeperClient, zooKeeperClient } from "../../../../lib/discovery/zookeeper/client.ts";
import { zooKeeperRegistry } from "../../../../lib/discovery/zookeeper/registry.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { settle } from "../heard.ts";
import { FakeZooKeeper } from "./fake_zookeeper.ts";

const PATH = "/echo/10.0.0.1:8888";
const info = { service: "echo", endpoint: { hostname: "10.0.0.1", port: 8888 }, tags: { idc: "north" } };

async function start(prefix?: string) {
  const clock = new ManualClock();
  const zooKeeper = new FakeZooKeeper(clock);
  await zooKeeper.up();
  const options = { servers: ["zk1:2181"], transport: zooKeeper.transport, clock, random: () => 0 };
  const clients: ZooKeeperClient[] = [];
  const connect = (): ZooKeeperClient => {
    const client = zooKeeperClient(options);
    clients.push(client);
    return client;
  };
  const errors: string[] = [];
  return {
    clock,
    zooKeeper,
    connect,
    errors,
    onError: ({ message }: RpcError) => void errors.push(message),
    registry: zooKeeperRegistry(connect(), { clock, random: () => 0, prefix }),
    /** Lets so much time go by, and everything happen in it. */
    async pass(ms: number): Promise<void> {
      const endMs = clock.now() + ms;
      while (clock.now() < endMs) {
        clock.advance(Math.min(endMs, Math.max(clock.nextMs, clock.now() + 50)) - clock.now());
        await settle();
      }
    },
    async end(): Promise<void> {
      await Promise.all(clients.map((client) => client.close()));
      await settle();
      assertEquals([clock.pending, zooKeeper.load], [0, [0, 0]]);
    },
  };
}

describe("zooKeeperRegistry", () => {
  it("makes Kitex's node for the life of its session, watches it, and takes it out", async () => {
    const { zooKeeper, registry, pass, end } = await start();
    const registration = await registry.register(info);
    assertEquals(zooKeeper.nodes.get(PATH)?.data, '{"Weight":10,"Tags":{"idc":"north"}}');
    assertEquals(zooKeeper.asked, ["create /echo", `create ${PATH} ephemeral`]);
    assert(zooKeeper.nodes.get(PATH)!.owner !== 0n);
    await pass(200);
    assertEquals(zooKeeper.asked.slice(2), [`exists+ ${PATH}`]);
    await Promise.all([registration.deregister(), registration.deregister()]);
    assertEquals(zooKeeper.asked.slice(3), [`exists ${PATH}`, `remove ${PATH}`]);
    assertEquals([...zooKeeper.nodes.keys()], ["/", "/echo"]); // the service's own node stays, as with Kitex
    await end();
  });

  it("makes the node anew as soon as it hears that somebody deleted it, and says so", async () => {
    const { zooKeeper, registry, errors, onError, pass, end } = await start();
    const registration = await registry.register(info, { onError });
    await pass(200);
    zooKeeper.set(PATH, undefined);
    await settle();
    await pass(100);
    assert(zooKeeper.nodes.has(PATH));
    assertEquals(errors, [`the node ${PATH} was lost, and made anew`]);
    await registration.deregister();
    await end();
  });

  it("makes the node anew in the next session when its own was lost", async () => {
    const { zooKeeper, registry, errors, onError, pass, end } = await start();
    const registration = await registry.register(info, { onError });
    await pass(200);
    const before = zooKeeper.nodes.get(PATH)!.owner;
    zooKeeper.expire();
    await settle();
    assert(!zooKeeper.nodes.has(PATH));
    await pass(1_000);
    assert(zooKeeper.nodes.get(PATH)!.owner > before);
    assertEquals(errors.at(-1), `the node ${PATH} was lost, and made anew`);
    await registration.deregister();
    await end();
  });

  it("goes on trying while ZooKeeper is away, so that the node is there again when it is back without what it knew", async () => {
    const { zooKeeper, registry, errors, onError, pass, end } = await start();
    const registration = await registry.register(info, { onError });
    await pass(200);
    await zooKeeper.down();
    zooKeeper.wipe();
    await pass(60_000);
    assert(errors.length > 1 && errors.every((text) => text.startsWith("ZooKeeper is away")), errors.join("; "));
    await zooKeeper.up();
    await pass(31_000);
    assert(zooKeeper.nodes.has(PATH));
    await registration.deregister();
    await end();
  });

  it("takes the place of a node that a server of the same address left behind", async () => {
    const { zooKeeper, registry, end } = await start();
    zooKeeper.set(PATH, "old", "world:anyone", 99n);
    const registration = await registry.register(info);
    assertEquals(JSON.parse(zooKeeper.nodes.get(PATH)!.data).Weight, 10);
    await registration.deregister();
    await end();
  });

  it("leaves the node alone that a server of the same address made since, until that one leaves", async () => {
    const { clock, zooKeeper, registry, connect, pass, end } = await start();
    const first = await registry.register(info);
    const newer = zooKeeperRegistry(connect(), { clock, random: () => 0 });
    const second = await newer.register({ ...info, weight: 5 });
    await pass(31_000);
    assertEquals(JSON.parse(zooKeeper.nodes.get(PATH)!.data).Weight, 5);
    await first.deregister();
    assert(zooKeeper.nodes.has(PATH));
    await second.deregister();
    assert(!zooKeeper.nodes.has(PATH));
    await end();
  });

  it("registers below a prefix", async () => {
    const { zooKeeper, registry, end } = await start("/shop/north");
    const registration = await registry.register({ ...info, service: "/echo" });
    assert(zooKeeper.nodes.has(`/shop/north${PATH}`));
    await registration.deregister();
    await end();
  });

  it("writes an address of IPv6 as Kitex's resolver reads it", async () => {
    const { zooKeeper, registry, end } = await start();
    const registration = await registry.register({ ...info, endpoint: { hostname: "::1", port: 1 } });
    assert(zooKeeper.nodes.has("/echo/[::1]:1"));
    await registration.deregister();
    await end();
  });

  it("rejects when ZooKeeper is away, and leaves nothing running", async () => {
    const { zooKeeper, registry, end } = await start();
    await zooKeeper.down();
    await assertRejects(() => registry.register(info), RpcError, "ZooKeeper is away");
    await end();
  });

  it("leaves no node behind that was made when nobody waited for it any more", async () => {
    const { zooKeeper, registry, end } = await start();
    await registry.register({ ...info, service: "other" }).then((registration) => registration.deregister());
    zooKeeper.set("/echo", "");
    const giveUp = new AbortController();
    const registering = registry.register(info, { signal: giveUp.signal }).catch((error) => error);
    while (!zooKeeper.nodes.has(PATH)) await Promise.resolve();
    giveUp.abort(new RpcError("canceled", "enough"));
    const registration = await registering;
    await settle();
    assert(registration instanceof RpcError, "the answer was faster");
    assert(!zooKeeper.nodes.has(PATH));
    await end();
  });

  it("refuses what ZooKeeper or Kitex's clients cannot read", async () => {
    const { registry, zooKeeper } = await start();
    const refused = [
      [{ service: "" }, "is no path"],
      [{ service: "a//b" }, "is no path"],
      [{ service: "a/" }, "is no path"],
      [{ service: "../a" }, "is no path"],
      [{ service: "a\u0000" }, "is no path"],
      [{ endpoint: { path: "/tmp/a" } }, "unix socket"],
      [{ weight: 1.5 }, "weight 1.5"],
    ] as const;
    for (const [odd, text] of refused) {
      const error = await assertRejects(() => registry.register({ ...info, ...odd }), RpcError, text);
      assertEquals(error.kind, "invalid");
    }
    assertEquals(zooKeeper.greeted, []);
  });
});
