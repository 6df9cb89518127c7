/**
 * What docs/grpc.md shows of codecs.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { createClient, createServer } from "@updraft/rpc";
import { grpc, type GrpcCodec, grpcJson } from "@updraft/rpc/grpc";
import { testHandlers, TestService } from "../../interop/grpc_handlers.ts";

const handlers = testHandlers();
const names: string[] = [];

const json = grpcJson();
const noted: GrpcCodec = {
  ...json,
  encode(type, message) {
    names.push(type.typeName);
    return json.encode(type, message);
  },
};

const server = createServer({ protocols: [grpc({ codecs: [noted] })] }).add(TestService, handlers);
await using running = await server.listen({ hostname: "127.0.0.1", port: 0 });

await using client = createClient(TestService, { to: running.address, protocol: grpc({ codec: grpcJson() }) });

assertEquals((await client.unaryCall({ responseSize: 3 })).payload?.body.length, 3);
assertEquals(names, ["grpc.testing.SimpleResponse"]);
