/**
 * What docs/grpc.md shows of gRPC's standard services.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { createServer } from "@updraft/rpc";
import { addHealth, addReflection, grpc } from "@updraft/rpc/grpc";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter as handlers } from "../../../examples/handlers.ts";

const greeter = handlers();

const server = createServer({ protocols: [grpc()] }).add(Greeter, greeter);
const health = addHealth(server);
addReflection(server);
await using running = await server.listen({ hostname: "127.0.0.1", port: 0 });

health.set("acme.Greeter", "NOT_SERVING");

assertEquals(running.state, "ready");
