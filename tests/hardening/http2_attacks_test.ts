/**
 * Attacks on a live gRPC server: each costs the attacker its connection, with the code that says why, or is borne within
 * bounds, and costs nobody else anything.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createClient, createServer } from "../../mod.ts";
import { auto } from "../../transports/auto.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { deferred } from "../lib/rpc/fixture.ts";
import { ATTACKS, runAttack, sleepCall } from "./http2_attacks.ts";
import { RawPeer } from "./raw_peer.ts";

const MEBI = 1024 * 1024;

describe("a live gRPC server", () => {
  for (const [name, attack] of Object.entries(ATTACKS)) {
    it(`${attack.code === undefined ? "bears" : "cuts off"} ${name} and serves others`, async () => {
      const transport = auto();
      const protocols = [grpc({ http2: { headersTimeoutMs: 100 } })];
      const server = await createServer({ transport, protocols, exitWaitMs: 100 })
        .add(EchoService, echoHandlers())
        .listen({ hostname: "127.0.0.1", port: 0 });
      const client = createClient(EchoService, { to: server.address, transport, protocol: grpc(), timeoutMs: 20_000 });
      try {
        await client.ping();
        const attacker = await RawPeer.dial(transport, server.local);
        const [told] = await Promise.all([runAttack(attacker, attack), client.echoString("meanwhile")]);
        assertEquals(told, attack.code);
        assert(attacker.receivedBytes < MEBI, `${attacker.receivedBytes} bytes came back`);
        assertEquals(await client.echoString("after"), "after");
        assertEquals(server.stats.accepted, 2);
      } finally {
        await client.close();
        await server.close();
      }
    });
  }

  it("loses fifty clients at once, their calls under way, and serves others", async () => {
    const transport = auto();
    let called = 0;
    const held = deferred<string>();
    const all = deferred<void>();
    const handlers = {
      ...echoHandlers(),
      sleep: async () => {
        if (++called === 50) all.resolve();
        return await held.promise;
      },
    };
    const server = await createServer({ transport, protocols: [grpc()], exitWaitMs: 100 })
      .add(EchoService, handlers)
      .listen({ hostname: "127.0.0.1", port: 0 });
    const client = createClient(EchoService, { to: server.address, transport, protocol: grpc(), timeoutMs: 20_000 });
    try {
      const leaving = await Promise.all(Array.from({ length: 50 }, () => RawPeer.dial(transport, server.local)));
      await Promise.all(leaving.map((peer) => peer.send(sleepCall())));
      await all.promise;
      for (const [i, peer] of leaving.entries()) i % 2 === 0 ? peer.conn.abort() : peer.conn.close();
      await Promise.all(leaving.map((peer) => peer.closed));
      while (server.stats.connections > 1) assertEquals(await client.echoString("meanwhile"), "meanwhile");
      held.resolve("late");
      while (server.stats.running > 0) assertEquals(await client.echoString("meanwhile"), "meanwhile");
      assertEquals(await client.echoString("after"), "after");
    } finally {
      await client.close();
      await server.close();
    }
  });
});
