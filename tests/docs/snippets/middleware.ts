/**
 * What docs/middleware.md shows.
 *
 * @module
 */
import { createClient, createServer, type Handler, type Middleware, RpcError } from "@updraft/rpc";
import { assertEquals, assertRejects } from "@std/assert";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

/** Tells how long each call took, whatever its outcome. */
function timed(report: (method: string, ms: number) => void): Middleware {
  return (next) => async (call) => {
    const started = call.clock.now();
    try {
      return await next(call);
    } finally {
      report(call.method.name, call.clock.now() - started);
    }
  };
}

/** Gives each call at most `ms` milliseconds. */
function within(ms: number): Middleware {
  return (next) => (call) => next(call.withDeadline(call.clock.now() + ms));
}

/** Tries once more what certainly did not reach a handler. */
function again(): Middleware {
  return (next: Handler): Handler => async (call) => {
    try {
      return await next(call);
    } catch (error) {
      if (error instanceof RpcError && error.retryable) return await next(call);
      throw error;
    }
  };
}

const seen: string[] = [];
await using server = await createServer({ use: [timed((method) => seen.push(`server ${method}`))] })
  .add(Greeter, greeter(), { use: [within(1_000)] })
  .listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, {
  to: server.address,
  use: [timed((method) => seen.push(`client ${method}`)), again(), within(5_000)],
});

await client.hello({ name: "Ada" });
await assertRejects(() => client.balance("bob"), Error, "no account bob");
assertEquals(seen, ["server hello", "client hello", "server balance", "client balance"]);
