import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { framedClient } from "../../../codecs/thrift/client.ts";
import { ttheaderStreaming } from "../../../codecs/ttheader/stream/protocol.ts";
import { createDirectClient, type DirectClientOptions, RpcError } from "../../../core.ts";
import { EchoService, StreamService } from "../../interop/gen/echo.ts";
import { deferred, fixture, runUntil } from "./fixture.ts";

const never = (): Promise<never> => new Promise(() => {});

/** A server and the options of a direct client of it. */
async function direct(
  handlers: Parameters<typeof fixture>[0] = {},
): Promise<{ f: Awaited<ReturnType<typeof fixture>>; options: DirectClientOptions }> {
  const f = await fixture(handlers);
  const { clock, transport } = f;
  return { f, options: { to: "unix:server", transport, protocol: framedClient(), clock } };
}

describe("a direct client", () => {
  it("calls its address, and keeps the connection for the next call", async () => {
    const { f, options } = await direct();
    await using _server = f;
    await using client = createDirectClient(EchoService, options);
    assertEquals(await client.add(2n, 3n), 5n);
    assertEquals((await client.echo({ msg: "x" })).msg, "x");
    assertEquals(f.server.stats.connections, 1);
  });

  it("puts middleware around its calls, and ends them at their deadline", async () => {
    const { f, options } = await direct({ sleep: never });
    await using _server = f;
    const seen: string[] = [];
    await using client = createDirectClient(EchoService, {
      ...options,
      timeoutMs: 100,
      use: [(next) => (call) => {
        seen.push(call.method.name);
        return next(call);
      }],
    });
    const error = await assertRejects(() => runUntil(f.clock, client.sleep(0)), RpcError);
    assertEquals([error.kind, seen], ["timeout", ["sleep"]]);
  });

  it("ends its calls when it is closed", async () => {
    const begun = deferred();
    const { f, options } = await direct({
      sleep: () => {
        begun.resolve();
        return never();
      },
    });
    await using _server = f;
    const client = createDirectClient(EchoService, options);
    const call = assertRejects(() => client.sleep(0), RpcError, "the client was closed");
    await begun.promise;
    await client.close();
    await call;
    await assertRejects(() => client.ping(), RpcError, "the client was closed");
  });

  it("rejects methods that stream", async () => {
    const { f, options } = await direct();
    await using _server = f;
    await using client = createDirectClient(StreamService, options);
    for (
      const call of [
        () => client.clientStream([]),
        () => client.serverStream({ msg: "x" })[Symbol.asyncIterator]().next(),
        () => client.bidi([])[Symbol.asyncIterator]().next(),
      ]
    ) {
      const error = await assertRejects(call, RpcError);
      assertEquals(error.kind, "unimplemented");
      assertStringIncludes(error.message, "streams, which this client of framed cannot");
    }
  });

  it("refuses a protocol that makes its calls as streams, and a target that is no address", async () => {
    const { f, options } = await direct();
    await using _server = f;
    const make = (more: Partial<DirectClientOptions>) => () => createDirectClient(EchoService, { ...options, ...more });
    assertThrows(make({ protocol: ttheaderStreaming() }), RpcError, "only `createClient` does");
    assertThrows(make({ to: "nowhere" }), RpcError, "has no port");
    assertThrows(make({ pool: { type: "long", maxIdlePerAddress: 0 } }), RpcError, "less than 1");
    createDirectClient(EchoService, { ...options, protocol: framed() });
  });
});
