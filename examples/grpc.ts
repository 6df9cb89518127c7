/**
 * gRPC: a Thrift service as Kitex carries it over HTTP/2. Headers, a deadline, and an error with a status.
 *
 * Services of `.proto` files go the same way: `@updraft/rpc/protobuf` makes them from their descriptors.
 *
 * @module
 */
import { createClient, createServer, Metadata } from "@updraft/rpc";
import { grpc, GrpcError, GrpcStatus } from "@updraft/rpc/grpc";
import { Greeter } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

await using server = await createServer({ protocols: [grpc()] })
  .add(Greeter, {
    ...greeter(),
    hello({ name }, { meta }) {
      if (name === "") throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, "who are you?");
      meta.backward.set("x-served-by", "updraft");
      return { text: `hello ${name}, speaking ${meta.headers.get("x-language")}` };
    },
  })
  .listen({ hostname: "127.0.0.1", port: 0 });

await using client = createClient(Greeter, { to: server.address, protocol: grpc(), timeoutMs: 5_000 });

const meta = new Metadata({ headers: { "x-language": "English" } });
const { text } = await client.hello({ name: "Ada" }, { meta });
console.log(`${text}; served by ${meta.backward.get("x-served-by")}`);

try {
  await client.hello({ name: "" });
} catch (error) {
  if (!(error instanceof GrpcError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
