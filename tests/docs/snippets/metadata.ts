/**
 * What docs/metadata.md shows.
 *
 * @module
 */
import { createClient, createServer, Metadata } from "@updraft/rpc";
import { assertEquals } from "@std/assert";
import { Greeter, type GreeterHandlers } from "../../../examples/gen/greeter.ts";

const rest: Omit<GreeterHandlers, "hello"> = {
  add: (a, b) => a + b,
  note: () => {},
  notes: () => 0,
  balance: () => 0n,
};
const onLoopback = { hostname: "127.0.0.1", port: 0 };

const last = await createServer().add(Greeter, {
  ...rest,
  hello: ({ name }, { meta, deadline, callerMethod }) => {
    assertEquals([...meta.transient.keys()], []);
    assertEquals([meta.persistent.get("tenant"), callerMethod], ["blue", "hello"]);
    assertEquals(deadline < Infinity, true);
    return { text: `hello ${name}` };
  },
}).listen(onLoopback);
const back = createClient(Greeter, { to: last.address });

const first = await createServer().add(Greeter, {
  ...rest,
  hello: async ({ name }, context) => {
    context.meta.backward.set("served-by", "front");
    return await back.hello({ name: `${name} of ${context.meta.persistent.get("tenant")}` });
  },
}).listen(onLoopback);
const front = createClient(Greeter, { to: first.address });

const meta = new Metadata({ transient: { page: "2" }, persistent: { tenant: "blue" } });
await front.hello({ name: "Ada" }, { meta, timeoutMs: 1_000 });
console.log(meta.backward.get("served-by"));
assertEquals(meta.backward.get("served-by"), "front");

for (const one of [front, back, first, last]) await one.close();
