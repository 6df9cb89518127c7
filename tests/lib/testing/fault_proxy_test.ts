import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { RawConn } from "../../../lib/io/raw.ts";
import { faultProxy, type Faults } from "../../../lib/testing/fault_proxy.ts";
import { memory } from "../../../transports/memory.ts";
import { ManualClock } from "../io/manual_clock.ts";

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A client and a server with a proxy between them, and what each of the two heard. */
async function between(faults: Faults = {}, random: () => number = () => 0) {
  const clock = new ManualClock();
  const transport = memory();
  const heard = { client: [] as number[], server: [] as number[] };
  const gone = { client: "", server: "" };
  let server: RawConn | undefined;
  const sink = (side: "client" | "server") => ({
    chunk: (bytes: Uint8Array) => void heard[side].push(...bytes),
    end: () => void (gone[side] ||= "end"),
    drain: () => {},
    close: (reason?: unknown) => void (gone[side] ||= reason === undefined ? "close" : "reset"),
  });
  const listener = await transport.listen({ path: "server" }, (conn) => {
    server = conn;
    conn.start(sink("server"));
  });
  const proxy = await faultProxy({ to: "unix:server", on: { path: "proxy" }, transport, clock, random, faults });
  const client = await transport.dial({ path: "proxy" });
  client.start(sink("client"));
  for (let i = 0; i < 20 && server === undefined; i++) await turn();
  return {
    proxy,
    heard,
    gone,
    /** Moves time on, and lets arrive what is due. */
    async pass(ms: number) {
      clock.advance(ms);
      for (let i = 0; i < 5; i++) await turn();
    },
    async send(...bytes: number[]) {
      client.write(Uint8Array.from(bytes));
      for (let i = 0; i < 5; i++) await turn();
    },
    async answer(...bytes: number[]) {
      server!.write(Uint8Array.from(bytes));
      for (let i = 0; i < 5; i++) await turn();
    },
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await listener.close();
    },
  };
}

describe("a proxy with faults", () => {
  it("passes bytes on both ways while there are none", async () => {
    await using f = await between();
    await f.send(1, 2, 3);
    await f.answer(4, 5);
    assertEquals(f.heard, { server: [1, 2, 3], client: [4, 5] });
    assertEquals([f.proxy.address, f.proxy.connections], ["unix:proxy", 2]);
  });

  it("delays, both ways, and keeps the order", async () => {
    await using f = await between({ delayMs: 50 });
    await f.send(1);
    await f.send(2);
    await f.answer(3);
    assertEquals(f.heard, { server: [], client: [] });
    await f.pass(49);
    assertEquals(f.heard.server, []);
    await f.pass(1);
    assertEquals(f.heard, { server: [1, 2], client: [3] });
  });

  it("is as narrow as it should be", async () => {
    await using f = await between({ bytesPerSecond: 100 });
    await f.send(1, 2, 3, 4, 5);
    await f.pass(49);
    assertEquals(f.heard.server, []);
    await f.pass(1);
    assertEquals(f.heard.server, [1, 2, 3, 4, 5]);
  });

  it("loses bytes and all that follow on the connection, and says nothing", async () => {
    await using f = await between();
    await f.send(1);
    f.proxy.faults.drop = 1;
    await f.send(2);
    f.proxy.faults.drop = 0;
    await f.send(3);
    assertEquals([f.heard.server, f.gone.client], [[1], ""]);
  });

  it("is half open: takes, and passes nothing on", async () => {
    await using f = await between({ halfOpen: true });
    await f.send(1, 2);
    await f.pass(60_000);
    assertEquals([f.heard.server, f.gone.client], [[], ""]);
  });

  it("resets both sides", async () => {
    await using f = await between({ reset: 1 });
    await f.send(1);
    assertEquals([f.heard.server, f.gone.client !== "", f.gone.server !== ""], [[], true, true]);
    assertEquals(f.proxy.connections, 0);
  });

  it("changes one byte of a chunk", async () => {
    await using f = await between({ corrupt: 1 }, () => 0.4);
    await f.send(0, 0, 0, 0);
    assertEquals([f.heard.server.length, f.heard.server.filter((byte) => byte !== 0).length], [4, 1]);
  });

  it("refuses connections, and resets those that are open when asked to", async () => {
    await using f = await between();
    f.proxy.resetAll();
    await f.send(1);
    assert(f.gone.client !== "" && f.heard.server.length === 0);
    f.proxy.faults.refuse = true;
    assertEquals(f.proxy.connections, 0);
    await assertRejects(() => faultProxy({ to: "nowhere", transport: memory() }));
  });
});
