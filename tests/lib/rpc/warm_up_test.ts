import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { ConnectionCounter, createServer, type Resolver, RpcError, staticResolver } from "../../../core.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { fixture, runUntil } from "./fixture.ts";

describe("warming a client up", () => {
  it("opens so many connections that calls then reuse", async () => {
    await using f = await fixture();
    const counter = new ConnectionCounter();
    const client = f.client({ onConnection: counter.report });
    assertEquals(await client.warmUp({ connections: 3 }), [
      { address: "unix:server", connections: 3, error: undefined },
    ]);
    assertEquals(counter.total.opened, 3);
    await Promise.all([client.ping(), client.ping(), client.ping()]);
    assertEquals([counter.total.opened, counter.total.reused], [3, 3]);
  });

  it("opens no more than the pool keeps: none of a short one, those of a mux one", async () => {
    await using f = await fixture({}, { protocols: [framed({ replies: "any" })] });
    for (
      const [pool, opened] of [
        [{ type: "short" }, 0],
        [{ type: "mux", connections: 2 }, 2],
        [{ type: "long", maxIdlePerAddress: 4 }, 4],
      ] as const
    ) {
      const counter = new ConnectionCounter();
      const client = f.client({ pool, onConnection: counter.report });
      const [warmed] = await client.warmUp({ connections: 50 });
      assertEquals([warmed?.connections, counter.total.opened, counter.total.open], [opened, opened, opened]);
      assertEquals(await client.echoString("x"), "x");
    }
  });

  it("reaches every instance that is found, and says which could not be reached", async () => {
    await using f = await fixture();
    const other = await createServer({ transport: f.transport, protocols: [framed()], clock: f.clock, exitWaitMs: 0 })
      .add(EchoService, echoHandlers())
      .listen({ path: "other" });
    const client = f.client({ to: "echo", resolver: staticResolver(["unix:server", "unix:nobody", "unix:other"]) });
    const warmed = await client.warmUp({ connections: 2, parallel: 1 });
    assertEquals(warmed.map(({ address, connections, error }) => [address, connections, error?.kind]), [
      ["unix:server", 2, undefined],
      ["unix:nobody", 0, "connect"],
      ["unix:other", 2, undefined],
    ]);
    assertEquals([f.server.stats.accepted, other.stats.accepted], [2, 2]);
    await client.close();
    await runUntil(f.clock, other.close());
  });

  it("rejects where no instances are found, in time, and for numbers and clients that cannot be used", async () => {
    await using f = await fixture();
    const silent: Resolver = { name: "silent", resolve: () => ({ refresh: () => {}, close: () => {} }) };
    const lost = f.client({ to: "echo", resolver: silent });
    const error = await assertRejects(() => runUntil(f.clock, lost.warmUp()), RpcError, "no list of instances of echo");
    assertEquals(error.kind, "unavailable");
    const failing: Resolver = {
      name: "failing",
      resolve(_, sink) {
        queueMicrotask(() => sink.failed(new RpcError("unavailable", "registry is gone")));
        return { refresh: () => {}, close: () => {} };
      },
    };
    await assertRejects(() => f.client({ to: "echo", resolver: failing }).warmUp(), RpcError, "registry is gone");
    const client = f.client();
    await assertRejects(() => client.warmUp({ connections: 0 }), RpcError, "connections 0");
    await assertRejects(() => client.warmUp({ parallel: 1.5 }), RpcError, "parallel 1.5");
    const waiting = f.client({ to: "echo", resolver: silent });
    const warming = waiting.warmUp();
    await waiting.close();
    await assertRejects(() => warming, RpcError, "closed");
    await assertRejects(() => waiting.warmUp(), RpcError, "closed");
  });
});
