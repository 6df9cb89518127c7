/**
 * 10,000 hostile connections against a live server, seeded: random bytes and mutated messages of every protocol.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { createClient, createServer, describeEndpoint } from "../../mod.ts";
import type { Endpoint, Transport } from "../../lib/io/raw.ts";
import { auto } from "../../transports/auto.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { seeded } from "../lib/io/random.ts";
import { corpus } from "./corpus.ts";
import { mutate } from "./mutate.ts";

const CASES = 10_000;
const AT_ONCE = 25;
const MIB = 1024 * 1024;

describe("a live server", () => {
  it(`outlives ${CASES} hostile connections, and no other connection notices`, async () => {
    const transport = auto();
    const server = await createServer({ transport, readTimeoutMs: 2_000 })
      .add(EchoService, echoHandlers())
      .listen({ hostname: "127.0.0.1", port: 0 });
    const bystander = createClient(EchoService, { to: server.address, transport, timeoutMs: 60_000 });
    const valid = await corpus();
    const random = seeded(20_261_123);
    let done = 0;
    let calls = 0;
    let most = 0;
    async function attack(): Promise<void> {
      while (done < CASES) {
        done++;
        await send(transport, server.local, mutate(valid, random));
      }
    }
    async function goOn(): Promise<void> {
      while (done < CASES) {
        assertEquals(await bystander.echoString(`call ${calls}`), `call ${calls}`);
        calls++;
        if (calls % 100 === 0) most = Math.max(most, process.memoryUsage().rss);
      }
    }
    await bystander.ping();
    const before = process.memoryUsage().rss;
    await Promise.all([goOn(), ...Array.from({ length: AT_ONCE }, attack)]);
    assert(calls > 100, `only ${calls} calls got through`);
    assert(most - before < 256 * MIB, `grew by ${Math.round((most - before) / MIB)} MiB`);
    await bystander.close();
    await server.close();
    assertEquals([server.stats.running, server.stats.connections], [0, 0]);
    assertEquals(describeEndpoint(server.local), server.address);
  });
});

/** Sends bytes and FIN, and waits for the end of the connection: the server must never leave it open. */
async function send(transport: Transport, to: Endpoint, bytes: Uint8Array): Promise<void> {
  const conn = await transport.dial(to);
  await new Promise<void>((resolve) => {
    let at = 0;
    const push = (): void => {
      at += conn.write(bytes.subarray(at));
      if (at === bytes.length) conn.closeWrite();
    };
    conn.start({
      chunk: () => {},
      end: () => conn.close(),
      drain: () => {
        if (at < bytes.length) push();
      },
      close: () => resolve(),
    });
    push();
  });
}
