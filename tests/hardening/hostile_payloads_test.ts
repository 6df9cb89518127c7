/**
 * Thousands of Kitex Protobuf messages and frames of streams that lie, seeded, against a live port. On connections of their own,
 * calls and streams go on beside them; none of them may be harmed.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { createClient, createServer, kitexProtobuf } from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { StreamService } from "../interop/gen/echo.ts";
import { streamHandlers } from "../interop/handlers.ts";
import { PbEcho, protoHandlers } from "../interop/proto_handlers.ts";
import { seeded } from "../lib/io/random.ts";
import { envelopeOf, hostileBody, hostileStreams, lyingEnvelope, soundBody, soundMessage } from "./hostile_payloads.ts";
import { join, RawPeer } from "./raw_peer.ts";

const CONNECTIONS = 2_000;
/** How many connections attack at once. */
const AT_ONCE = 8;
const MIB = 1024 * 1024;
/** What the process may grow by: the attackers' own bytes, and what the runtime has not collected yet. */
const MOST_GROWTH = 384 * MIB;

describe("a live port", () => {
  it(`outlives ${CONNECTIONS} connections of lying messages and streams, and harms nobody else`, async () => {
    const transport = auto();
    const server = await createServer({ transport })
      .add(StreamService, streamHandlers())
      .add(PbEcho, protoHandlers())
      .listen({ hostname: "127.0.0.1", port: 0 });
    const to = server.address;
    const clients = [
      createClient(PbEcho, { to, transport }),
      createClient(PbEcho, { to, transport, protocol: kitexProtobuf() }),
      createClient(PbEcho, { to, transport, pool: { type: "mux" } }),
    ];
    const streaming = createClient(StreamService, { to, transport });
    const message = soundMessage();
    const below = seeded(20_261_201);
    let connections = 0;
    let answered = 0;
    let most = 0;

    async function attack(): Promise<void> {
      while (connections < CONNECTIONS) {
        connections++;
        const bytes = below(2) === 0
          ? join(Array.from({ length: 1 + below(4) }, () => lyingEnvelope(below)))
          : hostileStreams(message, below);
        const peer = await RawPeer.dial(transport, server.local, { keep: false });
        await peer.send(bytes);
        peer.conn.closeWrite();
        await peer.dropped(); // FIN or reset: no connection is left hanging
      }
    }
    async function call(client: (typeof clients)[number]): Promise<void> {
      while (connections < CONNECTIONS) {
        const msg = `call ${answered++}`;
        assertEquals((await client.echo({ msg, all: { vstring: msg, rints: [1, 2] } })).all?.vstring, msg);
        if (answered % 50 === 0) most = Math.max(most, process.memoryUsage().rss);
      }
    }
    /** Streams one after the other, each of several messages, all on one connection. */
    async function converse(): Promise<void> {
      while (connections < CONNECTIONS) {
        const said = ["a", "b", "c"].map((msg) => ({ msg: `${answered++} ${msg}` }));
        const heard: string[] = [];
        for await (const { msg } of streaming.bidi(said)) heard.push(msg);
        assertEquals(heard, said.map(({ msg }) => msg));
        assertEquals((await streaming.clientStream(said)).msg, said.map(({ msg }) => msg).join(","));
      }
    }

    for (const client of clients) await client.echo({ msg: "" });
    const before = process.memoryUsage().rss;
    await Promise.all([...clients.map(call), converse(), ...Array.from({ length: AT_ONCE }, attack)]);

    const growth = Math.round((most - before) / MIB);
    console.log(`hostile payloads: ${connections} connections, ${answered} calls beside them, grew by ${growth} MiB`);
    assert(growth < MOST_GROWTH / MIB, `grew by ${growth} MiB`);
    assert(answered > 100, `only ${answered} calls got through`);
    assert(server.stats.refused > CONNECTIONS / 8, `only ${server.stats.refused} were refused`);
    assertEquals(server.stats.accepted, connections + clients.length + 1);
    await Promise.all([...clients, streaming].map((client) => client.close()));
    await server.close();
    assertEquals([server.stats.running, server.stats.connections], [0, 0]);
  });
});

describe("a Kitex Protobuf message whose body is none", () => {
  it("costs its own call: the next one on the connection is answered", async () => {
    const transport = auto();
    await using server = await createServer({ transport, protocols: [kitexProtobuf()] }).add(PbEcho, protoHandlers())
      .listen({ hostname: "127.0.0.1", port: 0 });
    const below = seeded(7);
    const peer = await RawPeer.dial(transport, server.local);
    const sound = envelopeOf({ name: "Echo", seqid: 9, body: soundBody() });
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      await peer.send(join([envelopeOf({ name: "Echo", seqid: 8, body: hostileBody(below) }), sound]));
      const [first, second] = [await peer.receiveFrame(), await peer.receiveFrame()];
      const typeOf = (answer: Uint8Array): number => new DataView(answer.buffer, answer.byteOffset).getUint32(0);
      assert([0x9001_0002, 0x9001_0003].includes(typeOf(first)), typeOf(first).toString(16));
      if (typeOf(first) === 0x9001_0003) refused++;
      assertEquals(typeOf(second), 0x9001_0002);
    }
    assert(refused > 50, `${refused} of 300`);
    assertEquals(server.stats.accepted, 1);
    peer.conn.close();
    await peer.closed;
  });
});
