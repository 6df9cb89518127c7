/**
 * The same service on a TCP port and on a unix socket, which is the cheaper way on one machine.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { Greeter } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

const path = `/tmp/updraft-example-${crypto.randomUUID()}.sock`;
const server = createServer().add(Greeter, greeter());
await using overTcp = await server.listen({ hostname: "127.0.0.1", port: 0 });
await using overUnix = await server.listen({ path });

for (const { address } of [overTcp, overUnix]) {
  await using client = createClient(Greeter, { to: address, timeoutMs: 5_000 });
  const { text } = await client.hello({ name: address.startsWith("unix:") ? "unix" : "tcp" });
  console.log(text);
}
