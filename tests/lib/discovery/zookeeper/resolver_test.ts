import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { zooKeeperClient } from "../../../../lib/discovery/zookeeper/client.ts";
import { zooKeeperResolver } from "../../../../lib/discovery/zookeeper/resolver.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { Heard, settle } from "../heard.ts";
import { FakeZooKeeper } from "./fake_zookeeper.ts";

const record = (Weight = 10, Tags: Record<string, string> | null = null): string => JSON.stringify({ Weight, Tags });

async function start(before: (zooKeeper: FakeZooKeeper) => void = () => {}, tags: Record<string, string> = {}) {
  const clock = new ManualClock();
  const zooKeeper = new FakeZooKeeper(clock);
  await zooKeeper.up();
  before(zooKeeper);
  const { transport } = zooKeeper;
  const client = zooKeeperClient({ servers: ["zk1:2181"], transport, clock, random: () => 0 });
  const errors: RpcError[] = [];
  const resolver = zooKeeperResolver(client, { onError: (error) => errors.push(error), random: () => 0.5 });
  const heard = new Heard();
  const resolution = resolver.resolve({ name: "echo", tags }, heard, clock);
  return {
    clock,
    zooKeeper,
    errors,
    heard,
    async end(): Promise<void> {
      resolution.close();
      await settle();
      const told = heard.told.length;
      zooKeeper.set("/echo/1.1.1.1:99", record());
      await settle();
      await client.close();
      await settle();
      assertEquals([heard.told.length, clock.pending, zooKeeper.load], [told, 0, [0, 0]]);
    },
  };
}

