/**
 * Clients that take their time, say nothing, never listen, or come in crowds: against a live server, beside a bystander.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { buffered, framed } from "../../mod.ts";
import { requestBytes } from "./corpus.ts";
import { liveServer } from "./live_server.ts";
import { join, type RawPeer } from "./raw_peer.ts";

const MIB = 1024 * 1024;
const PAYLOADS = ["binary", "compact", "json"] as const;
const PROTOCOLS = [framed, buffered].flatMap((make) => PAYLOADS.map((payload) => make({ payload })));

/** Lets everything happen that is due. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Sends the bytes one a write, each a turn of its own. */
async function dribble(peer: RawPeer, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at++) {
    await peer.send(bytes.subarray(at, at + 1));
    if (at % 16 === 0) await turn(); // so that not all of it comes as one
  }
}

describe("a live server and slow peers", () => {
  it("reads requests that come a byte at a time, in every protocol", async () => {
    await using live = await liveServer();
    await live.beside(async () => {
      for (const protocol of PROTOCOLS) {
        const request = await requestBytes(protocol, (client) => client.echoString("slowly but well"));
        const peer = await live.raw();
        await dribble(peer, join([request, request]));
        await peer.receive(2 * request.length); // about as long as its request
        peer.conn.closeWrite();
        await peer.dropped();
      }
    });
    assertEquals(live.server.stats.refused, 0);
  });

  it("drops those that begin a message and never end it, also when bytes keep coming", async () => {
    await using live = await liveServer({ readTimeoutMs: 150 });
    await live.beside(async () => {
      const requests = await Promise.all(
        PROTOCOLS.map((protocol) => requestBytes(protocol, (c) => c.echoString("x".repeat(2_000)))),
      );
      await Promise.all(requests.flatMap((request) =>
        [1, 3, 10, 100].map(async (count) => {
          const peer = await live.raw();
          await peer.send(request.subarray(0, count));
          await peer.dropped();
        })
      ));
      await Promise.all(requests.map(async (request) => {
        const peer = await live.raw();
        let open = true;
        void peer.dropped().then(() => open = false);
        for (let at = 0; open; at = Math.min(at + 1, request.length - 2)) {
          await peer.send(request.subarray(at, at + 1));
          await new Promise<void>((resolve) => setTimeout(resolve, 2));
        }
      }));
    });
  });

  it("drops those that say nothing", async () => {
    await using live = await liveServer({ idleTimeoutMs: 150 });
    const silent = await Promise.all(Array.from({ length: 50 }, () => live.raw()));
    await live.beside(() => Promise.all(silent.map((peer) => peer.dropped())));
  });

  it("answers those that have sent FIN already", async () => {
    await using live = await liveServer();
    for (const protocol of PROTOCOLS) {
      const request = await requestBytes(protocol, (client) => client.add(20n, 22n));
      const peer = await live.raw();
      await peer.send(request);
      peer.conn.closeWrite();
      await peer.dropped();
      assert(peer.receivedBytes > 10, `${protocol.name}: ${peer.receivedBytes} bytes came`);
    }
  });

  it("reads no more from those that never read their answers, then drops them", async () => {
    await using live = await liveServer({ writeTimeoutMs: 400 });
    const request = await requestBytes(framed(), (client) => client.echoBinary(new Uint8Array(64 * 1024)));
    await live.beside(async () => {
      await Promise.all(Array.from({ length: 4 }, async () => {
        const peer = await live.raw({ keep: false });
        peer.conn.pause();
        let open = true;
        void peer.dropped().then(() => open = false);
        while (open) {
          await peer.send(request);
          await turn();

          assert(peer.sentBytes < 64 * MIB, "the server reads on though nobody reads its answers");
        }
      }));
    });
  });

  it("lives through a flood of connections", async () => {
    await using live = await liveServer({ maxConnections: 200 });
    const request = await requestBytes(framed(), (client) => client.ping());
    const { server } = live;
    await live.beside(async () => {
      let served = 0;
      for (let round = 0; round < 3; round++) {
        const peers = await Promise.all(Array.from({ length: 400 }, () => live.raw()));
        await Promise.all(peers.map(async (peer) => {
          await peer.send(request);
          await turn();
          if ((await peer.receiveFrame()).length > 0) served++;
        }));
        assert(server.stats.connections <= 200);
        for (const peer of peers) round === 1 ? peer.conn.abort() : peer.conn.close();
        await Promise.all(peers.map((peer) => peer.closed));
        while (server.stats.connections > 1) await turn();
      }
      assertEquals(served, 3 * 199); // one place is the bystander's
    });
    assertEquals(server.stats.refused, 3 * 201);
  });

  it("ends the calls of those that are gone", async () => {
    let aborted = 0;
    let begun = 0;
    await using live = await liveServer({}, {
      sleep: (_ms, { signal }) =>
        new Promise((_, reject) => {
          begun++;
          signal.addEventListener("abort", () => {
            aborted++;
            reject(signal.reason);
          });
        }),
    });
    const request = await requestBytes(framed(), (client) => client.sleep(1));
    await live.beside(async () => {
      const peers = await Promise.all(Array.from({ length: 20 }, () => live.raw()));
      await Promise.all(peers.map((peer) => peer.send(request)));
      while (begun < 20) await turn();
      for (const peer of peers) peer.conn.abort();
      while (aborted < 20) await turn();
    });
    assertEquals(live.server.stats.running, 0);
  });
});
