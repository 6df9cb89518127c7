/**
 * What docs/server.md shows.
 *
 * @module
 */
import { createClient, createServer, kitex, type RpcError } from "@updraft/rpc";
import { assertEquals, assertRejects } from "@std/assert";
import { Greeter, NotFound } from "../../../examples/gen/greeter.ts";

const balances = new Map([["ada", 100n]]);

const server = createServer({
  protocols: [kitex()],
  maxConnections: 10_000,
  onError: (error, call) => console.log(`${call?.method.name ?? "-"}: ${error.message}`),
});

server.add(Greeter, {
  hello: ({ name }, context) => ({ text: `hello ${name}, this is ${context.method.name}` }),
  add: (a, b) => a + b,
  note: () => {},
  notes: (context) => untilSomeoneNotes(context.signal),
  balance(id) {
    const balance = balances.get(id);
    if (balance === undefined) throw new NotFound({ id, message: `no account ${id}` });
    return balance;
  },
});

const onTcp = await server.listen({ hostname: "127.0.0.1", port: 0 });
const onUnix = await server.listen({ path: `/tmp/greeter-${crypto.randomUUID()}.sock` });
console.log(`serving on ${onTcp.address} and ${onUnix.address}`);

function untilSomeoneNotes(signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(0), 60_000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

await using client = createClient(Greeter, { to: onUnix.address, timeoutMs: 5_000 });
assertEquals((await client.hello({ name: "Ada" })).text, "hello Ada, this is hello");
assertEquals(await client.balance("ada"), 100n);
await assertRejects(() => client.balance("bob"), NotFound);
const waiting = client.notes().catch((error: RpcError) => error.kind);
await client.add(1n, 2n);
await client.close(); // its connections are gone: the handler hears of it by its signal
assertEquals(await waiting, "canceled");

await onTcp.close();
await onUnix.close();
