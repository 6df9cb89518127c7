import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { channelOf, type ChannelState, RpcError } from "../../../core.ts";
import { createInstance } from "../../../lib/discovery/instance.ts";
import type { Resolver } from "../../../lib/discovery/resolver.ts";
import { network, turns } from "../../codecs/grpc/network.ts";
import type { ManualClock } from "../io/manual_clock.ts";
import { deferred, runUntil } from "./fixture.ts";

/** The error of a call that fails without time going by. */
async function fails(call: Promise<unknown>): Promise<RpcError> {
  return await assertRejects(() => call, RpcError);
}

/** Finds one instance, and notes when it is asked and when it is closed. */
function noting(seen: string[]): Resolver {
  return {
    name: "noted",
    resolve(_, sink) {
      seen.push("looked up");
      queueMicrotask(() => sink.update([createInstance({ address: "10.0.0.1:1" })]));
      return { refresh() {}, close: () => void seen.push("closed") };
    },
  };
}

describe("a channel without calls", () => {
  /** Lets time go by, so that whatever is due happens in between. */
  async function pass(net: { readonly clock: ManualClock }, ms: number, stepMs = 500): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      net.clock.advance(Math.min(stepMs, ms - passed));
      await new Promise((resolve) => setTimeout(resolve));
    }
    await turns();
  }
  const pool = { type: "channel", idleTimeoutMs: 10_000 } as const;

  it("closes its connections, and dials anew for the next call", async () => {
    await using net = network();
    const server = await net.up(1);
    const client = net.client("10.0.0.1:1", { pool });
    const channel = channelOf(client);
    const seen: ChannelState[] = [];
    channel.onStateChange((state) => seen.push(state));
    for (let i = 0; i < 3; i++) {
      await client.ping();
      await pass(net, 9_800);
    }
    assertEquals(seen, ["connecting", "ready"]);
    await pass(net, 400);
    assertEquals([seen, channel.subchannels], [["connecting", "ready", "idle"], []]);
    assertEquals([server.stats.connections, net.dials.length], [0, 1]);
    await client.ping();
    assertEquals([seen.slice(3), net.dials.length], [["connecting", "ready"], 2]);
    await pass(net, 10_200);
    assertEquals(channel.state, "idle");
  });

  it("is one without streams too, and counts from the end of the last", async () => {
    await using net = network();
    const finish = deferred<string>();
    await net.up(1, {}, { sleep: () => finish.promise });
    const client = net.client("10.0.0.1:1", { pool });
    const call = client.sleep(0);
    await pass(net, 35_000);
    assertEquals(channelOf(client).state, "ready");
    finish.resolve("done");
    assertEquals(await call, "done");
    await pass(net, 9_800);
    assertEquals(channelOf(client).state, "ready");
    await pass(net, 400);
    assertEquals(channelOf(client).state, "idle");
  });

  it("gives up connecting, but for calls that wait", async () => {
    await using net = network();
    const client = net.client("10.0.0.1:1", { pool });
    const waiting = client.echoString("late", { waitForReady: true });
    await pass(net, 35_000);
    const dials = net.dials.length;
    assert(dials > 3, `${dials} dials`);
    await net.up(1);
    assertEquals(await runUntil(net.clock, waiting), "late");
    await net.down(1);
    channelOf(client).connect();
    await pass(net, 10_500);
    assertEquals(channelOf(client).state, "idle");
    const before = net.dials.length;
    await pass(net, 60_000);
    assertEquals(net.dials.length, before);
  });

  it("looks nothing up, until the next call", async () => {
    await using net = network();
    await net.up(1);
    const seen: string[] = [];
    const resolver = noting(seen);
    const client = net.client("noted", { pool, resolver });
    await client.ping();
    await pass(net, 10_200);
    assertEquals(seen, ["looked up", "closed"]);
    await client.ping();
    assertEquals(seen, ["looked up", "closed", "looked up"]);
  });

  it("is one that was warmed up and had none", async () => {
    await using net = network();
    const server = await net.up(1);
    const client = net.client("10.0.0.1:1", { pool });
    assertEquals((await client.warmUp()).map(({ connections }) => connections), [1]);
    await pass(net, 9_800);
    assertEquals(server.stats.connections, 1);
    await pass(net, 400);
    assertEquals([server.stats.connections, channelOf(client).state], [0, "idle"]);
  });

  it("is none whose calls fail", async () => {
    await using net = network();
    const seen: string[] = [];
    const resolver = noting(seen);
    const client = net.client("noted", { pool, resolver });
    for (let i = 0; i < 10; i++) {
      await fails(client.ping());
      await pass(net, 4_000);
    }
    assertEquals(seen, ["looked up"]);
    await pass(net, 20_000);
    assertEquals([seen, channelOf(client).state], [["looked up", "closed"], "idle"]);
  });

  it("goes on for ever where it is told so, and for half an hour where it is not", async () => {
    await using net = network();
    await net.up(1);
    const forever = net.client("10.0.0.1:1", { pool: { type: "channel", idleTimeoutMs: 0 } });
    const usual = net.client("10.0.0.1:1");
    await Promise.all([forever.ping(), usual.ping()]);
    const [first, second] = [channelOf(forever), channelOf(usual)];
    await net.down(1);
    first.connect();
    second.connect();
    await pass(net, 1_700_000, 20_000);
    assert(second.state !== "idle");
    await pass(net, 120_000, 20_000);
    assertEquals(second.state, "idle");
    assert(first.state !== "idle");
    const bad = { type: "channel", idleTimeoutMs: -1 } as const;
    assertEquals(assertThrows(() => net.client("10.0.0.1:1", { pool: bad }), RpcError).kind, "invalid");
  });
});
