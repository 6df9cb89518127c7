/**
 * The part of the conformance suite with much data and many connections.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import type { Transport } from "../../lib/io/raw.ts";
import { roundTrips, settledDescriptors } from "./fixtures.ts";
import { type Network, type Way, withNetwork } from "./network.ts";
import { pattern } from "./probe.ts";

const MIB = 1024 * 1024;
const TOTAL_BYTES = 20 * MIB;
const PIECE_BYTES = 64 * 1024;
/** What the kernel's buffers on both sides and one piece may hold; Linux lets a socket have some 6 MiB each way. */
const MOST_TAKEN_BYTES = 13 * MIB;
const CONNECTIONS_AT_ONCE = 50;

/** Registers the tests; `connections` are opened and closed in the last one. */
export function bulkTests(transport: Transport, way: Way, connections: number): void {
  const run = (title: string, test: (network: Network) => Promise<void>): void => {
    it(title, () => withNetwork(transport, way, test));
  };

  run("20 MiB through a slow reader arrive whole, and only so much is taken ahead", async (network) => {
    const [client, server] = await network.pair({
      server: {
        keep: false,
        onChunk(probe) {
          if (probe.chunks % 4 > 0) return;
          probe.pause();
          setTimeout(() => probe.resume(), 0);
        },
      },
    });
    server.pause();
    const bytes = pattern(TOTAL_BYTES);
    let taken = 0;
    for (let blocked = false; !blocked;) {
      const piece = bytes.subarray(taken, taken + PIECE_BYTES);
      const count = client.write(piece);
      taken += count;
      if (count === piece.length && !client.conn.lent) continue;
      assertEquals(client.closed, undefined);
      const drained = client.drained().then(() => true);
      blocked = !await Promise.race([drained, roundTrips(network).then(() => false)]);
    }
    assert(taken < MOST_TAKEN_BYTES, `${taken} bytes were taken while nobody read`);
    assertEquals(server.received, 0);
    server.resume();
    await client.drained();
    await client.writeAll(bytes.subarray(taken), PIECE_BYTES);
    client.closeWrite();
    await server.ended();
    assertEquals([server.received, server.wrongAt], [TOTAL_BYTES, -1]);
  });

  run("20 MiB in one write arrive whole", async (network) => {
    const [client, server] = await network.pair({ server: { keep: false } });
    await client.writeAll(pattern(TOTAL_BYTES));
    client.closeWrite();
    await server.ended();
    assertEquals([server.received, server.wrongAt], [TOTAL_BYTES, -1]);
  });

  run("both directions at once do not mix", async (network) => {
    const [client, server] = await network.pair({ client: { keep: false }, server: { keep: false } });
    const bytes = pattern(4 * MIB);
    await Promise.all([client.writeAll(bytes, 10_000), server.writeAll(bytes, 70_000)]);
    await Promise.all([client.count(bytes.length), server.count(bytes.length)]);
    assertEquals([client.wrongAt, server.wrongAt], [-1, -1]);
  });

  run("a written buffer may be used again once it is not lent", async (network) => {
    const [client, server] = await network.pair({ server: { keep: false } });
    const scratch = new Uint8Array(5000);
    for (let at = 0; at < MIB; at += scratch.length) {
      scratch.set(pattern(scratch.length, at));
      await client.writeAll(scratch);
      scratch.fill(0);
    }
    await server.count(MIB);
    assertEquals(server.wrongAt, -1);
  });

  run("chunks that are owned stay as they were", async (network) => {
    const [client, server] = await network.pair();
    await client.writeAll(pattern(3 * MIB), 3000);
    client.closeWrite();
    await server.ended();
    assertEquals(server.bytes(), pattern(3 * MIB));
  });

  run("many connections read into the right buffers", async (network) => {
    const listener = await network.listen();
    const pairs = await Promise.all(Array.from({ length: 30 }, async (_, i) => {
      const client = network.probe(await network.dial(listener.local)).start();
      await client.writeAll(Uint8Array.of(i));
      return client;
    }));
    const servers = [];
    for (let i = 0; i < pairs.length; i++) servers.push(network.probe(await network.accepted()).start());
    await Promise.all(pairs.map((client, i) => client.writeAll(new Uint8Array(200_000).fill(i), 999)));
    await Promise.all(servers.map((server) => server.count(200_001)));
    for (const server of servers) {
      const bytes = server.bytes();
      assertEquals(bytes.findIndex((byte) => byte !== bytes[0]), -1);
    }
  });

  run(`${connections} connections opened and closed leave nothing behind`, async (network) => {
    let open = 0;
    let closed = (): void => {};
    const listener = await transport.listen(way.address(), (conn) => {
      open++;
      conn.start({
        chunk: (bytes) => void conn.write(bytes.slice()),
        end: () => conn.close(),
        drain() {},
        close() {
          if (--open === 0) closed();
        },
      });
    }, way.listen);
    const before = await settledDescriptors(network);
    const ping = new TextEncoder().encode("ping");
    for (let made = 0; made < connections; made += CONNECTIONS_AT_ONCE) {
      await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, async (_, i) => {
        const client = network.probe(await transport.dial(listener.local, way.dial)).start();
        await client.writeAll(ping);
        await client.count(ping.length);
        await (i % 5 === 0 ? client.abort() : client.finish());
      }));
    }
    if (open > 0) await new Promise<void>((resolve) => closed = resolve);
    const after = await settledDescriptors(network, before);
    await listener.close();
    assertEquals(open, 0);
    assert(after <= before, `${before} descriptors before, ${after} after`);
  });
}
