import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { zooKeeperClient, type ZooKeeperOptions } from "../../../../lib/discovery/zookeeper/client.ts";
import type { ZooKeeperWatcher } from "../../../../lib/discovery/zookeeper/nodes.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { type MemoryOptions } from "../../../../transports/memory.ts";
import { randomOf } from "../balancers/host.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { settle } from "../heard.ts";
import { FakeZooKeeper } from "./fake_zookeeper.ts";

async function start(options: Partial<ZooKeeperOptions> = {}, network: MemoryOptions = {}) {
  const clock = new ManualClock();
  const zooKeeper = new FakeZooKeeper(clock, network);
  await zooKeeper.up();
  const { transport } = zooKeeper;
  const client = zooKeeperClient({ servers: ["zk1:2181"], transport, clock, random: () => 0, ...options });
  return { clock, zooKeeper, client };
}

/** What a watcher heard. */
function listener(): { heard: string[]; watcher: ZooKeeperWatcher } {
  const heard: string[] = [];
  return {
    heard,
    watcher: {
      changed: (path) => void heard.push(path),
      lost: ({ message }) => void heard.push(`! ${message}`),
    },
  };
}

const entry = { path: "/echo/a", data: "1", ephemeral: true };

describe("zooKeeperClient", () => {
  it("makes, reads and takes out nodes, and says what is there already and what is not", async () => {
    const { zooKeeper, client } = await start();
    assertEquals(zooKeeper.greeted, []); // nobody asked yet
    assertEquals(await client.create({ path: "/echo", data: "", ephemeral: false }), true);
    assertEquals([await client.create(entry), await client.create(entry)], [true, false]);
    zooKeeper.set("/echo/b", "ü", "world:anyone", 99n);
    assertEquals(await client.children("/echo"), ["a", "b"]);
    assertEquals([await client.data("/echo/a"), await client.data("/echo/b")], ["1", "ü"]);
    const owners = [client.owner("/echo/a"), client.owner("/echo/b"), client.owner("/echo"), client.owner("/none")];
    assertEquals(await Promise.all(owners), ["us", "other", "other", undefined]);
    assertEquals([await client.write("/echo/a", "2"), await client.write("/none", "2")], [true, false]);
    assertEquals(await client.data("/echo/a"), "2");
    assertEquals([await client.remove("/echo/a"), await client.remove("/echo/a")], [true, false]);
    assertEquals([await client.children("/none"), await client.data("/none")], [undefined, undefined]);
    await assertRejects(() => client.remove("/echo"), RpcError, "of /echo: error -111 (the node has others below)");
    await client.close();
  });

  it("ends its session, and with it what it made, when it is closed", async () => {
    const { clock, zooKeeper, client } = await start();
    zooKeeper.set("/echo", "");
    await client.create(entry);
    await Promise.all([client.close(), client.close()]);
    await settle();
    assertEquals([zooKeeper.nodes.has("/echo/a"), zooKeeper.load, clock.pending], [false, [0, 0], 0]);
    const error = await assertRejects(() => client.data("/echo"), RpcError, "was closed");
    assertEquals(error.kind, "canceled");
  });

  it("ends its session over a new connection when it is closed without one, at the server that can be reached", async () => {
    for (const servers of [["zk1:2181"], ["zk1:2181", "zk2:2181"]]) {
      const { clock, zooKeeper, client } = await start({ servers });
      if (servers.length > 1) await zooKeeper.up("zk2:2181");
      zooKeeper.set("/echo", "");
      await client.create(entry);
      await zooKeeper.down();
      if (servers.length === 1) await zooKeeper.up();
      await settle(); // it waits for the next try
      await client.close();
      await settle();
      assertEquals(zooKeeper.greeted, ["new 1", "again 1"]);
      assertEquals([zooKeeper.nodes.has("/echo/a"), zooKeeper.load, clock.pending], [false, [0, 0], 0]);
    }
  });

  it("is closed at once when no server can be reached then, and soon when none says a word", async () => {
    for (const isFrozen of [false, true]) {
      const { clock, zooKeeper, client } = await start();
      zooKeeper.set("/echo", "");
      await client.create(entry);
      await zooKeeper.down();
      if (isFrozen) await zooKeeper.up();
      zooKeeper.isFrozen = isFrozen;
      await settle();
      const closing = client.close();
      await settle();
      if (isFrozen) clock.advance(5_000);
      await closing;
      assertEquals([zooKeeper.greeted, zooKeeper.nodes.has("/echo/a")], [["new 1"], true]);
      clock.advance(30_000);
      assertEquals(zooKeeper.nodes.has("/echo/a"), false);
    }
  });

  it("does not begin a session to end it", async () => {
    const { zooKeeper, client } = await start();
    await client.create({ ...entry, path: "/a" });
    await zooKeeper.down();
    zooKeeper.expire();
    await zooKeeper.up();
    await settle();
    await client.close();
    assertEquals(zooKeeper.greeted, ["new 1", "lost 1"]);
    await zooKeeper.down();
    const unused = await start();
    await unused.client.close();
    assertEquals(unused.zooKeeper.greeted, []);
  });

  it("tells a watcher once of a change of children, of data, and of a node that comes or goes", async () => {
    const { zooKeeper, client } = await start();
    const { heard, watcher } = listener();
    const changes: readonly (readonly [watch: () => Promise<unknown>, change: () => void, path: string])[] = [
      [() => client.children("/a", { watcher }), () => zooKeeper.set("/a", ""), "/a"],
      [() => client.children("/a", { watcher }), () => zooKeeper.set("/a/b", "1"), "/a"],
      [() => client.data("/a/b", { watcher }), () => zooKeeper.set("/a/b", "2"), "/a/b"],
      [() => client.data("/a/b", { watcher }), () => zooKeeper.set("/a/b", undefined), "/a/b"],
      [() => client.owner("/a/b", { watcher }), () => zooKeeper.set("/a/b", "3"), "/a/b"],
    ];
    for (const [i, [watch, change, path]] of changes.entries()) {
      await Promise.all([watch(), watch()]);
      change();
      await settle();
      assertEquals(heard.slice(i), [path]);
      zooKeeper.set("/other", String(i)); // nobody watches it
    }
    await client.close();
  });

  it("ends whenever it is closed, whatever is just being awaited", async () => {
    for (let turns = 0; turns < 60; turns++) {
      const { clock, zooKeeper, client } = await start();
      const asked = client.children("/").catch((error) => error);
      for (let i = 0; i < turns; i++) await Promise.resolve();
      let ended = false;
      const ending = client.close().then(() => ended = true);
      await settle();
      assert(ended, `not ended after ${turns} turns`);
      await ending;
      const answer = await asked;
      assert(Array.isArray(answer) || answer instanceof RpcError);
      zooKeeper.expire(); // a session that nobody got into goes on at the server
      assertEquals([zooKeeper.load, clock.pending], [[0, 0], 0]);
    }
  });

  it("tells a watcher only of what it watches, and once of a node that it watches twice", async () => {
    const { zooKeeper, client } = await start();
    const [none, twice, late] = [listener(), listener(), listener()];
    zooKeeper.set("/a", "1");
    zooKeeper.set("/bobs", "2", "digest:bob");
    assertEquals(await client.data("/none", { watcher: none.watcher }), undefined);
    await assertRejects(() => client.data("/bobs", { watcher: none.watcher }), RpcError, "refuses access");
    await Promise.all([
      client.data("/a", { watcher: twice.watcher }),
      client.children("/a", { watcher: twice.watcher }),
    ]);
    const reading = client.data("/a", { watcher: late.watcher });
    client.unwatch(late.watcher); // before the answer
    assertEquals(await reading, "1");
    zooKeeper.set("/a", undefined);
    await settle();
    zooKeeper.drop();
    await settle();
    assertEquals([none.heard, twice.heard, late.heard], [[], ["/a"], []]);
    await client.close();
  });

  it("rejects with an error of its own for whatever reason a signal fires", async () => {
    const { zooKeeper, client } = await start();
    zooKeeper.isFrozen = true;
    const controller = new AbortController();
    const waiting = client.data("/a", { signal: controller.signal }).catch((error) => error);
    await settle();
    controller.abort(); // before it is let in
    for (const error of [await waiting, await client.data("/a", { signal: AbortSignal.abort(5) }).catch((e) => e)]) {
      assert(error instanceof RpcError);
      assertEquals(error.kind, "canceled");
    }
    await client.close();
  });

  it("tells a watcher nothing more once it is taken back", async () => {
    const { zooKeeper, client } = await start();
    const { heard, watcher } = listener();
    zooKeeper.set("/a/b", "1");
    await Promise.all([client.children("/a", { watcher }), client.data("/a/b", { watcher })]);
    client.unwatch(watcher);
    zooKeeper.set("/a/b", undefined);
    zooKeeper.drop();
    await settle();
    assertEquals(heard, []);
    await client.close();
  });

  it("goes on with its session over the next connection, also to another server, and tells watchers to read again", async () => {
    const { clock, zooKeeper, client } = await start({ servers: ["zk1:2181", "zk2:2181"] });
    const { heard, watcher } = listener();
    zooKeeper.set("/echo", "");
    await client.create(entry);
    await Promise.all([client.data("/echo/a", { watcher }), client.children("/echo", { watcher })]);
    await zooKeeper.up("zk2:2181");
    await zooKeeper.down("zk1:2181");
    await settle();
    assertEquals(heard, ["! connection reset by peer"]);
    clock.advance(100);
    assertEquals(await client.owner("/echo/a"), "us");
    assertEquals(zooKeeper.greeted, ["new 1", "again 1"]);
    await client.close();
  });

  it("begins a new session when the old one is lost", async () => {
    const { clock, zooKeeper, client } = await start();
    zooKeeper.set("/echo", "");
    await client.create(entry);
    zooKeeper.expire();
    await settle();
    clock.advance(100);
    await settle();
    assertEquals(await client.owner("/echo/a"), undefined);
    assertEquals(zooKeeper.greeted, ["new 1", "lost 1", "new 2"]);
    await client.close();
  });

  it("is let in by a ZooKeeper that lost everything, after the time of its session", async () => {
    const { clock, zooKeeper, client } = await start();
    zooKeeper.set("/echo", "");
    await client.create(entry);
    zooKeeper.wipe();
    for (let ms = 0; ms < 31_000; ms += 500) {
      await settle();
      clock.advance(500);
    }
    await settle();
    assertEquals(await client.children("/"), []);
    assertEquals(zooKeeper.greeted, ["new 1", "lost 1", "new 2"]);
    await client.close();
  });

  it("pings so that its session stays, and leaves a server that says nothing", async () => {
    const { clock, zooKeeper, client } = await start();
    const { heard, watcher } = listener();
    zooKeeper.set("/echo", "");
    await client.children("/echo", { watcher });
    for (let i = 0; i < 20; i++) {
      clock.advance(10_000);
      await settle();
    }
    assertEquals([zooKeeper.greeted, heard], [["new 1"], []]);
    zooKeeper.isFrozen = true;
    clock.advance(10_000);
    await settle();
    assertEquals(heard, []);
    clock.advance(10_000);
    await settle();
    assertEquals(heard, ["! ZooKeeper said nothing for 20000 ms"]);
    zooKeeper.isFrozen = false;
    await client.close();
  });

  it("gives up a request that is not answered in time, and asks over another connection then", async () => {
    const { clock, zooKeeper, client } = await start();
    await client.children("/");
    zooKeeper.isFrozen = true;
    const late = assertRejects(() => client.children("/"), RpcError, "no answer of ZooKeeper within 5000 ms");
    await settle();
    clock.advance(5_000);
    await late;
    zooKeeper.isFrozen = false;
    await settle();
    clock.advance(100);
    assertEquals(await client.children("/"), []);
    assertEquals(zooKeeper.greeted, ["new 1", "again 1"]);
    await client.close();
  });

  it("leaves a server that does not let it in in time", async () => {
    const { clock, zooKeeper, client } = await start();
    zooKeeper.isFrozen = true;
    const asked = assertRejects(() => client.children("/"), RpcError, "no answer of");
    await settle();
    clock.advance(5_000);
    await asked;
    await settle();
    assertEquals(zooKeeper.load, [0, 0]);
    await client.close();
    assertEquals(clock.pending, 0);
  });

  it("rejects as soon as no server could be reached, and tries again later each time", async () => {
    const { clock, zooKeeper, client } = await start({ random: () => 0.999 });
    await zooKeeper.down();
    const error = await assertRejects(() => client.children("/"), RpcError, "ZooKeeper is away, zk1:2181 last: ");
    assertEquals(error.kind, "connect");
    await settle();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = clock.now();
      clock.advance(clock.nextMs - before);
      waits.push(Math.round(clock.now() - before));
      await settle();
    }
    assertEquals(waits, [100, 200, 400, 799, 1598, 3197, 4995, 4995]);
    await client.close();
    assertEquals(clock.pending, 0);
  });

  it("is not alarmed by what is no protocol: the connection ends, and the next one serves", async () => {
    const frames: readonly (readonly [bytes: number[], text: string])[] = [
      [[0xff, 0xff, 0xff, 0xff], "a frame of -1 bytes"],
      [[0x7f, 0xff, 0xff, 0xff], "a frame of 2147483647 bytes from ZooKeeper, of at most 4194304"],
      [[0, 0, 0, 2, 1, 1], "ends before 4 bytes"],
      [[0, 0, 0, 16, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "answered 99, which nobody asked"],
      [[0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "ends before 4 bytes at 16"],
    ];
    for (const [bytes, text] of frames) {
      const { clock, zooKeeper, client } = await start();
      zooKeeper.garbage = new Uint8Array(bytes);
      await assertRejects(() => client.children("/"), RpcError, text);
      await settle();
      clock.advance(100);
      assertEquals(await client.children("/"), []);
      await client.close();
    }
  });

  it("bears any bytes for an answer: the request fails, and the next connection serves", async () => {
    const random = randomOf(101);
    for (let i = 0; i < 40; i++) {
      const { clock, zooKeeper, client } = await start({ sessionTimeoutMs: 1_000 });
      const length = Math.floor(random() * 60);
      const frame = Uint8Array.from({ length: 4 + length }, () => Math.floor(random() * 256));
      new DataView(frame.buffer).setInt32(0, length);
      // Half of them begin as an answer to the request does.
      if (length >= 16 && i % 2 === 0) frame.set([0, 0, 0, 1], 4);
      zooKeeper.garbage = frame;
      const answer = client.children("/").catch((error) => error);
      await settle();
      clock.advance(5_000);
      assert(await answer instanceof RpcError, `${i}: ${frame}`);
      // One that claims what has not happened yet is believed for the time of a session.
      for (let ms = 0; ms <= 2_000; ms += 400) {
        await settle();
        clock.advance(400);
      }
      assertEquals(await client.children("/"), []);
      await client.close();
    }
  });

  it("takes answers that come octet by octet, and sends as little at once as is taken", async () => {
    const { zooKeeper, client } = await start({}, { chunkBytes: 1, writeBytes: 3 });
    const { heard, watcher } = listener();
    zooKeeper.set("/echo", "");
    await Promise.all(
      ["a", "b", "c"].map((name) => client.create({ path: `/echo/${name}`, data: name, ephemeral: true })),
    );
    assertEquals(await client.children("/echo", { watcher }), ["a", "b", "c"]);
    assertEquals(await Promise.all(["a", "b", "c"].map((name) => client.data(`/echo/${name}`))), ["a", "b", "c"]);
    zooKeeper.set("/echo/d", "");
    await settle();
    assertEquals(heard, ["/echo"]);
    await client.close();
  });

  it("says why there is no connection also when it waits for the next try", async () => {
    const { clock, zooKeeper, client } = await start({ random: () => 0.999, timeoutMs: 50 });
    await zooKeeper.down();
    await assertRejects(() => client.children("/"), RpcError, "ZooKeeper is away");
    await settle();
    clock.advance(100);
    await settle(); // the second try failed too, the next is in 200 ms
    const asked = assertRejects(() => client.children("/"), RpcError, "ZooKeeper is away");
    await settle();
    clock.advance(50);
    await asked;
    await client.close();
  });

  it("makes nodes for its user alone where it has one", async () => {
    const { zooKeeper, client } = await start({ auth: { user: "ada", password: "x:y" } });
    await client.create({ path: "/own", data: "1", ephemeral: false });
    assertEquals([zooKeeper.nodes.get("/own")?.acl, await client.data("/own")], ["digest:ada", "1"]);
    zooKeeper.set("/bobs", "2", "digest:bob");
    const error = await assertRejects(() => client.data("/bobs"), RpcError, "refuses access to /bobs");
    assertEquals(error.kind, "forbidden");
    await client.close();
  });

  it("stops waiting when the signal fires, before and after it is connected", async () => {
    const { zooKeeper, client } = await start();
    zooKeeper.isFrozen = true;
    const given = new AbortController();
    const asked = assertRejects(() => client.children("/", { signal: given.signal }), RpcError, "enough");
    await settle();
    given.abort(new RpcError("canceled", "enough"));
    await asked;
    await assertRejects(() => client.children("/", { signal: given.signal }), RpcError, "enough");
    await client.close();
  });

  it("refuses options that cannot be used", () => {
    const { transport } = new FakeZooKeeper(new ManualClock());
    const refused: readonly (readonly [options: Partial<ZooKeeperOptions>, text: string])[] = [
      [{ servers: [] }, "no server"],
      [{ servers: ["zk1"] }, "no port"],
      [{ sessionTimeoutMs: 0 }, "sessionTimeoutMs 0"],
      [{ sessionTimeoutMs: 2 ** 31 }, "from 1 to 2147483647"],
      [{ timeoutMs: 1.5 }, "timeoutMs 1.5"],
      [{ auth: { user: "a:b", password: "" } }, "has a colon"],
    ];
    for (const [options, text] of refused) {
      const error = assertThrows(() => zooKeeperClient({ servers: ["zk1:1"], transport, ...options }), RpcError, text);
      assert(error.kind === "invalid");
    }
  });
});
