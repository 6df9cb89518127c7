/**
 * What docs/client.md shows.
 *
 * @module
 */
import { buffered, ConnectionCounter, createClient, createServer, RpcError } from "@updraft/rpc";
import { assertEquals } from "@std/assert";
import { Greeter, NotFound } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

await using server = await createServer().add(Greeter, greeter()).listen({ hostname: "127.0.0.1", port: 0 });
const address = server.address;

const client = createClient(Greeter, {
  to: address,
  timeoutMs: 5_000,
  pool: { type: "long", maxIdlePerAddress: 4 },
});
const { text } = await client.hello({ name: "Ada" });
const sum = await client.add(1n, 2n, { timeoutMs: 500 });
assertEquals([text, sum], ["hello Ada", 3n]);

const stop = new AbortController();
const answer = client.hello({ name: "Ada" }, { signal: stop.signal });
stop.abort();
assertEquals(await answer.catch((error: RpcError) => error.kind), "canceled");

async function balanceOf(id: string): Promise<bigint | undefined> {
  try {
    return await client.balance(id);
  } catch (error) {
    if (error instanceof NotFound) return undefined; // declared in the IDL
    if (error instanceof RpcError && error.retryable) return await client.balance(id);
    throw error;
  }
}
assertEquals(await balanceOf("ada"), 100n);
assertEquals(await balanceOf("bob"), undefined);

const older = createClient(Greeter, { to: address, protocol: buffered(), pool: { type: "mux", connections: 2 } });
assertEquals(await older.add(2n, 2n), 4n);

const counter = new ConnectionCounter();
const warm = createClient(Greeter, { to: address, onConnection: counter.report });
const [warmed] = await warm.warmUp({ connections: 2 });
await warm.hello({ name: "Ada" });
const { opened, reused } = counter.total;
assertEquals([warmed, opened, reused], [{ address, connections: 2, error: undefined }, 2, 1]);

await Promise.all([client.close(), older.close(), warm.close()]);
