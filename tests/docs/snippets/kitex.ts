/**
 * What docs/kitex.md shows.
 *
 * @module
 */
import { createClient, createServer, kitex, RpcError, ttheader, ttheaderStreaming } from "@updraft/rpc";
import { grpc } from "@updraft/rpc/grpc";
import { assertEquals, assertRejects } from "@std/assert";
import { Greeter } from "../../../examples/gen/greeter.ts";

const server = createServer({ protocols: [ttheaderStreaming(), kitex(), grpc()] });

const running = await server.add(Greeter, {
  hello: ({ name }, { caller }) => ({ text: `hello ${name}, says ${caller}` }),
  add: (a, b) => a + b,
  note: () => {},
  notes: () => 0,
  balance: () => {
    throw new RpcError("business", "sold out", { code: 4_001, extra: { sku: "A-1" } });
  },
}).listen({ hostname: "127.0.0.1", port: 0 });
const { address } = running;

const client = createClient(Greeter, { to: address, protocol: ttheader({ checksum: "crc32c" }), caller: "shop" });
assertEquals((await client.hello({ name: "Ada" })).text, "hello Ada, says shop");
const error = await assertRejects(() => client.balance("ada"), RpcError);
assertEquals([error.kind, error.code, error.message, error.extra], ["business", 4_001, "sold out", { sku: "A-1" }]);
assertEquals(running.stats.failed, 0);

const other = createClient(Greeter, { to: address, protocol: grpc() });
assertEquals(await other.add(2n, 3n), 5n);

await client.close();
await other.close();
await running.close();
