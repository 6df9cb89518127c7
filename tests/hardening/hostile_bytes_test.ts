/**
 * 10,000 hostile inputs against a live server, seeded: random bytes and mutated messages of every protocol.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { buffered, createClient, createServer, framed } from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { seeded } from "../lib/io/random.ts";
import { corpus } from "./corpus.ts";
import { hostileInputs } from "./mutate.ts";
import { join, RawPeer } from "./raw_peer.ts";

const INPUTS = 10_000;
const AT_ONCE = 16;
const MIB = 1024 * 1024;
const MOST_GROWTH = 192 * MIB;

describe("a live server", () => {
  it(`outlives ${INPUTS} hostile inputs, and no other connection notices`, async () => {
    const transport = auto();
    const server = await createServer({ transport })
      .add(EchoService, echoHandlers())
      .listen({ hostname: "127.0.0.1", port: 0 });
    const bystanders = [
      createClient(EchoService, { to: server.address, transport }),
      createClient(EchoService, { to: server.address, transport, protocol: buffered({ payload: "json" }) }),
      createClient(EchoService, { to: server.address, transport, protocol: framed(), pool: { type: "mux" } }),
    ];
    const requests = (await corpus()).filter(({ kind }) => kind === "request");
    const random = seeded(20_261_123);
    let inputs = 0;
    let connections = 0;
    let most = 0;
    let calls = 0;
    async function attack(): Promise<void> {
      while (inputs < INPUTS) {
        const hostile = hostileInputs(requests, random);
        inputs += hostile.length;
        connections++;
        const peer = await RawPeer.dial(transport, server.local, { keep: false });
        await peer.send(join(hostile));
        peer.conn.closeWrite();
        await peer.ended; // FIN or reset: the server leaves no connection open
        peer.conn.close();
        await peer.closed;
      }
    }
    async function goOn(client: (typeof bystanders)[number]): Promise<void> {
      while (inputs < INPUTS) {
        const text = `call ${calls++}`;
        assertEquals(await client.echoString(text), text);
        if (calls % 100 === 0) most = Math.max(most, process.memoryUsage().rss);
      }
    }
    for (const client of bystanders) await client.ping();
    const before = process.memoryUsage().rss;
    await Promise.all([...bystanders.map(goOn), ...Array.from({ length: AT_ONCE }, attack)]);

    assert(calls > 100, `only ${calls} calls got through`);
    assertEquals(server.stats.accepted, connections + bystanders.length);
    assert(server.stats.refused > INPUTS / 4, `only ${server.stats.refused} of ${inputs} inputs were refused`);
    assert(most - before < MOST_GROWTH, `grew by ${Math.round((most - before) / MIB)} MiB`);
    await Promise.all(bystanders.map((client) => client.close()));
    await server.close();
    assertEquals([server.stats.running, server.stats.connections], [0, 0]);
  });
});
