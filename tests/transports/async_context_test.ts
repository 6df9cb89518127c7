import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Call } from "../../lib/rpc/call.ts";
import { systemClock } from "../../lib/io/clock.ts";
import { makeAsyncContext } from "../../transports/async_context.ts";
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

describe("the context of calls", () => {
  it("keeps a call for what it starts, once it was asked", async () => {
    const { run, current } = makeAsyncContext()!;
    assertEquals(current(), undefined);
    const call = callOf();
    await run(call, async () => {
      assertStrictEquals(current(), call);
      await Promise.resolve();
      assertStrictEquals(current(), call);
    });
    assertEquals(current(), undefined);
  });

  it("keeps none while nobody asks, but knows the one whose handler is the first to", async () => {
    const { run, current } = makeAsyncContext()!;
    const [outer, inner] = [callOf(), callOf()];
    const after = run(outer, async () => {
      run(inner, () => {});
      assertStrictEquals(current(), outer);
      run(inner, () => assertStrictEquals(current(), inner));
      await Promise.resolve();
      return current();
    });
    assertEquals(await after, undefined);
  });
});
