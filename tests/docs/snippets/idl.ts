/**
 * What docs/idl.md shows.
 *
 * @module
 */
import { createClient, createServer, RpcError } from "@updraft/rpc";
import { memory } from "@updraft/rpc/memory";
import { assertEquals, assertRejects } from "@std/assert";
import { Line, Order, type Payment, Refused, Shop, type ShopHandlers, State } from "./gen/shop.ts";

const handlers: ShopHandlers = {
  place(order) {
    if (order.lines.length === 0) throw new Refused({ code: 1, message: "nothing ordered" });
    return { ...order, state: State.PAID };
  },
  viewed: () => {},
};

const line = Line.create({ article: "tea" }); // { article: "tea", price: 0n, count: 1 }
const order = Order.create({ id: "42", lines: [{ ...line, price: 450n }], payment: { kind: "voucher", value: 500n } });

function describe(payment: Payment): string {
  switch (payment.kind) {
    case "card":
      return `card ${payment.value}`;
    case "voucher":
      return `voucher of ${payment.value} cents`;
    case "":
      return "a way this program does not know";
  }
}

const transport = memory();
await using server = await createServer({ transport }).add(Shop, handlers).listen({ hostname: "shop", port: 1 });
await using client = createClient(Shop, { to: server.address, transport });

const placed = await client.place(order);
assertEquals([placed.state, placed.lines[0]?.count, placed.placed], [State.PAID, 1, undefined]);
assertEquals(describe(placed.payment ?? { kind: "" }), "voucher of 500 cents");
assertEquals(line, { article: "tea", price: 0n, count: 1 });
await assertRejects(() => client.place(Order.create()), Refused, "nothing ordered");

const wrong = await client.place({ ...order, lines: [{ ...line, count: 2 ** 40 }] }).catch((error: RpcError) => error);
assertEquals(wrong instanceof RpcError && wrong.kind, "invalid");
assertEquals((wrong as RpcError).message, "place_args.order.lines[0].count: expected i32, got 1099511627776");
