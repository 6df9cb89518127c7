import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createClient } from "../../../../core.ts";
import { decodeFrame, encodeFrame, type Frame } from "../../../../codecs/ttheader/frame.ts";
import { ttheaderStreaming } from "../../../../codecs/ttheader/stream/protocol.ts";
import { framed } from "../../../../codecs/thrift/protocol.ts";
import { RpcError } from "../../../../lib/errors.ts";
import type { RawConn } from "../../../../lib/io/raw.ts";
import { WriteBuffer } from "../../../../lib/io/write_buffer.ts";
import { Metadata } from "../../../../lib/rpc/metadata.ts";
import { recv, send } from "../../../../lib/rpc/stream/message_middleware.ts";
import { memory } from "../../../../transports/memory.ts";
import { RawPeer, runUntil } from "../../../lib/rpc/fixture.ts";
import { all, gate, type N, streams, turns, Vec, type VecClient } from "./fixture.ts";

describe("a client of TTHeader streaming", () => {
  it("streams both ways, one way, and not at all", async () => {
    await using server = await streams();
    const client = server.client();
    assertEquals(await all(client.bidi([{ n: 1 }, { n: 2 }])), [1, 2]);
    assertEquals((await client.sum([{ n: 1 }, { n: 2 }])).n, 3);
    assertEquals(await all(client.count({ n: 3 })), [0, 1, 2]);
    assertEquals((await client.once({ n: 5 })).n, 5);
    assertEquals(server.server.stats.connections, 1);
  });

  it("makes no call before its answers are read", async () => {
    await using server = await streams();
    const client = server.client();
    const replies = client.count({ n: 3 });
    await turns();
    assertEquals(server.server.stats.calls, 0);
    await replies[Symbol.asyncIterator]().return?.();
    assertEquals(await all(replies), []);
    assertEquals(server.server.stats.calls, 0);
  });

  it("takes what the server sends back into the caller's own metadata", async () => {
    await using server = await streams({
      async *bidi(requests, { meta }) {
        meta.backward.set("header", meta.transient.get("key") ?? "");
        meta.trailers.set("trailer", "t");
        yield* requests;
      },
    });
    const meta = new Metadata({ transient: { key: "value" } });
    const replies = server.client().bidi([{ n: 1 }], { meta })[Symbol.asyncIterator]();
    await replies.next();
    assertEquals(meta.backward, new Map([["header", "value"]]));
    await replies.next();
    assertEquals(meta.trailers, new Map([["trailer", "t"]]));
  });

  it("sends requests while it gets replies, no faster than the handler reads the first", async () => {
    await using server = await streams();
    const sent: number[] = [];
    async function* requests(): AsyncGenerator<N> {
      for (let n = 0; n < 3; n++) {
        sent.push(n);
        yield await Promise.resolve({ n });
      }
    }
    assertEquals(await all(server.client().bidi(requests())), [0, 1, 2]);
    assertEquals(sent, [0, 1, 2]);
  });

  it("gives the server's error after the messages before it", async () => {
    for (
      const [error, kind, code] of [
        [new RpcError("business", "no", { code: -3, extra: { k: "v" } }), "business", -3],
        [new Error("plain"), "internal", 6],
        [new RpcError("protocol", "bad"), "protocol", 7],
      ] as const
    ) {
      await using server = await streams({
        async *bidi() {
          yield await Promise.resolve({ n: 1 });
          throw error;
        },
      });
      const got: number[] = [];
      const caught = await assertRejects(async () => {
        for await (const { n } of server.client().bidi([])) got.push(n);
      }, RpcError);
      assertEquals([caught.kind, caught.code, caught.message, caught.remote], [kind, code, error.message, true]);
      assertEquals(got, [1]);
      if (kind === "business") assertEquals([caught.extra, server.failures], [{ k: "v" }, []]);
    }
  });

  it("tells the server when the reader leaves, a signal fires, the time is over, or no message comes", async () => {
    const ways: [name: string, code: number, kind: string][] = [
      ["leave", 12007, "canceled"],
      ["signal", 12007, "canceled"],
      ["timeout", 12015, "timeout"],
      ["receive", 12014, "timeout"],
      ["requests", 12008, "canceled"],
    ];
    for (const [way, code, kind] of ways) {
      const over = gate();
      let reason: RpcError | undefined;
      let left = false;
      await using server = await streams({
        async *bidi(_requests, { signal }) {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            over.open();
          });
          try {
            yield { n: 1 };
            await over.opened;
            yield { n: 2 };
          } finally {
            left = true;
          }
        },
      });
      const controller = new AbortController();
      const broken = gate();
      const client = server.client();
      const options = {
        signal: controller.signal,
        ...(way === "timeout" ? { timeoutMs: 500 } : way === "receive" ? { recvTimeoutMs: 500 } : {}),
      };
      const replies = client.bidi(brokenAt(broken.opened), options)[Symbol.asyncIterator]();
      assertEquals(await replies.next(), { done: false, value: { n: 1, padding: undefined } });
      if (way === "leave") await replies.return?.();
      else {
        const second = replies.next();
        if (way === "signal") controller.abort();
        if (way === "requests") broken.open();
        const error = await assertRejects(() => runUntil(server.clock, second), RpcError);
        assertEquals(error.kind, kind, way);
      }
      assertEquals((await replies.next()).done, true);
      await over.opened;
      await turns();
      assertEquals([reason?.kind, reason?.code, left], [kind, code, true], way);
      assertEquals(server.server.stats.running, 0);
      assertEquals((await client.once({ n: 1 })).n, 1);
      assertEquals(server.server.stats.connections, 1);
      broken.open();
    }
  });

  it("tells the next server through which services a cancellation came", async () => {
    const seen: RpcError[] = [];
    const over = gate();
    await using last = await streams({
      async *bidi(requests, { signal }) {
        signal.addEventListener("abort", () => {
          seen.push(signal.reason as RpcError);
          over.open();
        });
        yield* requests;
      },
    });
    const inner = last.client();
    await using first = await streams({
      bidi: (requests, { signal }) => inner.bidi(requests, { signal }),
    });
    const controller = new AbortController();
    async function* requests(): AsyncGenerator<N> {
      yield { n: 1 };
      await over.opened;
    }
    const replies = first.client().bidi(requests(), { signal: controller.signal })[Symbol.asyncIterator]();
    assertEquals((await replies.next()).value?.n, 1);
    const second = assertRejects(() => replies.next(), RpcError);
    controller.abort();
    assertEquals((await second).kind, "canceled");
    await over.opened;
    assertEquals(seen.map(({ kind, code }) => [kind, code]), [["canceled", 12007]]);
  });

  it("sends nothing for a signal that has fired, or a request it cannot encode", async () => {
    await using server = await streams();
    const client = server.client();
    await assertRejects(() => client.sum([], { signal: AbortSignal.abort() }), RpcError);
    await assertRejects(() => all(client.count({ n: 1 }, { signal: AbortSignal.abort() })), RpcError);
    const wrong = await assertRejects(() => client.sum([{ n: "text" as never }]), RpcError);
    assertEquals(wrong.kind, "invalid");
    const none = await assertRejects(() => client.sum(5 as never), RpcError, "argument req of sum is no AsyncIterable");
    assertEquals(none.kind, "invalid");
    assertEquals((await client.once({ n: 1 })).n, 1);
  });

  it("ends a stream whose server answers before all was sent, and leaves the requests", async () => {
    let left = false;
    await using server = await streams({ sum: () => ({ n: 7 }) });
    const never = gate();
    async function* requests(): AsyncGenerator<N> {
      try {
        yield { n: 1 };
        await never.opened;
      } finally {
        left = true;
      }
    }
    assertEquals((await server.client().sum(requests())).n, 7);
    never.open();
    await turns();
    assertEquals(left, true);
  });

  it("fails all streams of a broken connection once, and opens another for the next", async () => {
    const transport = memory();
    const accepted: RawConn[] = [];
    const listener = await transport.listen({ path: "p" }, (conn) => {
      conn.start({ chunk: () => {}, end: () => {}, drain: () => {}, close: () => {} });
      accepted.push(conn);
    });
    const client = createClient(Vec, { to: "unix:p", transport, protocol: ttheaderStreaming() });
    const calls = Array.from({ length: 5 }, () => assertRejects(() => all(client.count({ n: 1 })), RpcError));
    await turns();
    accepted[0]!.abort();
    assertEquals((await Promise.all(calls)).map((error) => error.kind), new Array(5).fill("transport"));
    const again = assertRejects(() => all(client.count({ n: 1 })), RpcError);
    await turns();
    assertEquals(accepted.length, 2);
    await client.close();
    assertEquals((await again).kind, "canceled");
    await listener.close();
  });

  it("rejects a call while it dials, as soon as that is over", async () => {
    const transport = memory();
    const dialling = { ...transport, dial: () => new Promise<never>(() => {}) };
    const client = createClient(Vec, { to: "unix:p", transport: dialling, protocol: ttheaderStreaming() });
    const controller = new AbortController();
    const call = assertRejects(() => all(client.count({ n: 1 }, { signal: controller.signal })), RpcError);
    controller.abort();
    assertEquals((await call).kind, "canceled");
    const left = client.count({ n: 1 })[Symbol.asyncIterator]();
    const first = assertRejects(() => left.next(), RpcError);
    await left.return?.();
    assertEquals((await first).kind, "canceled");
  });

  it("refuses streams above its limit", async () => {
    await using server = await streams();
    const client = server.client({}, { maxStreams: 1 });
    const hold = gate();
    async function* requests(): AsyncGenerator<N> {
      yield { n: 1 };
      await hold.opened;
    }
    const replies = client.bidi(requests())[Symbol.asyncIterator]();
    await replies.next();
    const error = await assertRejects(() => client.once({ n: 1 }), RpcError);
    assertEquals(error.kind, "overload");
    hold.open();
    assertEquals((await replies.next()).done, true);
    assertEquals((await client.once({ n: 1 })).n, 1);
  });

  it("ends its streams when it is closed", async () => {
    const over = gate();
    await using server = await streams({
      async *bidi(requests, { signal }) {
        signal.addEventListener("abort", over.open);
        yield* requests;
      },
    });
    const client = server.client();
    const hold = gate();
    const replies = client.bidi((async function* () {
      yield { n: 1 };
      await hold.opened;
    })())[Symbol.asyncIterator]();
    await replies.next();
    const second = assertRejects(() => replies.next(), RpcError);
    await client.close();
    assertEquals((await second).kind, "canceled");
    await over.opened;
    hold.open();
  });

  it("says what a protocol that cannot stream lacks", async () => {
    await using server = await streams();
    const client = server.client({ protocol: framed() });
    const error = await assertRejects(() => all(client.count({ n: 1 })), RpcError);
    assertEquals(error.kind, "unimplemented");
    assertStringIncludes(error.message, "count streams, which framed cannot carry");
    const streaming = server.client({ protocol: framed(), streaming: ttheaderStreaming() });
    assertEquals(await all(streaming.count({ n: 2 })), [0, 1]);
  });

  it("runs send and recv on each message of its side", async () => {
    const sent: unknown[] = [];
    await using server = await streams({}, {}, {
      use: [
        recv((message) => ({ n: (message as N).n * 10 })),
        send((message) => Promise.resolve({ n: (message as N).n + 1 })),
      ],
    });
    const client = server.client({
      use: [
        send((message) => (sent.push(message), message)),
        recv((message) => ({ n: -(message as N).n })),
      ],
    });
    assertEquals(await all(client.bidi([{ n: 1 }, { n: 2 }])), [-11, -21]);
    assertEquals(await client.sum([{ n: 1 }, { n: 2 }]), { n: -31 });
    assertEquals(await all(client.count({ n: 0 })), []);
    assertEquals((await client.once({ n: 4 })).n, 4);
    assertEquals(sent, [{ n: 1 }, { n: 2 }, { n: 1 }, { n: 2 }, { n: 0 }]);
    const picky = server.client({
      use: [recv(() => {
        throw new RpcError("forbidden", "not this one");
      })],
    });
    await assertRejects(() => all(picky.bidi([{ n: 1 }])), RpcError, "not this one");
    await turns();
    assertEquals(server.server.stats.running, 0);
  });
});

