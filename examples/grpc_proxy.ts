/**
 * A proxy of gRPC: any method of any service, unary or of streams, with metadata both ways, deadlines, cancellation and statuses. It
 * knows nothing of the services behind it, and reads none of their messages.
 *
 * @module
 */
import { createClient, createServer, Metadata } from "@updraft/rpc";
import { grpc, GrpcError, GrpcStatus, RawGrpc } from "@updraft/rpc/grpc";
import { Greeter } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

await using backend = await createServer({ protocols: [grpc()] })
  .add(Greeter, {
    ...greeter(),
    hello({ name }, { meta }) {
      if (name === "") throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, "who are you?");
      meta.backward.set("x-served-by", "the backend");
      return { text: `hello ${name}, speaking ${meta.headers.get("x-language")}` };
    },
  })
  .listen({ hostname: "127.0.0.1", port: 0 });

// The proxy.
await using upstream = createClient(RawGrpc, { to: backend.address, protocol: grpc() });

await using proxy = await createServer({
  protocols: [grpc({
    // The caller's deadline and its end go on by `context`; metadata go and come by `meta`.
    unknownService: (request, context) => upstream.call(request, { context, meta: context.meta }),
  })],
}).listen({ hostname: "127.0.0.1", port: 0 });

// Its clients notice nothing.
await using client = createClient(Greeter, { to: proxy.address, protocol: grpc(), timeoutMs: 5_000 });

const meta = new Metadata({ headers: { "x-language": "English" } });
const { text } = await client.hello({ name: "Ada" }, { meta });
console.log(`${text}; served by ${meta.backward.get("x-served-by")}`);

try {
  await client.hello({ name: "" });
} catch (error) {
  if (!(error instanceof GrpcError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
