/**
 * What docs/governance.md shows.
 *
 * @module
 */
import { type CallContext, createClient, createServer, RpcError } from "@updraft/rpc";
import { acl, fallback } from "@updraft/rpc/middleware";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

const ready = await createServer().add(Greeter, greeter()).listen({ hostname: "127.0.0.1", port: 0 });
await using other = await createServer({
  use: [acl([({ caller }: CallContext) => caller === "stranger" ? "strangers may not call" : undefined])],
}).add(Greeter, greeter()).listen({ hostname: "127.0.0.1", port: 0 });
const [first, second] = [ready.address, other.address];
await ready.close(); // nobody listens at the first address any more: calls go to the other

const events: string[] = [];
await using client = createClient(Greeter, {
  to: [first, second],
  caller: "shop",
  timeoutMs: 500,
  timeouts: { add: 50 },
  retry: { times: 2, backoff: { type: "exponential", initialMs: 20 }, budget: 0.2, maxDurationMs: 1_200 },
  breaker: {
    service: {
      errorRate: 0.3,
      minSamples: 50,
      onChange: ({ key, from, to }) => events.push(`${key}: ${from} to ${to}`),
    },
    instance: {},
  },
  acl: [({ method }) => method.name === "forget" ? "not from here" : undefined],
  degrade: { percentage: 0 },
  fallback: { when: "unavailable", run: (_, call) => ({ text: `no ${call.method.name} today` }) },
  tracers: [{
    start: ({ method }) => events.push(`> ${method.name}`),
    finish: ({ method }, { error }) => events.push(`< ${method.name}${error === undefined ? "" : " failed"}`),
  }],
});
const { text } = await client.hello({ name: "Ada" });
const careful = await client.hello({ name: "Bob" }, { retry: { type: "backup", delayMs: 200 } });
const once = await client.hello({ name: "Eve" }, { retry: false });

assertEquals([text, careful.text, once.text], ["hello Ada", "hello Bob", "hello Eve"]);
assertEquals(events, ["> hello", "< hello", "> hello", "< hello", "> hello", "< hello"]);

assertThrows(
  () => createClient(Greeter, { to: second, fallback: { run: () => null }, use: [fallback({ run: () => null })] }),
  RpcError,
  "fallback is both an option and in `use`",
);
await using stranger = createClient(Greeter, { to: second, caller: "stranger" });
await assertRejects(() => stranger.hello({ name: "Eve" }), RpcError, "strangers may not call");

await using viaProxy = createClient(Greeter, { to: first, proxy: () => second });
assertEquals((await viaProxy.hello({ name: "Ada" })).text, "hello Ada");

await other.close(); // now nobody is left
const anybody = await client.hello({ name: "Zoe" }, { fallback: { run: () => ({ text: "hello whoever" }) } });
assertEquals(anybody.text, "hello whoever");
