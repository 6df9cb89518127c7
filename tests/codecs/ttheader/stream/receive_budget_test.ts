/**
 * What streams of a connection may hold unread, seen from outside: a writer that must stop, readers that must go on.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../../lib/errors.ts";
import type { Client } from "../../../../lib/rpc/client_methods.ts";
import { runUntil } from "../../../lib/rpc/fixture.ts";
import { all, gate, type N, type Streams, streams, turns, type VecClient } from "./fixture.ts";

const KIB = 1024;
const MESSAGE_BYTES = KIB;

/** A server whose `count` sends messages of 1 KiB without an end, and notes how many. */
async function flood(): Promise<{ server: Streams; sent: () => number }> {
  let sent = 0;
  const server = await streams(
    {
      async *count() {
        for (;;) {
          sent++;
          yield await Promise.resolve({ n: sent, padding: new Uint8Array(MESSAGE_BYTES) });
        }
      },
    },
    {},
    { writeTimeoutMs: 0 },
  ); // else it would not wait for so slow a reader
  return { server, sent: () => sent };
}

async function firstOf(client: Client<VecClient>): Promise<AsyncIterator<N>> {
  const replies = client.count({ n: 0 })[Symbol.asyncIterator]();
  await replies.next();
  return replies;
}

describe("a reader that does not keep up", () => {
  it("stops its server, and gets every message all the same", async () => {
    const { server, sent } = await flood();
    await using _ = server;
    const replies = await firstOf(server.client({}, { maxUnreadBytes: 64 * KIB, stallMs: 1_000 }));
    await turns(200);
    const before = sent();
    await turns(200);
    assertEquals(sent(), before); // it waits
    // The budget, what connections keep before they hold up the peer, and what is on its way in one turn.
    assert(before * MESSAGE_BYTES < 8 * KIB * KIB, `${before} messages`);
    for (let n = 2; n <= before; n++) {
      assertEquals((await replies.next()).value?.n, n);
      if (n < 20) server.clock.advance(900); // slow, but it reads
    }
    await replies.return?.();
  });

  it("is given up for the others of its connection, which go on", async () => {
    const { server } = await flood();
    await using _ = server;
    const client = server.client({}, { maxUnreadBytes: 64 * KIB, stallMs: 1_000 });
    const hold = gate();
    const echo = client.bidi((async function* () {
      yield { n: 1 };
      await hold.opened;
      yield { n: 2 };
    })())[Symbol.asyncIterator]();
    assertEquals((await echo.next()).value?.n, 1);
    const slow = await firstOf(client);
    await turns(50);
    hold.open();
    assertEquals((await runUntil(server.clock, echo.next())).value?.n, 2);
    const error = await assertRejects(() => slow.next(), RpcError);
    assertEquals(error.kind, "overload");
    assertEquals((await echo.next()).done, true);
    await turns();
    assertEquals(server.server.stats.running, 0);
  });

  it("is given up at once where that is asked for", async () => {
    const { server } = await flood();
    await using _ = server;
    const client = server.client({}, { maxUnreadBytes: 64 * KIB, stallMs: 0 });
    const other = await firstOf(client);
    const slow = await firstOf(client);
    await turns(50);
    const errors = await Promise.all(
      [other, slow].map(async (replies) => {
        try {
          for (;;) if ((await replies.next()).done) return undefined;
        } catch (error) {
          return error instanceof RpcError ? error.kind : undefined;
        }
      }).slice(0, 1),
    );
    assertEquals(errors, ["overload"]);
    await slow.return?.();
  });

  it("is a handler, too: the caller has to wait, and other streams outlive the one not read", async () => {
    const hold = gate();
    let reason: RpcError | undefined;
    await using server = await streams({
      async sum(requests, { signal }) {
        signal.addEventListener("abort", () => reason = signal.reason);
        await hold.opened;
        let n = 0;
        for await (const request of requests) n += request.n;
        return { n };
      },
    }, { maxUnreadBytes: 64 * KIB, stallMs: 1_000 });
    const client = server.client();
    let sent = 0;
    async function* requests(): AsyncGenerator<N> {
      for (;;) {
        sent++;
        yield await Promise.resolve({ n: 1, padding: new Uint8Array(MESSAGE_BYTES) });
      }
    }
    const sum = assertRejects(() => client.sum(requests()), RpcError);
    await turns(100);
    const before = sent;
    await turns(100);
    assertEquals(sent, before);
    assert(before * MESSAGE_BYTES < 8 * KIB * KIB, `${before} messages`);
    const twice = client.bidi([{ n: 1 }]);
    assertEquals(await runUntil(server.clock, all(twice)), [1]);
    assertEquals((await sum).remote, true);
    assertEquals(reason?.kind, "overload");
    hold.open();
  });
});

describe("10,000 streams on a connection", () => {
  it("answer while one of them is not read, within the bound", async () => {
    const COUNT = 10_000;
    let sent = 0;
    await using server = await streams({
      async *count() {
        for (;;) {
          sent++;
          yield await Promise.resolve({ n: sent, padding: new Uint8Array(MESSAGE_BYTES) });
        }
      },
    });
    const client = server.client();
    const slow = await firstOf(client);
    const hold = gate();
    const streamsOfMany = Array.from({ length: COUNT - 1 }, () =>
      client.bidi((async function* () {
        yield { n: 1 };
        await hold.opened;
        yield { n: 2 };
      })())[Symbol.asyncIterator]());
    const firsts = await runUntil(server.clock, Promise.all(streamsOfMany.map((replies) => replies.next())));
    assertEquals(firsts.filter(({ value }) => value?.n === 1).length, COUNT - 1);
    assert(server.server.stats.running >= COUNT - 1);
    assertEquals(server.server.stats.connections, 1);
    // 1 MiB unread, and what the two connections keep before they hold up their peers.
    assert(sent * MESSAGE_BYTES < 8 * KIB * KIB, `${sent} messages of ${MESSAGE_BYTES} bytes`);
    hold.open();
    const seconds = await runUntil(server.clock, Promise.all(streamsOfMany.map((replies) => replies.next())));
    assertEquals(seconds.filter(({ value }) => value?.n === 2).length, COUNT - 1);
    await slow.return?.();
  });
});
