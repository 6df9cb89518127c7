import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Call } from "../../lib/rpc/call.ts";
import { systemClock } from "../../lib/io/clock.ts";
import { type AsyncContexts, makeAsyncContexts } from "../../transports/async_context.ts";
import { EchoService } from "../interop/gen/echo.ts";

function callOf(): Call {
  return new Call({
    service: EchoService,
    method: EchoService.methods[0]!,
    args: {},
    side: "server",
    clock: systemClock,
  });
}

function contexts(): AsyncContexts {
  return makeAsyncContexts()!;
}

describe("contexts of calls", () => {
  it("keep a call for what it starts, once there is a client", async () => {
    const { ofServers, ofClient } = contexts();
    const { current } = ofClient();
    const call = callOf();
    await ofServers.run(call, async () => {
      assertStrictEquals(current(), call);
      await Promise.resolve();
      assertStrictEquals(current(), call);
    });
    assertEquals(current(), undefined);
  });

  it("keep none while there is no client to ask, but find the one whose handler makes the first", async () => {
    const { ofServers, ofClient } = contexts();
    const [outer, inner] = [callOf(), callOf()];
    const after = ofServers.run(outer, async () => {
      ofServers.run(inner, () => {});
      assertStrictEquals(ofClient().current(), outer);
      ofServers.run(inner, () => assertStrictEquals(ofClient().current(), inner));
      await Promise.resolve();
      return ofClient().current();
    });
    assertEquals(await after, undefined);
  });
});
