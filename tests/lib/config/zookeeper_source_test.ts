import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ConfigKey } from "../../../lib/config/source.ts";
import { zooKeeperConfig } from "../../../lib/config/zookeeper_source.ts";
import { zooKeeperClient } from "../../../lib/discovery/mod.ts";
import { RpcError } from "../../../lib/errors.ts";
import { settle } from "../discovery/heard.ts";
import { FakeZooKeeper } from "../discovery/zookeeper/fake_zookeeper.ts";
import { ManualClock } from "../io/manual_clock.ts";

const RETRY: ConfigKey = { client: "web", server: "echo", category: "retry" };
const KEY = "/KitexConfig/web/echo/retry";

async function setup(initial: string | undefined) {
  const clock = new ManualClock();
  const zooKeeper = new FakeZooKeeper(clock);
  await zooKeeper.up();
  if (initial !== undefined) zooKeeper.set(KEY, initial);
  const client = zooKeeperClient({ servers: ["zk1:2181"], transport: zooKeeper.transport, clock, random: () => 0 });
  const told: string[] = [];
  const stop = zooKeeperConfig(client, { clock, random: () => 0 }).follow(RETRY, {
    update: (value) => void told.push(JSON.stringify(value) ?? "nothing"),
    failed: ({ kind, message }) => void told.push(`${kind}: ${message.split(":")[0]}`),
  });
  return {
    clock,
    zooKeeper,
    async turn(): Promise<string[]> {
      await settle();
      return told.splice(0);
    },
    async end(): Promise<void> {
      stop();
      zooKeeper.set(KEY, "{}");
      await settle();
      await client.close();
      await settle();
      assertEquals([told, clock.pending, zooKeeper.load], [[], 0, [0, 0]]);
    },
  };
}

describe("configuration from ZooKeeper", () => {
  it("is read in Kitex's node and watched from there", async () => {
    const { zooKeeper, turn, end } = await setup('{"a":1}');
    assertEquals(await turn(), ['{"a":1}']);
    assertEquals(zooKeeper.asked, [`data+ ${KEY}`]);
    zooKeeper.set(KEY, '{"a":2}');
    assertEquals(await turn(), ['{"a":2}']);
    zooKeeper.set(KEY, undefined);
    assertEquals(await turn(), ["nothing"]);
    zooKeeper.set(KEY, '{"a":3}');
    assertEquals(await turn(), ['{"a":3}']);
    assertEquals(zooKeeper.load, [1, 1]);
    zooKeeper.set(KEY, undefined);
    await turn();
    zooKeeper.set(KEY, "null");
    assertEquals(await turn(), ["null"]);
    await end();
  });

  it("is told as nothing where there is none, and as failed where it is no JSON", async () => {
    const { zooKeeper, turn, end } = await setup(undefined);
    assertEquals(await turn(), ["nothing"]);
    zooKeeper.set(KEY, "{");
    assertEquals(await turn(), [`invalid: ${KEY} is no JSON`]);
    zooKeeper.set(KEY, "{}");
    assertEquals(await turn(), ["{}"]);
    await end();
  });

  it("stays while ZooKeeper is away, and is read again when it is back: told if it is another one", async () => {
    const { clock, zooKeeper, turn, end } = await setup('{"a":1}');
    await turn();
    const cases: [meanwhile: string, told: string[]][] = [['{"a":1}', []], ['{"a":2}', ['{"a":2}']]];
    for (const [meanwhile, told] of cases) {
      await zooKeeper.down();
      assertEquals(await turn(), ["transport: connection reset by peer"]);
      zooKeeper.set(KEY, meanwhile);
      await zooKeeper.up();
      for (let i = 0; i < 20; i++) {
        await settle();
        clock.advance(50);
      }
      assertEquals((await turn()).filter((text) => !text.startsWith("connect:")), told);
    }
    await end();
  });

  it("refuses names that cannot be part of a path", async () => {
    const { turn, end } = await setup(undefined);
    const client = zooKeeperClient({
      servers: ["zk1:2181"],
      transport: new FakeZooKeeper(new ManualClock()).transport,
    });
    const sink = { update: () => {}, failed: () => {} };
    for (const server of ["", "a/b"]) {
      assertThrows(() => zooKeeperConfig(client).follow({ server, category: "limit" }, sink), RpcError, "service name");
    }
    await turn();
    await end();
  });
});
