/**
 * Three ways a call can fail: with an exception its IDL declares, with an error of the handler, and by its deadline.
 *
 * @module
 */
import { createClient, createServer, RpcError } from "@updraft/rpc";
import { Greeter, NotFound } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

await using server = await createServer({ exitWaitMs: 100 }) // so long it waits for a handler that never answers
  .add(Greeter, {
    ...greeter(),
    hello: () => {
      throw new Error("out of greetings");
    },
    notes: () => new Promise(() => {}), // never answers
  })
  .listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, { to: server.address, timeoutMs: 5_000 });

try {
  await client.balance("bob");
} catch (error) {
  if (error instanceof NotFound) console.log(`not found: ${error.id} (${error.message})`);
}
try {
  await client.hello({ name: "Ada" });
} catch (error) {
  if (error instanceof RpcError) console.log(`${error.kind}: ${error.message}`);
}
try {
  await client.notes({ timeoutMs: 50 });
} catch (error) {
  if (error instanceof RpcError) console.log(`${error.kind}: the handler never answers`);
}
