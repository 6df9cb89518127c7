/**
 * Large messages, and lies about their size: time and memory follow what has really arrived.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { buffered, createClient, createServer, framed, RpcError } from "../../mod.ts";
import { memory } from "../../transports/memory.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { liveServer } from "./live_server.ts";

const MIB = 1024 * 1024;
const PAYLOADS = ["binary", "compact", "json"] as const;
const PROTOCOLS = [framed, buffered].flatMap((make) => PAYLOADS.map((payload) => make({ payload })));

describe("large messages", () => {
  for (const protocol of PROTOCOLS) {
    it(`that come a byte at a time take linear time, ${protocol.name}`, async () => {
      // Copying all of it for every byte would take longer than a test may.
      const transport = memory({ chunkBytes: 1 });
      await using server = await createServer({ transport, protocols: [protocol] }).add(EchoService, echoHandlers())
        .listen({ path: "server" });
      await using client = createClient(EchoService, { to: server.address, transport, protocol });
      const text = "0123456789abcdef".repeat(16 * 1024);
      assert(await client.echoString(text) === text);
    });
  }

  it("up to the limit pass, larger ones are refused with the limit and the size", async () => {
    await using live = await liveServer();
    const client = live.client();
    const most = 16 * MIB - 256; // the header counts too
    assertEquals((await client.echoBinary(new Uint8Array(most))).length, most);
    const error = await assertRejects(() => client.echoBinary(new Uint8Array(16 * MIB)), RpcError);
    assertEquals([error.kind, error.remote], ["invalid", false]);
    assertStringIncludes(error.message, `exceeds the frame limit of ${16 * MIB}`);
    assertEquals(await client.echoString("still here"), "still here");
    assertEquals(live.server.stats.accepted, 1);
  });

  it("that are announced only cost no memory", async () => {
    await using live = await liveServer();
    const connections = 200;
    const peers = await Promise.all(Array.from({ length: connections }, () => live.raw({ keep: false })));
    const before = process.memoryUsage().rss;
    const announced = new Uint8Array([0x00, 0xff, 0xff, 0xff, 0x80, 0x01, 0x00, 0x01, 0, 0, 0, 4]);
    await live.beside(async () => {
      for (const peer of peers) await peer.send(announced);
      await Promise.all(peers.map((peer) => peer.send(new Uint8Array(4096))));
    });
    assertEquals(live.server.stats.connections, connections + 1);
    const grown = (process.memoryUsage().rss - before) / MIB;
    assert(grown < 128, `${connections} announcements of 16 MiB took ${Math.round(grown)} MiB`);
    for (const peer of peers) peer.conn.abort();
    await Promise.all(peers.map((peer) => peer.closed));
  });
});
