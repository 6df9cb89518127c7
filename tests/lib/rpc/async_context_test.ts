import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type CallContext,
  createClient,
  createLocalClient,
  createServer,
  type Middleware,
  recv,
  send,
} from "../../../mod.ts";
import { memory } from "../../../transports/memory.ts";
import {
  all,
  type N,
  Vec,
  type VecClient,
  type VecHandlers,
  vecHandlers,
} from "../../codecs/ttheader/stream/fixture.ts";

const META = { persistent: { tenant: "blue" } };

/** Middleware that takes its time before it goes on. */
const late: Middleware = (next) => async (call) => {
  await new Promise<void>((resolve) => setTimeout(resolve));
  return await next(call);
};

/** Middleware that makes the messages anew, so that they are made when they are asked for. */
const anew: Middleware = (next) => async (call) => {
  const messages = await next(call);
  if (call.method.streaming !== "server" && call.method.streaming !== "bidi") return messages;
  return (async function* () {
    yield* messages as AsyncIterable<N>;
  })();
};

/** Middleware on either side of a service whose handlers stream. */
const AROUND: readonly [name: string, use: readonly Middleware[]][] = [
  ["no middleware", []],
  ["an async middleware", [late]],
  ["middleware that makes the messages anew", [anew]],
  ["several of all kinds", [
    late,
    recv((message) => message),
    anew,
    send(async (message) => await Promise.resolve(message)),
    late,
  ]],
];

/** Ways to write handlers that make a call of `once` for every message. */
function handlersOf(once: VecClient["once"]): readonly [name: string, handlers: Pick<VecHandlers, "bidi" | "count">][] {
  async function* count({ n }: N): AsyncGenerator<N> {
    for (let i = 0; i < n; i++) yield await once({ n: i });
  }
  async function* bidi(requests: AsyncIterable<N>): AsyncGenerator<N> {
    for await (const request of requests) yield await once(request);
  }
  function* soon({ n }: N): Generator<N> {
    for (let i = 0; i < n; i++) yield once({ n: i }) as unknown as N;
  }
  return [
    ["async generators", { count, bidi }],
    ["promises of async generators", {
      count: (async (request: N) => await Promise.resolve(count(request))) as unknown as VecHandlers["count"],
      bidi: (async (requests: AsyncIterable<N>) =>
        await Promise.resolve(bidi(requests))) as unknown as VecHandlers["bidi"],
    }],
    ["a generator of promises", { count: soon as unknown as VecHandlers["count"], bidi }],
  ];
}

/** What the service that is called from handlers saw: a line for each call. */
function backService(): { readonly seen: string[]; readonly handlers: VecHandlers } {
  const seen: string[] = [];
  const once = (request: N, { meta, callerMethod }: CallContext): N => {
    seen.push(`${meta.persistent.get("tenant")} ${callerMethod}`);
    return request;
  };
  return { seen, handlers: { ...vecHandlers(), once } };
}

describe("a call without a deadline and metadata", () => {
  it("is kept for no other, and found by those that name it or that come with a deadline", async () => {
    const transport = memory();
    const { seen, handlers } = backService();
    await using _back = await createServer({ transport }).add(Vec, handlers).listen({ path: "back" });
    await using back = createClient(Vec, { to: "unix:back", transport });
    const front: VecHandlers = {
      ...vecHandlers(),
      once: async ({ n }, context) => await back.once({ n }, n === 1 ? { context } : {}),
    };
    await using _front = await createServer({ transport }).add(Vec, front).listen({ path: "front" });
    await using client = createClient(Vec, { to: "unix:front", transport });
    for (const n of [0, 1]) await client.once({ n });
    await client.once({ n: 0 }, { timeoutMs: 60_000 });
    assertEquals(seen, ["undefined undefined", "undefined once", "undefined once"]);
  });
});

for (const [around, use] of AROUND) {
  describe(`a handler that streams, within ${around}`, () => {
    for (const at of [0, 1, 2]) {
      it(`written as ${handlersOf(() => Promise.reject())[at]![0]}: its calls belong to the call being served`, async () => {
        const transport = memory();
        const { seen, handlers } = backService();
        await using _back = await createServer({ transport }).add(Vec, handlers).listen({ path: "back" });
        await using back = createClient(Vec, { to: "unix:back", transport });
        const front = { ...vecHandlers(), ...handlersOf((...args) => back.once(...args))[at]![1] };
        await using _front = await createServer({ transport, use }).add(Vec, front).listen({ path: "front" });
        await using client = createClient(Vec, { to: "unix:front", transport, use });
        assertEquals(await all(client.count({ n: 2 }, { meta: META })), [0, 1]);
        assertEquals(await all(client.bidi([{ n: 5 }, { n: 6 }], { meta: META })), [5, 6]);
        assertEquals(seen, ["blue count", "blue count", "blue bidi", "blue bidi"]);
        await using local = createLocalClient(Vec, front, { use });
        assertEquals(await all(local.count({ n: 2 }, { meta: META })), [0, 1]);
        assertEquals(seen.slice(4), ["blue count", "blue count"]);
      });
    }

    it("the requests it sends are made within the call that it serves", async () => {
      const transport = memory();
      const { seen, handlers } = backService();
      await using _back = await createServer({ transport, use }).add(Vec, handlers).listen({ path: "back" });
      await using back = createClient(Vec, { to: "unix:back", transport, use });
      async function* requests(): AsyncGenerator<N> {
        for (let n = 1; n < 3; n++) yield await back.once({ n });
      }
      const front: VecHandlers = {
        ...vecHandlers(),
        async *count() {
          yield await back.sum(requests());
          yield* back.bidi(requests());
        },
      };
      await using _front = await createServer({ transport, use }).add(Vec, front).listen({ path: "front" });
      await using client = createClient(Vec, { to: "unix:front", transport, use });
      assertEquals(await all(client.count({ n: 0 }, { meta: META })), [3, 1, 2]);
      assertEquals(seen, Array.from({ length: 4 }, () => "blue count"));
    });
  });
}
