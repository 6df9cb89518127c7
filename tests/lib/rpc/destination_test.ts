import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { ttheaderStreaming } from "../../../codecs/ttheader/stream/protocol.ts";
import {
  type Balancer,
  type Client,
  type ClientOptions,
  createClient,
  createInstance,
  createServer,
  type PickOutcome,
  type ResolutionSink,
  type Resolver,
  RpcError,
  type RunningServer,
  staticResolver,
} from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { EchoService, type EchoServiceClient, StreamService } from "../../interop/gen/echo.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { deferred, runUntil } from "./fixture.ts";

/** A resolver whose sink the test holds. */
function byHand(): Resolver & { sinks: ResolutionSink[]; names: string[]; refreshes: number; closed: number } {
  const own = { sinks: [] as ResolutionSink[], names: [] as string[], refreshes: 0, closed: 0 };
  return Object.assign(own, {
    name: "by hand",
    resolve: ({ name, tags }: { name: string; tags: Readonly<Record<string, string>> }, sink: ResolutionSink) => {
      own.names.push([name, ...Object.values(tags)].join(" "));
      own.sinks.push(sink);
      return { refresh: () => void own.refreshes++, close: () => void own.closed++ };
    },
  });
}

/** Servers at `unix:a`, `unix:b` ...; each answers with its own name. */
async function servers(names: string[]): Promise<{
  clock: ManualClock;
  server: (name: string) => RunningServer;
  seen: string[];
  client: (options: Partial<ClientOptions>) => Client<EchoServiceClient>;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const clock = new ManualClock();
  const transport = memory();
  const seen: string[] = [];
  const running = new Map<string, RunningServer>();
  const clients: Client<EchoServiceClient>[] = [];
  for (const name of names) {
    const ping = (): void => void seen.push(name);
    const server = createServer({ transport, protocols: [framed()], clock, exitWaitMs: 1_000 });
    running.set(name, await server.add(EchoService, { ...echoHandlers(), ping }).listen({ path: name }));
  }
  return {
    clock,
    seen,
    server: (name) => running.get(name)!,
    client(options) {
      const client = createClient(EchoService, {
        to: "echo",
        transport,
        protocol: framed(),
        clock,
        random: () => 0,
        ...options,
      });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await Promise.all([...running.values()].map((server) => runUntil(clock, server.close())));
    },
  };
}

const instances = (...names: string[]) => names.map((name) => createInstance({ address: `unix:${name}` }));

describe("a client of several addresses", () => {
  it("goes round them", async () => {
    await using f = await servers(["a", "b", "c"]);
    const client = f.client({ to: ["unix:a", "unix:b", "unix:c"] });
    for (let i = 0; i < 6; i++) await client.ping();
    assertEquals(f.seen.slice(0, 3).sort(), ["a", "b", "c"]);
    assertEquals(f.seen.slice(3), f.seen.slice(0, 3));
  });

  it("sends a call elsewhere when an instance cannot be reached, each once", async () => {
    await using f = await servers(["b"]);
    const client = f.client({ to: ["unix:x", "unix:y", "unix:b"] });
    for (let i = 0; i < 3; i++) await client.ping();
    assertEquals(f.seen, ["b", "b", "b"]);
    const none = f.client({ to: ["unix:x", "unix:y"] });
    const error = await assertRejects(() => none.ping(), RpcError);
    assertEquals(error.kind, "connect");
  });

  it("tries six in all at most", async () => {
    await using f = await servers([]);
    const tried: string[] = [];
    const client = f.client({
      to: Array.from({ length: 10 }, (_, i) => `unix:${i}`),
      instanceUse: [(next) => (call) => {
        tried.push(call.peer !== undefined && "path" in call.peer ? call.peer.path : "");
        return next(call);
      }],
    });
    await assertRejects(() => client.ping(), RpcError);
    assertEquals(new Set(tried).size, 6);
    assertEquals(tried.length, 6);
  });

  it("lets middleware around the tries change the call, which still goes where it was to go", async () => {
    await using f = await servers(["b"]);
    const tried: (string | undefined)[] = [];
    const client = f.client({
      to: ["unix:a", "unix:b"],
      random: () => 0,
      instanceUse: [(next) => (call) => {
        const copy = call.withDeadline(call.clock.now() + 1_000).with({ args: {} });
        tried.push(copy.peer !== undefined && "path" in copy.peer ? copy.peer.path : undefined);
        return next(copy);
      }],
    });
    await client.ping();
    assertEquals([tried, f.seen], [["a", "b"], ["b"]]);
  });

  it("does not send a call again that may have run", async () => {
    await using f = await servers(["a", "b"]);
    let tries = 0;
    const client = f.client({
      to: ["unix:a", "unix:b"],
      instanceUse: [() => () => {
        tries++;
        return Promise.reject(new RpcError("transport", "broken"));
      }],
    });
    assertEquals((await assertRejects(() => client.ping(), RpcError)).kind, "transport");
    assertEquals(tries, 1);
  });

  it("sends a call whose caller streams again only where it could not connect: its messages are read once", async () => {
    await using f = await servers([]);
    for (const [kind, expected] of [["connect", 2], ["unavailable", 1]] as const) {
      let tries = 0;
      const client = createClient(StreamService, {
        to: ["unix:a", "unix:b"],
        transport: memory(),
        protocol: framed(),
        streaming: ttheaderStreaming(),
        clock: f.clock,
        instanceUse: [() => () => {
          tries++;
          return Promise.reject(new RpcError(kind, "refused", { retryable: true }));
        }],
      });
      await assertRejects(() => client.clientStream([]), RpcError, "refused");
      await client.close();
      assertEquals(tries, expected);
    }
  });

  it("needs one address at least", () => {
    assertThrows(() => createClient(EchoService, { to: [], transport: memory(), protocol: framed() }), RpcError);
  });
});