describe("a client of TTHeader streaming, with a server that breaks rules", () => {
  it("fails the stream alone for what is wrong in it", async () => {
    const cases: [type: string, strings: Record<string, string>, payload: string, kind: string, code: number][] = [
      ["3", {}, "0800", "protocol", 12004],
      ["4", {}, "80010003", "protocol", 12004],
      ["4", { "biz-status": "x" }, "", "protocol", 12003],
      ["4", { "biz-status": "5", "biz-extra": "[" }, "", "protocol", 12003],
      ["5", {}, "", "canceled", 13],
    ];
    for (const [type, strings, payload, kind, code] of cases) {
      await using peer = await badServer();
      const call = assertRejects(() => all(peer.client.count({ n: 1 })), RpcError);
      const { seqid } = await peer.opened();
      peer.send(frame("2", seqid, {}), frame(type, seqid, strings, payload));
      const error = await call;
      assertEquals([error.kind, error.code], [kind, code]);
      const good = all(peer.client.count({ n: 1 }));
      const id = (await peer.opened()).seqid;
      // Late frames of the stream before, and frames of streams that never were, do no harm.
      peer.send(frame("3", seqid, {}, "00"), frame("5", 99, {}), frame("1", id, {}), frame("4", id, { k: "v" }));
      assertEquals(await good, []);
    }
  });

  it("fails the stream for a second header", async () => {
    await using peer = await badServer();
    const call = assertRejects(() => all(peer.client.count({ n: 1 })), RpcError);
    const { seqid } = await peer.opened();
    peer.send(frame("2", seqid, {}), frame("2", seqid, {}));
    assertEquals((await call).code, 12002);
  });

  it("takes a stream that its server closes for one that can be tried again, elsewhere", async () => {
    await using peer = await badServer();
    const call = assertRejects(() => all(peer.client.count({ n: 1 })), RpcError);
    const { seqid } = await peer.opened();
    const closing = "80010003" + "00000000" + "00000000" + "0b000100000000" + "08000200002ee6" + "00";
    peer.send(frame("4", seqid, {}, closing));
    const error = await call;
    assertEquals([error.kind, error.code, error.retryable], ["unavailable", 12006, true]);
    void all(peer.client.count({ n: 1 })).catch(() => {});
    await turns();
    assertEquals(peer.connections, 2);
  });

  it("drops the connection for bytes that are no frame, and fails each stream once", async () => {
    await using peer = await badServer();
    const calls = [0, 1].map(() => assertRejects(() => all(peer.client.count({ n: 1 })), RpcError));
    await peer.opened();
    peer.send("00000020ffff00020000");
    peer.send("0000000000000000000000000000000000000000");
    assertEquals((await Promise.all(calls)).map(({ kind }) => kind), ["protocol", "protocol"]);
  });

  it("rejects a server that sends no message, or two, where one is due", async () => {
    for (const [messages, text] of [[0, "ended without a message"], [2, "sent more than one message"]] as const) {
      await using peer = await badServer();
      const call = assertRejects(() => peer.client.sum([]), RpcError, text);
      const { seqid } = await peer.opened();
      peer.send(...Array.from({ length: messages }, () => frame("3", seqid, {}, "00")), frame("4", seqid, {}));
      assertEquals((await call).kind, "protocol");
    }
  });
});

