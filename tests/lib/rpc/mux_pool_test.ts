import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ResolutionSink } from "../../../lib/discovery/resolver.ts";
import { createInstance } from "../../../lib/discovery/instance.ts";
import { RpcError } from "../../../lib/errors.ts";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { muxPool } from "../../../lib/rpc/mux_pool.ts";
import type { ClientSession } from "../../../lib/rpc/protocol.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { all, gate, type N, streams, turns } from "../../codecs/ttheader/stream/fixture.ts";
import { fixture } from "./fixture.ts";

/** Moves the clock on in steps small enough for every timer to be set again. */
async function pass(clock: { advance(ms: number): void }, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    clock.advance(Math.min(left, 5_000));
    await turns(1);
  }
}

describe("a shared connection of the mux pool", () => {
  it("is closed a minute after its last stream, half a minute later at most", async () => {
    await using f = await streams({}, {}, { idleTimeoutMs: 0 });
    const client = f.client();
    await all(client.count({ n: 3 }));
    await pass(f.clock, 59_000);
    assertEquals(f.server.stats.connections, 1);
    await pass(f.clock, 32_000);
    assertEquals(f.server.stats.connections, 0);
    assertEquals(await all(client.count({ n: 2 })), [0, 1]);
    assertEquals(f.server.stats.accepted, 2);
  });

  it("stays open for a stream however long it says nothing, and while streams come", async () => {
    const end = gate();
    await using f = await streams(
      {
        async *count({ n }): AsyncGenerator<N> {
          if (n === 0) await end.opened;
          yield { n };
        },
      },
      {},
      { idleTimeoutMs: 0 },
    );
    const client = f.client();
    const open = all(client.count({ n: 0 }));
    await turns();
    await pass(f.clock, 300_000);
    end.open();
    assertEquals(await open, [0]);
    for (let i = 0; i < 10; i++) {
      await pass(f.clock, 40_000);
      await all(client.count({ n: 1 }));
    }
    assertEquals([f.server.stats.accepted, f.server.stats.connections], [1, 1]);
  });

  it("may be told to stay longer, or for good", async () => {
    await using f = await streams({}, {}, { idleTimeoutMs: 0 });
    const longer = f.client({ pool: { type: "mux", maxIdleTimeoutMs: 100_000 } });
    const forGood = f.client({ pool: { type: "mux", maxIdleTimeoutMs: 0 } });
    await Promise.all([longer, forGood].map((client) => all(client.count({ n: 1 }))));
    await pass(f.clock, 95_000);
    assertEquals(f.server.stats.connections, 2);
    await pass(f.clock, 200_000);
    assertEquals(f.server.stats.connections, 1);
  });

  it("carries unary calls under the same rule", async () => {
    await using f = await fixture({}, { idleTimeoutMs: 0 });
    const client = f.client({ pool: { type: "mux", maxIdleTimeoutMs: 2_000 } });
    await client.ping();
    await pass(f.clock, 4_000);
    assertEquals(f.server.stats.connections, 0);
  });

  it("leaves no timer behind once it is closed", async () => {
    await using f = await streams({}, {}, { idleTimeoutMs: 0 });
    const client = f.client();
    await all(client.count({ n: 1 }));
    assert(f.clock.pending > 0);
    await client.close();
    await pass(f.clock, 5_000); // what the server waits for
    assertEquals(f.clock.pending, 0);
  });

  it("of an instance that left is closed when its last stream is given up", async () => {
    let sink: ResolutionSink | undefined;
    await using f = await streams({}, {}, { idleTimeoutMs: 0 });
    const client = f.client({
      to: "vec",
      resolver: {
        name: "by hand",
        resolve: (_, to) => {
          sink = to;
          to.update([createInstance({ address: "unix:server" })]);
          return { refresh: () => {}, close: () => {} };
        },
      },
    });
    for await (const _ of client.count({ n: 1_000_000 })) {
      sink!.update([createInstance({ address: "unix:other" })]);
      await turns();
      assertEquals(f.server.stats.connections, 1);
      break;
    }
    await turns();
    assertEquals(f.server.stats.connections, 0);
  });

  it("is not kept if it broke before its dial was heard of", async () => {
    let closes = 0;
    const session = {
      usable: false,
      pendingCount: 0,
      conn: { onClose: (fn: () => void) => fn(), close: () => void closes++ },
    };
    const wheel = new TimerWheel(new ManualClock());
    const dial = (): Promise<ClientSession> => Promise.resolve(session as unknown as ClientSession);
    const pool = muxPool({ type: "mux" }, { dial, wheel });
    const to = { path: "server" };
    assertEquals(await pool.acquire(to) as unknown, session);
    pool.leave(to); // closes what it has
    assertEquals(closes, 0);
    await pool.close();
  });

  it("needs limits that can be kept", async () => {
    await using f = await fixture();
    const refused = (pool: { connections?: number; maxIdleTimeoutMs?: number }): string =>
      assertThrows(() => f.client({ protocol: framed(), pool: { type: "mux", ...pool } }), RpcError).message;
    assertEquals(refused({ connections: 0 }), "connections 0 is not 1 to 1024");
    assertEquals(refused({ maxIdleTimeoutMs: 100 }), "maxIdleTimeoutMs 100 is neither 0 nor at least 2000");
    assertEquals(refused({ maxIdleTimeoutMs: NaN }), "maxIdleTimeoutMs NaN is neither 0 nor at least 2000");
  });
});
