import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { channelOf, type ChannelState, createClient, RpcError } from "../../../core.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { grpcResolvers } from "../../../codecs/grpc/targets.ts";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { pickFirst } from "../../../lib/discovery/balancers/pick_first.ts";
import { memory } from "../../../transports/memory.ts";
import { at, network, turns } from "../../codecs/grpc/network.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { deferred, runUntil } from "./fixture.ts";

/** The error of a call that fails without time going by. */
async function fails(call: Promise<unknown>): Promise<RpcError> {
  return await assertRejects(() => call, RpcError);
}

describe("channelOf", () => {
  it("tells of each state, from idle to shutdown", async () => {
    await using net = network();
    await net.up(1);
    const client = net.client("10.0.0.1:1");
    const channel = channelOf(client);
    const seen: ChannelState[] = [channel.state];
    channel.onStateChange(() => {
      throw new Error("of a listener, which nobody hears of");
    });
    channel.onStateChange((state) => seen.push(state));
    await client.ping();
    assertEquals(seen, ["idle", "connecting", "ready"]);
    assertEquals(channel.subchannels, [{ address: "10.0.0.1:1", state: "ready" }]);
    await net.down(1);
    assertEquals(channel.state, "idle");
    await fails(client.ping());
    assertEquals(channel.state, "transient-failure");
    await client.close();
    assertEquals(seen.slice(3), ["idle", "connecting", "transient-failure", "shutdown"]);
  });

  it("connects without a call when it is told to, and waits for states", async () => {
    await using net = network();
    await net.up(1);
    const channel = channelOf(net.client("10.0.0.1:1"));
    const left = channel.waitForStateChange("idle");
    channel.connect();
    assertEquals(await left, "connecting");
    assertEquals(await channel.waitForStateChange("connecting"), "ready");
    assertEquals(await channel.waitForStateChange("idle"), "ready");
  });

  it("ends a wait for a state with its signal, and leaves no listener behind", async () => {
    await using net = network();
    const channel = channelOf(net.client("10.0.0.1:1"));
    const controller = new AbortController();
    const waiting = channel.waitForStateChange("idle", { signal: controller.signal });
    controller.abort();
    assertEquals((await fails(waiting)).kind, "canceled");
    assertEquals((await fails(channel.waitForStateChange("idle", { signal: controller.signal }))).kind, "canceled");
  });

  it("has nothing to tell of a client whose connections are not managed", () => {
    const client = createClient(EchoService, { to: "unix:a", transport: memory(), protocol: framed() });
    assertEquals(assertThrows(() => channelOf(client), RpcError).kind, "invalid");
  });
});

describe("a channel that cannot connect", () => {
  it("waits as long as a connection may take, also with the call that asked for the list of addresses", async () => {
    await using net = network();
    net.mute.add(1);
    const error = await assertRejects(() => runUntil(net.clock, net.client("10.0.0.1:1").ping()), RpcError);
    assertEquals([error.kind, error.code, error.retryable], ["unavailable", 14, true]);
    assertStringIncludes(error.message, "10.0.0.1:1 said nothing for 20000 ms");
    const late = await assertRejects(
      () => runUntil(net.clock, net.client("10.0.0.1:1", { timeoutMs: 15_000 }).ping()),
      RpcError,
    );
    assertEquals(late.kind, "timeout");
  });

  it("fails calls at once, dials again as its waits allow, and tells why", async () => {
    await using net = network();
    const client = net.client("10.0.0.1:1");
    const error = await fails(client.ping());
    assertEquals([error.kind, error.code, error.retryable], ["unavailable", 14, true]);
    assert(error.message.includes("nothing listens there"), error.message);
    await fails(client.ping());
    assertEquals(net.dials, [[1, 0]]);
    for (let i = 0; i < 200; i++) {
      net.clock.advance(50);
      await turns();
    }
    // 1, 1.6, 2.56, 4.096 s; timers have a grain of 10 ms
    assertEquals(net.dials.map(([, ms]) => Math.round(ms / 100)), [0, 10, 26, 52, 93]);
    assertEquals((await fails(client.ping())).kind, "unavailable");
  });

  it("takes calls as soon as it is connected, and begins with the shortest wait again", async () => {
    await using net = network();
    const client = net.client("10.0.0.1:1");
    await fails(client.ping());
    net.clock.advance(1_010);
    await turns();
    await net.up(1);
    net.clock.advance(1_610);
    await turns();
    await client.ping();
    await net.down(1);
    net.dials.length = 0;
    await fails(client.ping());
    net.clock.advance(1_010);
    await turns();
    assertEquals(net.dials.length, 2);
  });

  it("dials again at once when it is told that the network is back", async () => {
    await using net = network();
    const client = net.client("10.0.0.1:1");
    await fails(client.ping());
    await net.up(1);
    channelOf(client).resetBackoff();
    await turns();
    assertEquals(channelOf(client).state, "ready");
    await client.ping();
  });

  it("drops a connection whose server has said nothing yet when the client is closed", async () => {
    const transport = memory();
    const gone = deferred<void>();
    const listener = await transport.listen({ hostname: "10.0.0.1", port: 1 }, (conn) => {
      conn.start({ chunk() {}, end() {}, drain() {}, close: () => gone.resolve() });
    });
    const client = createClient(EchoService, { to: "10.0.0.1:1", transport, protocol: grpc() });
    const call = fails(client.ping());
    await turns();
    assertEquals(channelOf(client).state, "connecting");
    await client.close();
    await gone.promise;
    assert(["canceled", "unavailable"].includes((await call).kind));
    await listener.close();
  });

  it("gives up a server that accepts and says nothing", async () => {
    await using net = network();
    net.mute.add(1);
    const client = net.client("10.0.0.1:1");
    const call = client.ping();
    const failed = fails(call);
    await turns();
    net.clock.advance(19_900);
    await turns();
    assertEquals(channelOf(client).state, "connecting");
    net.clock.advance(200);
    assertEquals((await failed).kind, "unavailable");
  });

  it("takes waits of the program's own, and refuses what are none", async () => {
    await using net = network();
    const backoff = { initialMs: 100, multiplier: 2, maxMs: 150, jitter: 0 };
    const client = net.client("10.0.0.1:1", { pool: { type: "channel", backoff } });
    await fails(client.ping());
    for (let i = 0; i < 40; i++) {
      net.clock.advance(10);
      await turns();
    }
    assertEquals(net.dials.map(([, ms]) => ms), [0, 100, 250, 400]);
    const bad = (more: object) => () => net.client("10.0.0.1:1", { pool: { type: "channel", backoff: more } });
    for (
      const more of [{ initialMs: 0 }, { multiplier: 0.5 }, { maxMs: 1 }, { jitter: 1 }, { minConnectTimeoutMs: 0 }]
    ) {
      assertEquals(assertThrows(bad(more), RpcError).kind, "invalid");
    }
  });
});