function frame(type: string, id: number, strings: Record<string, string>, payload = ""): string {
  const w = new WriteBuffer();
  encodeFrame(w, {
    flags: 2,
    seqid: id,
    protocolId: 0x10,
    strings: new Map(Object.entries(strings)),
    ints: new Map([[27, type], [9, "count"]]),
    payload: Uint8Array.from({ length: payload.length / 2 }, (_, i) => parseInt(payload.slice(2 * i, 2 * i + 2), 16)),
  });
  return Array.from(w.bytes.subarray(0, w.pos), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Requests that fail when the promise is resolved. */
function brokenAt(when: Promise<void>): AsyncIterable<N> {
  const next = async (): Promise<never> => {
    await when;
    throw new Error("requests broke");
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

interface BadServer {
  readonly client: VecClient & { close(): Promise<void> };
  readonly connections: number;
  /** Waits for the next Header frame. */
  opened(): Promise<Frame>;
  /** Sends frames given as hex. */
  send(...frames: string[]): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server whose frames the test writes. */
async function badServer(): Promise<BadServer> {
  const transport = memory();
  const peers: RawPeer[] = [];
  const listener = await transport.listen({ path: "bad" }, (conn) => void peers.push(new RawPeer(conn)));
  const client = createClient(Vec, { to: "unix:bad", transport, protocol: ttheaderStreaming() });
  return {
    client,
    get connections() {
      return peers.length;
    },
    async opened() {
      while (peers.length === 0) await turns(1);
      for (;;) {
        const length = await peers[0]!.receive(4);
        const hex = length + await peers[0]!.receive(parseInt(length, 16));
        const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
        const frame = decodeFrame(bytes)!;
        if (frame.ints.get(27) === "2") return frame;
      }
    },
    send: (...frames) => peers[0]!.send(frames.join("")),
    async [Symbol.asyncDispose]() {
      await client.close();
      for (const { conn } of peers) conn.abort();
      await listener.close();
      assert(peers.length > 0);
    },
  };
}
