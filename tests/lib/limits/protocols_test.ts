/**
 * Limits of a server over every protocol: the answer to a call that is refused, and the connection after it.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  buffered,
  createClient,
  createServer,
  framed,
  type Protocol,
  ttheader,
  ttheaderStreaming,
} from "../../../mod.ts";
import { grpc } from "../../../codecs/grpc/mod.ts";
import { Chat, type ChatHandlers } from "../../../examples/gen/chat.ts";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";
import { RpcError } from "../../../lib/errors.ts";
import { type Clock, systemClock } from "../../../lib/io/clock.ts";
import { createLimiter } from "../../../lib/limits/limiter.ts";
import type { PoolOptions } from "../../../lib/rpc/pool.ts";
import { memory } from "../../../transports/memory.ts";

const PROTOCOLS: [name: string, protocol: Protocol, pool: PoolOptions][] = [
  ["TTHeader", ttheader(), { type: "long", maxIdlePerAddress: 1 }],
  ["TTHeader, multiplexed", ttheader(), { type: "mux" }],
  ["framed Thrift", framed(), { type: "long", maxIdlePerAddress: 1 }],
  ["buffered Thrift", buffered(), { type: "long", maxIdlePerAddress: 1 }],
  ["gRPC", grpc(), { type: "mux" }],
];
const protocols = [ttheaderStreaming(), ttheader(), framed(), buffered(), grpc()];

/** A clock whose time stands still, so that nothing is refilled: the timers of connections run. */
const STILL: Clock = { ...systemClock, now: () => 0 };

/** A promise that a test keeps. */
function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => open = resolve);
  return { promise, open };
}

for (const [name, protocol, pool] of PROTOCOLS) {
  describe(`limits over ${name}`, () => {
    it("answer a call too many with kind overload, run no handler, and keep the connection", async () => {
      const transport = memory();
      const limiter = createLimiter({ methods: { "Greeter.hello": { qps: 10 } } });
      let ran = 0;
      await using server = await createServer({ transport, protocols, limit: limiter, clock: STILL }).add(Greeter, {
        ...greeter(),
        hello: ({ name }) => {
          ran++;
          return { text: name };
        },
      }).listen({ port: 1 });
      await using client = createClient(Greeter, { to: server.address, transport, protocol, pool });
      const refused = new Set<string>();
      for (let i = 0; i < 5; i++) {
        await client.hello({ name: "Ada" }).catch((error: RpcError) => refused.add(`${error.kind}: ${error.message}`));
      }
      assertEquals([...refused], [
        "overload: request over limit: request too frequent (qps 10 of method Greeter.hello)",
      ]);
      assertEquals(ran, 1);
      assertEquals(await client.balance("ada").then(() => "taken", ({ kind }) => kind), "taken");
      assertEquals([server.stats.accepted, limiter.stats.running], [1, 0]);
    });

    it("count a call from its head to the end of its handler, however that ends", async () => {
      const transport = memory();
      const limiter = createLimiter({ concurrency: 1 });
      const held = gate();
      const begun = gate();
      await using server = await createServer({ transport, protocols, limit: limiter }).add(Greeter, {
        ...greeter(),
        hello: async ({ name }) => {
          begun.open();
          if (name === "slow") await held.promise;
          if (name === "bad") throw new Error("bad");
          return { text: name };
        },
      }).listen({ port: 1 });
      await using client = createClient(Greeter, { to: server.address, transport, protocol, pool });
      const slow = client.hello({ name: "slow" });
      await begun.promise;
      await using second = createClient(Greeter, { to: server.address, transport, protocol, pool });
      const error = await assertRejects(() => second.hello({ name: "quick" }), RpcError);
      assertEquals(error.kind, "overload");
      held.open();
      assertEquals((await slow).text, "slow");
      await assertRejects(() => second.hello({ name: "bad" }));
      assertEquals((await second.hello({ name: "quick" })).text, "quick");
      assertEquals(limiter.stats.running, 0);
    });
  });
}

for (const [name, protocol] of [["TTHeader streaming", ttheaderStreaming()], ["gRPC", grpc()]] as const) {
  describe(`limits over streams of ${name}`, () => {
    it("refuse a stream too many, take another when one ended", async () => {
      const transport = memory();
      const limiter = createLimiter({ concurrency: 1 });
      const handlers: ChatHandlers = {
        async *talk(said) {
          for await (const line of said) yield line;
        },
        async load(said) {
          let lines = 0;
          for await (const _ of said) lines++;
          return { lines };
        },
        async *history() {
          yield { from: "Ada", text: "one" };
        },
      };
      await using server = await createServer({ transport, protocols, limit: limiter }).add(Chat, handlers)
        .listen({ port: 1 });
      await using client = createClient(Chat, { to: server.address, transport, protocol });
      const end = gate();
      const talk = client.talk(async function* () {
        yield { from: "Ada", text: "hello" };
        await end.promise;
      }())[Symbol.asyncIterator]();
      assertEquals((await talk.next()).value.text, "hello");
      const refused = async (): Promise<void> => {
        for await (const _ of client.history({ last: 1 }));
      };
      const error = await assertRejects(refused, RpcError);
      assertEquals(error.kind, "overload");
      assert(error.message.includes("request over limit"), error.message);
      assertEquals((await assertRejects(() => client.load([{ from: "a", text: "b" }]), RpcError)).kind, "overload");
      end.open();
      assertEquals((await talk.next()).done, true);
      assertEquals(await client.load([{ from: "a", text: "b" }]), { lines: 1 });
      assertEquals([server.stats.accepted, limiter.stats.running], [1, 0]);
    });
  });
}

describe("a limit on connections", () => {
  it("closes those above it, and follows a change", async () => {
    const transport = memory();
    const limiter = createLimiter({ connections: 1 });
    const told: string[] = [];
    await using server = await createServer({
      transport,
      protocols,
      limit: limiter,
      onError: ({ kind }) => void told.push(kind),
    }).add(Greeter, greeter()).listen({ port: 1 });
    const call = async (): Promise<string> => {
      const client = createClient(Greeter, { to: server.address, transport });
      clients.push(client);
      return await client.hello({ name: "Ada" }).then(() => "taken", () => "closed");
    };
    const clients: { close(): Promise<void> }[] = [];
    assertEquals([await call(), await call()], ["taken", "closed"]);
    limiter.update({ connections: 2 });
    assertEquals([await call(), await call()], ["taken", "closed"]);
    assertEquals(new Set(told), new Set(["overload"]));
    for (const client of clients) await client.close();
  });
});