describe("waitForReady", () => {
  it("waits until there is a server, by call and by client", async () => {
    await using net = network();
    const one = net.client("10.0.0.1:1");
    const other = net.client("10.0.0.1:1", { waitForReady: true });
    const calls = [one.echoString("one", { waitForReady: true }), other.echoString("other")];
    await fails(one.echoString("at once"));
    await fails(other.echoString("at once", { waitForReady: false }));
    await net.up(1);
    assertEquals(await runUntil(net.clock, Promise.all(calls)), ["one", "other"]);
  });

  it("ends with the call's deadline or signal", async () => {
    await using net = network();
    const client = net.client("10.0.0.1:1", { waitForReady: true });
    const late = fails(client.ping({ timeoutMs: 300 }));
    assertEquals((await runUntil(net.clock, late)).kind, "timeout");
    const controller = new AbortController();
    const given = fails(client.ping({ signal: controller.signal }));
    controller.abort();
    assertEquals((await given).kind, "canceled");
    const closed = fails(client.ping());
    await client.close();
    assertEquals((await closed).kind, "canceled");
  });

  it("waits for a list of instances too", async () => {
    await using net = network();
    await net.up(1);
    let ask = (): Promise<string[]> => Promise.reject(new RpcError("connect", "no answer"));
    const resolvers = grpcResolvers({ lookup: () => ask() });
    const client = net.client("dns:///echo:1", { resolvers });
    const patient = client.echoString("patient", { waitForReady: true });
    assertEquals((await fails(client.ping())).kind, "unavailable");
    ask = () => Promise.resolve(["10.0.0.1"]);
    assertEquals(await runUntil(net.clock, patient), "patient");
  });
});

describe("a channel with several addresses", () => {
  it("keeps to the first that can be reached, and goes through the list again when that is lost", async () => {
    await using net = network();
    await net.up(2);
    await net.up(3);
    const client = net.client(at(1, 2, 3), { balancer: pickFirst() });
    for (let i = 0; i < 3; i++) await client.ping();
    assertEquals([net.dials.map(([port]) => port), net.served], [[1, 2], [2, 2, 2]]);
    await net.down(2);
    assertEquals(channelOf(client).state, "idle");
    await client.ping();
    assertEquals(net.served, [2, 2, 2, 3]);
    assertEquals(net.dials.map(([port]) => port).slice(-1), [3]);
  });

  it("fails calls once no address could be reached, and takes the first that can", async () => {
    await using net = network();
    const client = net.client(at(1, 2), { balancer: pickFirst() });
    assertEquals((await fails(client.ping())).kind, "unavailable");
    assertEquals(net.dials, [[1, 0], [2, 0]]);
    await net.up(2);
    net.clock.advance(1_010);
    await turns();
    await client.ping();
    assertEquals(net.served, [2]);
  });

  it("goes round those that are ready, and round all when they are back", async () => {
    await using net = network();
    await net.up(1);
    await net.up(2);
    const client = net.client(at(1, 2, 3));
    await client.ping();
    await turns();
    net.served.length = 0;
    for (let i = 0; i < 4; i++) await client.ping();
    assertEquals([...net.served].sort(), [1, 1, 2, 2]);
    await net.up(3);
    net.clock.advance(1_010);
    await turns();
    net.served.length = 0;
    for (let i = 0; i < 6; i++) await client.ping();
    assertEquals([...net.served].sort(), [1, 1, 2, 2, 3, 3]);
    await net.down(1);
    net.served.length = 0;
    for (let i = 0; i < 4; i++) await client.ping();
    assertEquals([...net.served].sort(), [2, 2, 3, 3]);
  });

  it("loses no call when a server goes, whatever is under way", async () => {
    await using net = network();
    const gate = deferred();
    await net.up(1, {}, { echoString: async (text) => (await gate.promise, `${text} of 1`) });
    await net.up(2, {}, { echoString: (text) => `${text} of 2` });
    const client = net.client(at(1, 2), { balancer: pickFirst() });
    const before = client.echoString("before");
    await turns();
    const closing = net.down(1);
    await turns();
    net.clock.advance(150);
    const after = client.echoString("after");
    assertEquals(await after, "after of 2");
    gate.resolve();
    assertEquals(await before, "before of 1");
    await closing;
  });

  it("sends calls to an address of their own", async () => {
    await using net = network();
    await net.up(1);
    await net.up(2);
    const client = net.client("10.0.0.1:1");
    await client.ping({ to: "10.0.0.1:2" });
    assertEquals(net.served, [2]);
    assertEquals((await fails(client.ping({ to: "10.0.0.1:3" }))).kind, "unavailable");
  });
});
