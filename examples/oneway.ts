/**
 * Calls without an answer: they are done when they are sent. Calls on one connection arrive in their order, so the count
 * that is asked for last sees all of them.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { Greeter } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

await using server = await createServer().add(Greeter, greeter()).listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, {
  to: server.address,
  timeoutMs: 5_000,
  pool: { type: "mux", connections: 1 },
});

for (const text of ["one", "two", "three"]) await client.note(text);
console.log(`${await client.notes()} notes arrived`);
