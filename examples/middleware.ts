/**
 * Middleware: one shape for both sides, the first in the list is the outermost.
 *
 * @module
 */
import { createClient, createServer, type Middleware, RpcError } from "@updraft/rpc";
import { Greeter } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

/** Prints each call before and after it runs. */
function log(side: string): Middleware {
  return (next) => async (call) => {
    console.log(`${side} > ${call.method.name}`);
    try {
      return await next(call);
    } finally {
      console.log(`${side} < ${call.method.name}`);
    }
  };
}

/** Lets only some methods through. */
function allow(...names: string[]): Middleware {
  return (next) => (call) => {
    if (!names.includes(call.method.name)) throw new RpcError("forbidden", `${call.method.name} is not allowed`);
    return next(call);
  };
}

await using server = await createServer({ use: [log("server"), allow("hello")] })
  .add(Greeter, greeter())
  .listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, { to: server.address, timeoutMs: 5_000, use: [log("client")] });

console.log((await client.hello({ name: "Ada" })).text);
await client.notes().catch((error: RpcError) => console.log(error.message));
