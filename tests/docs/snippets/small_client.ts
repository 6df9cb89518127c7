/**
 * The small client that docs/client.md shows.
 *
 * @module
 */
import { createServer } from "@updraft/rpc";
import { assertEquals } from "@std/assert";
import { createDirectClient } from "@updraft/rpc/core";
import { nodeTcp } from "@updraft/rpc/node";
import { framedClient } from "@updraft/rpc/thrift-client";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

await using server = await createServer().add(Greeter, greeter()).listen({ hostname: "127.0.0.1", port: 0 });

const small = createDirectClient(Greeter, { to: server.address, transport: nodeTcp(), protocol: framedClient() });
assertEquals(await small.add(1n, 2n), 3n);

await small.close();
