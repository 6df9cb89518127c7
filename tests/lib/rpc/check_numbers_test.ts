import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createWebClient } from "../../../codecs/connect/web_client.ts";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { framedClient } from "../../../codecs/thrift/client.ts";
import { createClient, createDirectClient, createServer, RpcError } from "../../../core.ts";
import { checkNumbers, deadlineAfter } from "../../../lib/rpc/check_numbers.ts";
import { createLocalClient } from "../../../lib/rpc/local_client.ts";
import { memory } from "../../../transports/memory.ts";
import { TestService } from "../../interop/grpc_handlers.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { fixture } from "./fixture.ts";

/** What a setting becomes that was not set, or was written with a sign or a unit too many. */
const WRONG = [NaN, -1, "500", null] as unknown as number[];

/** `make` throws an error of kind `"invalid"` that names the option. */
function refuses(name: string, make: () => unknown): void {
  const error = assertThrows(make, RpcError, `${name} is `);
  assertEquals(error.kind, "invalid");
}

describe("options that are numbers", () => {
  it("may be left out, nothing, and without a bound", () => {
    checkNumbers({ a: undefined, b: 0, c: 1.5, d: Infinity }, ["a", "b", "c", "d"]);
    const error = assertThrows(() => checkNumbers({ calls: 0 }, ["calls"], 1), RpcError);
    assertEquals(error.message, "calls is 0, not a number from 1 up");
  });

  it("give a deadline on the clock, and none for 0", () => {
    const clock = new ManualClock();
    assertEquals(deadlineAfter(0, clock), Infinity);
    assertEquals(deadlineAfter(250, clock), clock.now() + 250);
  });

  for (const value of WRONG) {
    const text = JSON.stringify(value) ?? String(value);
    it(`are refused by clients where they are ${text}`, () => {
      const transport = memory();
      for (const name of ["timeoutMs", "connectTimeoutMs"]) {
        const options = { to: "unix:server", transport, [name]: value };
        refuses(name, () => createClient(EchoService, { ...options, protocol: framed() }));
        refuses(name, () => createDirectClient(EchoService, { ...options, protocol: framedClient() }));
      }
      const streams = { to: "unix:server", transport, protocol: framed(), recvTimeoutMs: value };
      refuses("recvTimeoutMs", () => createClient(EchoService, streams));
      refuses("timeoutMs", () => createWebClient(TestService, { to: "http://h/", timeoutMs: value }));
      refuses("timeoutMs", () => createLocalClient(EchoService, echoHandlers(), { timeoutMs: value }));
    });

    it(`are refused by servers where they are ${text}`, () => {
      const names = [
        "idleTimeoutMs",
        "readTimeoutMs",
        "writeTimeoutMs",
        "exitWaitMs",
        "drainDelayMs",
        "maxConnections",
      ];
      for (const name of [...names, "maxConcurrentCalls"]) {
        refuses(name, () => createServer({ protocols: [framed()], [name]: value }));
      }
    });
  }

  it("are refused by the call that has them, and sent nowhere", async () => {
    await using f = await fixture();
    const client = f.client();
    for (const timeoutMs of [NaN, -1]) {
      const error = await assertRejects(() => client.ping({ timeoutMs }), RpcError, "timeoutMs is ");
      assertEquals(error.kind, "invalid");
    }
    assertEquals(f.server.stats.connections, 0);
  });
});
