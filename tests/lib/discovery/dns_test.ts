import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { dnsResolver } from "../../../lib/discovery/dns.ts";
import { RpcError } from "../../../lib/errors.ts";
import type { DnsService } from "../../../lib/platform.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { Heard, settle } from "./heard.ts";

describe("dnsResolver", () => {
  it("gives all addresses with the name's port, and tells changes alone", async () => {
    const clock = new ManualClock();
    const heard = new Heard();
    let found = ["10.0.0.2", "10.0.0.1"];
    const asked: string[] = [];
    const lookup = (name: string): Promise<string[]> => (asked.push(name), Promise.resolve(found));
    const resolution = dnsResolver({ lookup, random: () => 0.5 }).resolve(
      { name: "///echo.local:80", tags: {} },
      heard,
      clock,
    );
    assertEquals(await heard.until(1), "10.0.0.1:80 10.0.0.2:80");
    const [first] = heard.instances;
    for (let i = 0; i < 6; i++) {
      await settle();
      clock.advance(5_000);
    }
    await settle();
    clock.advance(250);
    await settle();
    assertEquals([asked, heard.told.length], [["echo.local", "echo.local"], 1]);
    found = ["10.0.0.1", "fd00::1"];
    for (let i = 0; i < 8; i++) {
      await settle();
      clock.advance(5_000);
    }
    assertEquals(await heard.until(2), "10.0.0.1:80 [fd00::1]:80");
    assertEquals(heard.instances[0]?.endpoint, first?.endpoint);
    resolution.close();
    await settle();
    assertEquals(clock.pending, 0);
  });

  it("asks again soon when an instance cannot be reached, but not at once", async () => {
    const clock = new ManualClock();
    const heard = new Heard();
    let asked = 0;
    const lookup = (): Promise<string[]> => Promise.resolve([`10.0.0.${++asked}`]);
    const resolution = dnsResolver({ lookup, random: () => 0.5 }).resolve({ name: "echo:80", tags: {} }, heard, clock);
    await heard.until(1);
    await settle();
    resolution.refresh();
    clock.advance(4_999);
    await settle();
    assertEquals(asked, 1);
    clock.advance(1);
    await settle();
    clock.advance(250);
    assertEquals(await heard.until(2), "10.0.0.2:80");
    await settle();
    clock.advance(5_000);
    await settle();
    resolution.refresh();
    await settle();
    clock.advance(250);
    assertEquals(await heard.until(3), "10.0.0.3:80");
    resolution.close();
  });

  it("says when there is no address, and goes on asking", async () => {
    const clock = new ManualClock();
    const heard = new Heard();
    let found: string[] = [];
    const lookup = (): Promise<string[]> => Promise.resolve(found);
    const resolution = dnsResolver({ lookup, random: () => 0.5 }).resolve({ name: "echo", tags: {} }, heard, clock);
    assertEquals(await heard.until(1), "! echo has no address");
    found = ["10.0.0.1"];
    await settle();
    clock.advance(250);
    assertEquals(await heard.until(2), "10.0.0.1:443");
    resolution.close();
  });

  it("asks again when the first of its addresses holds no longer, within its own bounds", async () => {
    const clock = new ManualClock();
    const heard = new Heard();
    let ttls: (number | undefined)[] = [];
    let asked = 0;
    const lookup = (): Promise<{ address: string; ttlSeconds: number | undefined }[]> => {
      asked++;
      return Promise.resolve(ttls.map((ttlSeconds, i) => ({ address: `10.0.0.${i}`, ttlSeconds })));
    };
    for (
      const [given, waitMs] of [[[60, 12], 12_000], [[0, 60], 5_000], [[undefined, 20], 20_000], [
        [86_400],
        30_000,
      ]] as const
    ) {
      [ttls, asked] = [[...given], 0];
      const resolution = dnsResolver({ lookup, random: () => 0.5 }).resolve({ name: "echo", tags: {} }, heard, clock);
      await settle();
      clock.advance(waitMs - 1);
      await settle();
      assertEquals(asked, 1);
      clock.advance(1);
      await settle();
      clock.advance(250);
      await settle();
      assertEquals(asked, 2);
      resolution.close();
      await settle();
    }
    assertEquals(clock.pending, 0);
  });

  it("gives a question up that is not answered, and asks again; leaves nothing when it is closed", async () => {
    const clock = new ManualClock();
    const heard = new Heard();
    let asked = 0;
    const lookup = (): Promise<string[]> => (asked++, new Promise(() => {}));
    const resolution = dnsResolver({ lookup, random: () => 0.5 }).resolve({ name: "echo", tags: {} }, heard, clock);
    clock.advance(10_000);
    assertEquals(await heard.until(1), "! no answer of DNS within 10000 ms");
    await settle();
    clock.advance(250);
    await settle();
    assertEquals(asked, 2);
    resolution.close();
    await settle();
    assertEquals([clock.pending, heard.told.length], [0, 1]);
  });

  it("finds the servers of a service by its records, with their ports and weights", async () => {
    const clock = new ManualClock();
    const heard = new Heard();
    const asked: string[] = [];
    const services = (name: string): Promise<DnsService[]> => {
      asked.push(name);
      return Promise.resolve([{ target: "one.test.", port: 80, priority: 1, weight: 30 }]);
    };
    const lookup = (name: string): Promise<string[]> => (asked.push(name), Promise.resolve(["10.0.0.1"]));
    for (const name of ["_rpc._tcp.echo.test", "///_rpc._tcp.echo.test"]) {
      const resolution = dnsResolver({ lookup, services }).resolve({ name, tags: {} }, heard, clock);
      await heard.until(heard.told.length + 1);
      resolution.close();
    }
    assertEquals(heard.told, ["10.0.0.1:80", "10.0.0.1:80"]);
    assertEquals(heard.instances[0]!.weight, 30);
    assertEquals(asked, Array.from({ length: 2 }, () => ["_rpc._tcp.echo.test", "one.test"]).flat());
    assertThrows(
      () => dnsResolver({ lookup }).resolve({ name: "_rpc._tcp.echo.test", tags: {} }, heard, clock),
      RpcError,
      "need the option services",
    );
  });

  it("reads names as gRPC has them, and refuses what it cannot do", () => {
    const resolver = dnsResolver({ lookup: () => Promise.resolve([]) });
    const clock = new ManualClock();
    for (const name of ["//8.8.8.8/echo", "echo:99999", ":80", ""]) {
      assertThrows(() => resolver.resolve({ name, tags: {} }, new Heard(), clock), RpcError);
    }
    for (const name of ["[::1]:80", "[::1]", "::1", "///[::1]:80"]) {
      resolver.resolve({ name, tags: {} }, new Heard(), clock).close();
    }
  });
});
