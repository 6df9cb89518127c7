import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { dnsResolver } from "../../../lib/discovery/dns.ts";
import { RpcError } from "../../../lib/errors.ts";
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
