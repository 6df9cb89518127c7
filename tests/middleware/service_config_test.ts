import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { GrpcError } from "../../codecs/grpc/status.ts";
import { type CallContext, createClient, RpcError } from "../../mod.ts";
import { serviceConfig, serviceConfigBalancer } from "../../middleware/service_config.ts";
import { network, turns } from "../codecs/grpc/network.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { runUntil } from "../lib/rpc/fixture.ts";

const RETRY = {
  maxAttempts: 4,
  initialBackoff: "1s",
  maxBackoff: "3s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"],
};

/** A server that answers `echoString` as `answers` say one after the other, and what came when. */
async function scene(more: object, answers: ((context: CallContext) => void)[] = []) {
  const net = network();
  const came: { atMs: number; attempts: string | undefined; transient: number }[] = [];
  const beganMs = net.clock.now();
  await net.up(1, {}, {
    echoString(text, context) {
      const { meta } = context;
      const attempts = meta.headers.get("grpc-previous-rpc-attempts");
      came.push({
        atMs: Math.round((net.clock.now() - beganMs) / 100) * 100,
        attempts,
        transient: meta.persistent.size,
      });
      answers.shift()?.(context);
      return text;
    },
  });
  const config = { methodConfig: [{ name: [{ service: "EchoService" }], ...more }], ...more };
  const client = net.client("10.0.0.1:1", { use: [serviceConfig(config, { random: () => 0.5 })] });
  await client.ping();
  return {
    net,
    client,
    came,
    run: <T>(call: Promise<T>) => runUntil(net.clock, call),
    [Symbol.asyncDispose]: () => net[Symbol.asyncDispose](),
  };
}

const unavailable = (): never => {
  throw new GrpcError(14, "not now");
};

describe("serviceConfig", () => {
  it("sends a call again by its status, after its waits, and tells the server how often it was sent", async () => {
    await using s = await scene({ retryPolicy: RETRY }, [unavailable, unavailable, unavailable]);
    assertEquals(await s.run(s.client.echoString("a")), "a");
    assertEquals(s.came.map(({ attempts }) => attempts), [undefined, "1", "2", "3"]);
    assertEquals(s.came.map(({ transient }) => transient), [0, 0, 0, 0]);
    // Half of 1, 2 and 3 s.
    const [first, ...others] = s.came.map(({ atMs }) => atMs);
    assertEquals(others.map((ms) => ms - first!), [500, 1_500, 3_000]);
  });

  it("gives up after its tries, and on a status that is not in the list", async () => {
    await using s = await scene({ retryPolicy: { ...RETRY, maxAttempts: 2 } }, [unavailable, unavailable, () => {
      throw new GrpcError(13, "broken");
    }]);
    assertEquals((await s.run(assertRejects(() => s.client.echoString("a"), RpcError))).code, 14);
    assertEquals((await s.run(assertRejects(() => s.client.echoString("a"), RpcError))).code, 13);
    assertEquals(s.came.length, 3);
  });

  it("waits as the server asks, and sends no more when it asks for that", async () => {
    const push = (text: string) => ({ meta }: CallContext): never => {
      meta.trailers.set("grpc-retry-pushback-ms", text);
      return unavailable();
    };
    await using s = await scene({ retryPolicy: RETRY }, [push("2000"), push("-1")]);
    assertEquals((await s.run(assertRejects(() => s.client.echoString("a"), RpcError))).code, 14);
    assertEquals(s.came.map(({ atMs }) => atMs - s.came[0]!.atMs), [0, 2_000]);
  });

  it("stops sending again while too many calls fail", async () => {
    const more = { retryPolicy: { ...RETRY, maxAttempts: 2 }, retryThrottling: { maxTokens: 4, tokenRatio: 0.5 } };
    await using s = await scene(more, new Array(9).fill(unavailable));
    for (let i = 0; i < 3; i++) await s.run(s.client.echoString("a").catch(() => {}));
    // 4 tokens: the second failure leaves 2, half of them, and nothing is sent again from there on.
    assertEquals(s.came.length, 4);
  });

  it("sends nothing again for a call that says so", async () => {
    await using s = await scene({ retryPolicy: RETRY }, [unavailable]);
    await s.run(assertRejects(() => s.client.echoString("a", { retry: false }), RpcError));
    assertEquals(s.came.length, 1);
  });

  it("limits the time of a call with all its tries", async () => {
    await using s = await scene({ timeout: "0.3s", retryPolicy: RETRY }, [unavailable]);
    const error = await s.run(assertRejects(() => s.client.echoString("a"), RpcError));
    assertEquals([error.code, s.came.length], [14, 1]); // a retry would begin too late
  });

  it("limits messages both ways", async () => {
    await using s = await scene({ maxRequestMessageBytes: 50, maxResponseMessageBytes: 20 });
    const long = await s.run(assertRejects(() => s.client.echoString("x".repeat(60)), RpcError));
    assertEquals([long.kind, s.came.length], ["overload", 0]);
    assertEquals((await s.run(assertRejects(() => s.client.echoString("x".repeat(30)), RpcError))).kind, "overload");
    assertEquals([await s.run(s.client.echoString("x")), s.came.length], ["x", 2]);
  });

  it("lets calls wait for a connection, unless they say otherwise", async () => {
    await using net = network();
    const config = { methodConfig: [{ name: [{}], waitForReady: true }] };
    const client = net.client("10.0.0.1:1", { use: [serviceConfig(config)] });
    const call = client.echoString("a");
    await assertRejects(() => client.echoString("b", { waitForReady: false }), RpcError);
    await net.up(1);
    assertEquals(await runUntil(net.clock, call), "a");
    await turns();
  });

  it("is an option of the front door, with its balancer, and the only place for retries", async () => {
    await using net = network();
    for (const port of [1, 2]) await net.up(port);
    const { transport, clock } = net;
    const to = ["10.0.0.1:1", "10.0.0.1:2"];
    const config = JSON.stringify({
      loadBalancingConfig: [{ pick_first: {} }],
      methodConfig: [{ name: [{}], retryPolicy: RETRY }],
    });
    const options = { to, transport, clock, protocol: grpc(), serviceConfig: config };
    const client = createClient(EchoService, options);
    for (let i = 0; i < 4; i++) await client.ping();
    await client.close();
    assertEquals(net.served, [1, 1, 1, 1]);
    assertEquals(assertThrows(() => createClient(EchoService, { ...options, retry: {} }), RpcError).kind, "invalid");
  });
});

describe("serviceConfigBalancer", () => {
  it("gives what the config names, if it names one", () => {
    assertEquals(serviceConfigBalancer({ loadBalancingConfig: [{ round_robin: {} }] })?.name, "round_robin");
    assertEquals(serviceConfigBalancer('{"loadBalancingPolicy":"PICK_FIRST"}')?.name, "pick_first");
    assert(serviceConfigBalancer({}) === undefined);
  });
});
