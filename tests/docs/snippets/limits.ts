/**
 * What docs/limits.md shows.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { createLimiter } from "@updraft/rpc/middleware";
import { assertEquals } from "@std/assert";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

const refusals: string[] = [];
const limiter = createLimiter({
  connections: 10_000,
  qps: 5_000,
  methods: { "Greeter.hello": { qps: 1_000, concurrency: 50 } },
  callers: { batch: { concurrency: 10 }, "*": { qps: 500 } },
  adaptive: true,
  priority: ({ caller }) => caller === "batch" ? 0.5 : 1,
  onRefused: ({ limit, of }) => refusals.push(`${limit} of ${of}`),
});
await using server = await createServer({ limit: limiter })
  .add(Greeter, greeter())
  .listen({ hostname: "127.0.0.1", port: 0 });

await using client = createClient(Greeter, { to: server.address, caller: "web" });
await client.hello({ name: "Ada" });
assertEquals(refusals, []);

limiter.update({ callers: { web: { qps: 1 } } });
const outcomes: string[] = [];
for (let i = 0; i < 2; i++) {
  outcomes.push(await client.hello({ name: "Ada" }).then(() => "answered", ({ kind }) => kind));
}
assertEquals(outcomes, ["answered", "overload"]);
assertEquals(refusals, ["qps of caller web"]);
