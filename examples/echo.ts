/**
 * A service and its client over TCP.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { Greeter } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

await using server = await createServer().add(Greeter, greeter()).listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, { to: server.address, timeoutMs: 5_000 });

console.log((await client.hello({ name: "Ada" })).text);
console.log((await client.hello({ name: "Ada", language: "zh" })).text);
console.log(await client.add(2n ** 62n, 1n));
