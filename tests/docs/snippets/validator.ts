/**
 * What docs/validator.md shows.
 *
 * @module
 */
import { createClient, createServer, RpcError } from "@updraft/rpc";
import { validate, violationsOf } from "@updraft/rpc/middleware";
import { assert, assertEquals } from "@std/assert";
import { Item, Orders, OrdersValidators, validateOrder } from "./gen/orders.ts";

const found = validateOrder({ customer: "", items: [Item.create({ article: "tea", count: 11 })], voucher: "free" });
for (const { path, rule, message } of found) console.log(`${path}: ${message} (${rule})`);

assertEquals(found.map(({ path, rule }) => `${path} ${rule}`), [
  "customer min_size",
  "items[0].article pattern",
  "items[0].count le",
  "voucher prefix",
  " assert",
]);
assertEquals(found[2]?.message, "must be $most at most");

await using server = await createServer({ use: [validate(OrdersValidators)] })
  .add(Orders, { place: (order) => order.items.length })
  .listen({ hostname: "127.0.0.1", port: 0 });

const item = Item.create({ article: "AB-1", count: 1 });
const bad = { customer: "Ada", items: [item, { ...item, count: 0 }] };

await using careful = createClient(Orders, {
  to: server.address,
  use: [validate(OrdersValidators, { results: true })],
});
const error = await careful.place(bad, "").catch((error: unknown) => error);
console.log(violationsOf(error).map(({ path }) => path));

assertEquals(violationsOf(error).map(({ path }) => path), ["order.items[1].count"]);
assert(error instanceof RpcError && error.kind === "invalid" && !error.remote);
assertEquals(await careful.place({ customer: "Ada", items: [item, item] }, ""), 2);

await using careless = createClient(Orders, { to: server.address });
const answer = await careless.place(bad, "").catch((error: unknown) => error);
assert(answer instanceof RpcError && answer.kind === "protocol" && answer.remote);
assertEquals(answer.message, "arguments of Orders.place: order.items[1].count must be greater than 0 (gt)");