describe("a client with a resolver", () => {
  it("waits for the first list, looks up once, and follows changes", async () => {
    await using f = await servers(["a", "b"]);
    const resolver = byHand();
    const client = f.client({ resolver });
    assertEquals(resolver.names, []);
    const calls = [client.ping(), client.ping()];
    assertEquals(resolver.names, ["echo"]);
    resolver.sinks[0]!.update(instances("a"));
    await Promise.all(calls);
    assertEquals(f.seen, ["a", "a"]);
    resolver.sinks[0]!.update(instances("b"));
    await client.ping();
    assertEquals(f.seen, ["a", "a", "b"]);
    assertEquals(resolver.names, ["echo"]);
    await client.close();
    assertEquals(resolver.closed, 1);
  });

  it("fails calls while there is no list, and keeps the last one when looking up fails", async () => {
    await using f = await servers(["a"]);
    const resolver = byHand();
    const client = f.client({ resolver });
    const first = client.ping();
    resolver.sinks[0]!.failed(new RpcError("transport", "registry gone"));
    const error = await assertRejects(() => first, RpcError);
    assertEquals(error.kind, "unavailable");
    assertStringIncludes(error.message, "by hand cannot find echo: registry gone");
    assertEquals((await assertRejects(() => client.ping(), RpcError)).kind, "unavailable");
    resolver.sinks[0]!.update(instances("a"));
    resolver.sinks[0]!.failed(new RpcError("transport", "registry gone"));
    await client.ping();
    assertEquals(f.seen, ["a"]);
  });

  it("says so when there is no instance", async () => {
    await using f = await servers([]);
    const resolver = byHand();
    const call = f.client({ resolver, tags: { idc: "north" } }).ping();
    resolver.sinks[0]!.update([]);
    const error = await assertRejects(() => call, RpcError);
    assertEquals(error.kind, "unavailable");
    assertStringIncludes(error.message, "by hand knows no instance of echo with idc=north");
  });

  it("ends a call that waits for the list at its deadline, by its signal, and with the client", async () => {
    await using f = await servers([]);
    const late = f.client({ resolver: byHand(), timeoutMs: 100 }).ping();
    assertEquals((await assertRejects(() => runUntil(f.clock, late), RpcError)).kind, "timeout");
    const patient = f.client({ resolver: byHand() }).ping();
    assertEquals((await assertRejects(() => runUntil(f.clock, patient), RpcError)).kind, "unavailable");
    const controller = new AbortController();
    const left = f.client({ resolver: byHand() }).ping({ signal: controller.signal });
    controller.abort();
    assertEquals((await assertRejects(() => left, RpcError)).kind, "canceled");
    const closing = f.client({ resolver: byHand() });
    const waits = closing.ping();
    const [error] = await Promise.all([assertRejects(() => waits, RpcError), closing.close()]);
    assertEquals(error.kind, "canceled");
  });

  it("asks it to look again when an instance cannot be reached", async () => {
    await using f = await servers(["a"]);
    const resolver = byHand();
    const client = f.client({ resolver });
    const call = client.ping();
    resolver.sinks[0]!.update(instances("x", "a"));
    await Promise.all([call, client.ping()]);
    assert(resolver.refreshes > 0);
  });

  it("looks up each set of tags once, and nothing for a call with an address of its own", async () => {
    await using f = await servers(["a", "b"]);
    const resolver = byHand();
    const client = f.client({ resolver, tags: { idc: "north" } });
    const calls = [client.ping({ tags: { lane: "blue" } }), client.ping({ tags: { lane: "blue" } })];
    assertEquals(resolver.names, ["echo north blue"]);
    resolver.sinks[0]!.update(instances("a"));
    await Promise.all(calls);
    await client.ping({ to: "unix:b" });
    assertEquals(f.seen, ["a", "a", "b"]);
    assertEquals(resolver.names.length, 1);
  });

  it("is chosen by a target's scheme", async () => {
    await using f = await servers(["a"]);
    const resolver = byHand();
    const client = f.client({ to: "hand:///echo", resolvers: { hand: resolver } });
    const call = client.ping();
    assertEquals(resolver.names, ["///echo"]);
    resolver.sinks[0]!.update(instances("a"));
    await call;
  });

  it("closes idle connections of instances that left, and used ones after their calls", async () => {
    for (const type of ["long", "mux"] as const) {
      await using f = await servers(["a", "b"]);
      const resolver = byHand();
      const client = f.client({ resolver, pool: { type } });
      const call = client.ping();
      resolver.sinks[0]!.update(instances("a"));
      await call;
      assertEquals(f.server("a").stats.connections, 1);
      const slow = client.sleep(50);
      await f.clock.advance(0);
      resolver.sinks[0]!.update(instances("b"));
      await runUntil(f.clock, slow);
      await client.ping();
      await runUntil(f.clock, until(() => f.server("a").stats.connections === 0));
      assertEquals(f.seen.at(-1), "b");
    }
  });
});