describe("zooKeeperResolver", () => {
  it("reads what Kitex's registry wrote, once, and then what changed alone", async () => {
    const { zooKeeper, heard, end } = await start((zooKeeper) => {
      zooKeeper.set("/echo/1.1.1.1:1", record(3, { idc: "north" }));
      zooKeeper.set("/echo/[::1]:2", record(0));
      zooKeeper.set("/echoes/1.1.1.1:9", record());
    });
    assertEquals(await heard.until(1), "1.1.1.1:1 [::1]:2");
    const instances = new Map(heard.instances.map((each) => [each.address, each]));
    assertEquals([instances.get("1.1.1.1:1")?.weight, instances.get("1.1.1.1:1")?.tags], [3, { idc: "north" }]);
    assertEquals(instances.get("[::1]:2")?.weight, 10);
    zooKeeper.set("/echo/1.1.1.1:3", record());
    assertEquals(await heard.until(2), "1.1.1.1:1 1.1.1.1:3 [::1]:2");
    zooKeeper.set("/echo/1.1.1.1:1", record(8));
    assertEquals(await heard.until(3), "1.1.1.1:1 1.1.1.1:3 [::1]:2");
    assertEquals(heard.instances.map(({ weight }) => weight).sort(), [10, 10, 8]);
    zooKeeper.set("/echo/[::1]:2", undefined);
    await settle();
    assertEquals(heard.told.at(-1), "1.1.1.1:1 1.1.1.1:3");
    assertEquals(zooKeeper.asked.slice(0, 5), [
      "children+ /echo",
      "data+ /echo/1.1.1.1:1",
      "data+ /echo/[::1]:2",
      "children+ /echo",
      "data+ /echo/1.1.1.1:3",
    ]);
    assertEquals(zooKeeper.asked[5], "data+ /echo/1.1.1.1:1");
    // However often things change, each node is watched once.
    assertEquals(zooKeeper.load, [1, 3]);
    await end();
  });

  it("sees one that was taken out and made anew at once", async () => {
    const { zooKeeper, heard, end } = await start((zooKeeper) => zooKeeper.set("/echo/1.1.1.1:1", record(3)));
    await heard.until(1);
    zooKeeper.set("/echo/1.1.1.1:1", undefined);
    zooKeeper.set("/echo/1.1.1.1:1", record(5));
    await settle();
    assertEquals([heard.told.at(-1), heard.instances[0]?.weight], ["1.1.1.1:1", 5]);
    await end();
  });

  it("gives none for a service that nobody registered, and hears of the first", async () => {
    const { zooKeeper, heard, end } = await start();
    assertEquals(await heard.until(1), "");
    zooKeeper.set("/echo/1.1.1.1:1", record());
    await settle();
    assertEquals(heard.told.at(-1), "1.1.1.1:1");
    zooKeeper.set("/echo/1.1.1.1:1", undefined);
    zooKeeper.set("/echo", undefined);
    await settle();
    assertEquals(heard.told.at(-1), "");
    zooKeeper.set("/echo/1.1.1.1:2", record());
    await settle();
    assertEquals(heard.told.at(-1), "1.1.1.1:2");
    await end();
  });

  it("leaves out nodes that make no sense or may not be read, and says so once", async () => {
    const { zooKeeper, heard, errors, end } = await start((zooKeeper) => {
      zooKeeper.set("/echo/1.1.1.1:1", "no json");
      zooKeeper.set("/echo/::1:2", record());
      zooKeeper.set("/echo/1.1.1.1:3", record(), "digest:bob");
      zooKeeper.set("/echo/1.1.1.1:4", "null");
    });
    assertEquals(await heard.until(1), "1.1.1.1:4");
    assertEquals(errors.map(({ kind }) => kind).sort(), ["forbidden", "protocol", "protocol"]);
    assertStringIncludes(errors.map(({ message }) => message).join(), "the node ::1:2 is none of a server: target");
    zooKeeper.set("/echo/1.1.1.1:5", record());
    assertEquals(await heard.until(2), "1.1.1.1:4 1.1.1.1:5");
    zooKeeper.set("/echo/1.1.1.1:1", record());
    assertEquals(await heard.until(3), "1.1.1.1:1 1.1.1.1:4 1.1.1.1:5");
    await end();
  });

  it("gives only instances with the tags that are asked for", async () => {
    const { heard, end } = await start((zooKeeper) => {
      zooKeeper.set("/echo/1.1.1.1:1", record(1, { idc: "north", lane: "x" }));
      zooKeeper.set("/echo/1.1.1.1:2", record(1, { idc: "south" }));
    }, { idc: "north" });
    assertEquals(await heard.until(1), "1.1.1.1:1");
    await end();
  });

  it("reads all again over the next connection", async () => {
    const { clock, zooKeeper, heard, end } = await start((zooKeeper) => zooKeeper.set("/echo/1.1.1.1:1", record()));
    await heard.until(1);
    await zooKeeper.down();
    assertEquals(await heard.until(2), "! connection reset by peer");
    zooKeeper.set("/echo/1.1.1.1:2", record());
    await zooKeeper.up();
    await settle();
    clock.advance(250);
    await settle();
    assertEquals(heard.told.slice(2), ["1.1.1.1:1 1.1.1.1:2"]);
    assertEquals(zooKeeper.greeted, ["new 1", "again 1"]);
    await end();
  });

  it("keeps the last list while ZooKeeper is away, or is back and empty, and takes the next", async () => {
    const { clock, zooKeeper, heard, end } = await start((zooKeeper) => zooKeeper.set("/echo/1.1.1.1:1", record()));
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 250) {
        clock.advance(250);
        await settle();
      }
    };
    await heard.until(1);
    await zooKeeper.down();
    zooKeeper.wipe();
    await pass(40_000);
    await zooKeeper.up();
    await pass(35_000);
    const later = heard.told.slice(1);
    assertEquals(later.filter((told) => !told.startsWith("!")), []);
    assertEquals(
      later.every((told) => told.startsWith("! connection reset") || told.startsWith("! ZooKeeper is away")),
      true,
    );
    zooKeeper.set("/echo/1.1.1.1:2", record());
    await settle();
    assertEquals(heard.told.at(-1), "1.1.1.1:2");
    await end();
  });

  it("refuses names that are no path", () => {
    const clock = new ManualClock();
    const { transport } = new FakeZooKeeper(clock);
    const client = zooKeeperClient({ servers: ["zk1:2181"], transport });
    const resolver = zooKeeperResolver(client, { prefix: "/shop" });
    for (const name of ["", "a//b", "a/..", "a/"]) {
      assertThrows(() => resolver.resolve({ name, tags: {} }, new Heard(), clock), RpcError, "is no path");
      assertThrows(() => resolver.check!(name), RpcError, "is no path");
    }
    resolver.check!("a/b");
    assertThrows(() => zooKeeperResolver(client, { prefix: "shop" }).check!("a"), RpcError, "is no path");
  });
});
