import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { etcdResolver } from "../../../../lib/discovery/etcd/resolver.ts";
import type { Resolution } from "../../../../lib/discovery/resolver.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { Heard, settle } from "../heard.ts";
import { FakeKv } from "./fake_kv.ts";

const PREFIX = "kitex/registry-etcd/echo/";
const record = (address: string, more = {}): string =>
  JSON.stringify({ network: "tcp", address, weight: 10, tags: null, ...more });

interface Setup {
  kv: FakeKv;
  clock: ManualClock;
  heard: Heard;
  errors: RpcError[];
  resolution: Resolution;
}

function resolve(kv: FakeKv, clock: ManualClock, tags: Record<string, string> = {}): Setup {
  const heard = new Heard();
  const errors: RpcError[] = [];
  const resolver = etcdResolver(kv, { onError: (error) => errors.push(error), random: () => 0.5 });
  return { kv, clock, heard, errors, resolution: resolver.resolve({ name: "echo", tags }, heard, clock) };
}

function start(before: (kv: FakeKv) => void = () => {}, tags: Record<string, string> = {}): Setup {
  const clock = new ManualClock();
  const kv = new FakeKv(clock);
  before(kv);
  return resolve(kv, clock, tags);
}

describe("etcdResolver", () => {
  it("reads what Kitex's registry wrote, once, and watches from there", async () => {
    const { kv, heard, resolution } = start((kv) => {
      kv.set(`${PREFIX}1.1.1.1:1`, record("1.1.1.1:1", { weight: 3, tags: { idc: "north" } }));
      kv.set(`${PREFIX}1.1.1.1:2`, record("1.1.1.1:2", { weight: 0 }));
      kv.set("kitex/registry-etcd/echoes/1.1.1.1:9", record("1.1.1.1:9"));
    });
    assertEquals(await heard.until(1), "1.1.1.1:1 1.1.1.1:2");
    const instances = new Map(heard.instances.map((each) => [each.address, each]));
    assertEquals([instances.get("1.1.1.1:1")?.weight, instances.get("1.1.1.1:1")?.tags], [3, { idc: "north" }]);
    assertEquals(instances.get("1.1.1.1:2")?.weight, 10);
    await settle();
    kv.set(`${PREFIX}1.1.1.1:3`, record("1.1.1.1:3"));
    assertEquals(await heard.until(2), "1.1.1.1:1 1.1.1.1:2 1.1.1.1:3");
    kv.set(`${PREFIX}1.1.1.1:1`, undefined);
    assertEquals(await heard.until(3), "1.1.1.1:2 1.1.1.1:3");
    assertEquals(kv.asked, [`range ${PREFIX}`, `watch ${PREFIX} 5`]);
    resolution.close();
    await settle();
    assertEquals(kv.watches, 0);
  });

  it("leaves out entries that make no sense, and says so", async () => {
    const { heard, errors, resolution } = start((kv) => {
      kv.set(`${PREFIX}a`, "no json");
      kv.set(`${PREFIX}b`, record("no port"));
      kv.set(`${PREFIX}c`, "{}");
      kv.set(`${PREFIX}d`, record("1.1.1.1:1"));
    });
    assertEquals(await heard.until(1), "1.1.1.1:1");
    assertEquals(errors.map(({ kind }) => kind), ["protocol", "protocol", "protocol"]);
    assertStringIncludes(errors[2]!.message, `the entry ${PREFIX}c is none of a server: there is no address`);
    resolution.close();
  });

  it("gives only instances with the tags that are asked for", async () => {
    const { heard, resolution } = start((kv) => {
      kv.set(`${PREFIX}a`, record("1.1.1.1:1", { tags: { idc: "north", lane: "x" } }));
      kv.set(`${PREFIX}b`, record("1.1.1.1:2", { tags: { idc: "south" } }));
    }, { idc: "north" });
    assertEquals(await heard.until(1), "1.1.1.1:1");
    resolution.close();
  });

  it("tries again, later each time, and reads all when etcd is back", async () => {
    const { kv, clock, heard, resolution } = start((kv) => {
      kv.failing = new RpcError("connect", "gone");
    });
    assertEquals(await heard.until(1), "! gone");
    // Half of 500, 1,000, 2,000 ...
    for (const [n, waitMs] of [[2, 250], [3, 500], [4, 1_000]] as const) {
      await settle();
      clock.advance(waitMs - 1);
      await settle();
      assertEquals(heard.told.length, n - 1);
      clock.advance(1);
      await heard.until(n);
    }
    kv.failing = undefined;
    kv.set(`${PREFIX}a`, record("1.1.1.1:1"));
    await settle();
    clock.advance(2_000);
    assertEquals(await heard.until(5), "1.1.1.1:1");
    resolution.close();
  });

  it("reads all again when a watch breaks or its revision was compacted", async () => {
    const { kv, clock, heard, resolution } = start((kv) => kv.set(`${PREFIX}a`, record("1.1.1.1:1")));
    await heard.until(1);
    await settle();
    kv.breakWatches(new RpcError("unavailable", "compacted"));
    assertEquals(await heard.until(2), "! compacted");
    kv.set(`${PREFIX}a`, undefined);
    kv.set(`${PREFIX}b`, record("1.1.1.1:2"));
    await settle();
    clock.advance(250);
    assertEquals(await heard.until(3), "1.1.1.1:2");
    resolution.close();
    await settle();
    clock.advance(60_000);
    await settle();
    assertEquals([kv.watches, clock.pending], [0, 0]);
  });

  it("goes on although who listens to failures fails", async () => {
    const clock = new ManualClock();
    const kv = new FakeKv(clock);
    kv.failing = new RpcError("connect", "gone");
    const heard = new Heard();
    const onError = (): never => {
      throw new Error("odd");
    };
    const resolution = etcdResolver(kv, { onError, random: () => 0.5 }).resolve(
      { name: "echo", tags: {} },
      heard,
      clock,
    );
    assertEquals(await heard.until(1), "! gone");
    await settle();
    kv.failing = undefined;
    kv.set(`${PREFIX}a`, record("1.1.1.1:1"));
    clock.advance(250);
    assertEquals(await heard.until(2), "1.1.1.1:1");
    resolution.close();
  });

  it("refuses names that cannot be in a key", () => {
    const clock = new ManualClock();
    const resolver = etcdResolver(new FakeKv(clock));
    assertThrows(() => resolver.resolve({ name: "a/b", tags: {} }, new Heard(), clock), RpcError, "has a slash");
    assertThrows(() => resolver.check!("a/b"), RpcError, "has a slash");
    resolver.check!("a");
  });
});