describe("a client's balancer", () => {
  it("hears how each call to an instance ended, and what was tried", async () => {
    await using f = await servers(["a"]);
    const heard: string[] = [];
    const ended = deferred();
    const balancer: Balancer = {
      name: "listening",
      picker: (list) => ({
        pick: (call, tried) => {
          heard.push(`pick ${call.method.name} after ${tried.size}`);
          return list.find((each) => !tried.has(each));
        },
        begun: ({ address }) => void heard.push(`begun ${address}`),
        ended: ({ address }, { error }: PickOutcome) => {
          heard.push(`ended ${address} ${error instanceof RpcError ? error.kind : "well"}`);
          if (address === "unix:a") ended.resolve();
        },
      }),
    };
    const client = f.client({ resolver: staticResolver(["unix:x", "unix:a"]), balancer });
    await client.ping();
    await ended.promise;
    assertEquals(heard, [
      "pick ping after 0",
      "begun unix:x",
      "ended unix:x connect",
      "pick ping after 1",
      "begun unix:a",
      "ended unix:a well",
    ]);
  });

  it("is told how the client stands with an address", async () => {
    await using f = await servers(["a"]);
    const standings: string[] = [];
    const balancer: Balancer = {
      name: "asking",
      picker: (list, host) => ({
        pick: (_call, tried) => {
          standings.push(list.map(({ endpoint }) => host.connectivity(endpoint)).join(" "));
          return list.find((each) => !tried.has(each));
        },
      }),
    };
    const client = f.client({ resolver: staticResolver(["unix:x", "unix:a"]), balancer });
    await client.ping();
    await client.ping();
    assertEquals(standings.slice(0, 3), ["idle idle", "transient-failure idle", "transient-failure ready"]);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setTimeout(resolve));
}
