/**
 * What docs/tls.md shows.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { assertEquals } from "@std/assert";
import { ca, serverCert as cert, serverKey as key } from "../../../examples/certificates.ts";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

await using server = await createServer()
  .add(Greeter, greeter())
  .listen({ hostname: "127.0.0.1", port: 0, tls: { cert, key } });
await using client = createClient(Greeter, {
  to: server.address,
  timeoutMs: 5_000,
  tls: { ca, serverName: "localhost" },
});
assertEquals(await client.add(1n, 2n), 3n);
