/**
 * What docs/server.md shows of an end by a signal.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { assertEquals } from "@std/assert";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

const stop = new AbortController();
const running = await createServer({ exitWaitMs: 2_000 })
  .add(Greeter, greeter())
  .listen({ hostname: "127.0.0.1", port: 0, signal: stop.signal });

const client = createClient(Greeter, { to: running.address, timeoutMs: 5_000 });
assertEquals(await client.add(1n, 2n), 3n);
stop.abort();
await running.close(); // waits for the same end
await client.close();
assertEquals(running.stats.connections, 0);
