/**
 * Attacks on a live gRPC server: each costs the attacker its connection, with the code that says why, or is borne within
 * bounds, and costs nobody else anything.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { createClient, createServer } from "../../core.ts";
import { auto } from "../../transports/auto.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { ATTACKS, runAttack } from "./http2_attacks.ts";
import { RawPeer } from "./raw_peer.ts";

const MEBI = 1024 * 1024;

describe("a live gRPC server", () => {
  for (const [name, attack] of Object.entries(ATTACKS)) {
    it(`${attack.code === undefined ? "bears" : "cuts off"} ${name} and serves others`, async () => {
      const transport = auto();
      const server = await createServer({ transport, protocols: [grpc()], exitWaitMs: 100 })
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
});
