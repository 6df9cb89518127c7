/**
 * Frames of streams, spoiled at random from a seed, against a server and a client. Nothing may throw out of the sessions,
 * no call may hang, and other connections must not notice.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createClient } from "../../../../core.ts";
import { encodeFrame } from "../../../../codecs/ttheader/frame.ts";
import { ttheaderStreaming } from "../../../../codecs/ttheader/stream/protocol.ts";
import { WriteBuffer } from "../../../../lib/io/write_buffer.ts";
import { memory } from "../../../../transports/memory.ts";
import { seeded } from "../../../lib/io/random.ts";
import { RawPeer } from "../../../lib/rpc/fixture.ts";
import { all, streams, turns, Vec } from "./fixture.ts";

const ROUNDS = 400;
const FRAMES = 12;
const METHODS = ["bidi", "sum", "count", "once", "", "toString", "__proto__", "no such method"];
const STRINGS = [
  "isn",
  "ttscp",
  "biz-status",
  "biz-message",
  "biz-extra",
  "RPC_TRANSIT_a",
  "RPC_PERSIST_",
  "__proto__",
];
const TEXTS = ["Vec", "", "1", "-1", "{", '{"a":1}', "x".repeat(300), "\u0000", "constructor"];
const PAYLOADS = [[], [0], [8, 0, 1, 0, 0, 0, 7, 0], [8, 0], [0x80, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0], [0xff, 0xff]];

type Random = (limit: number) => number;

function hostile(below: Random): Uint8Array {
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const w = new WriteBuffer();
  for (let i = 0; i < FRAMES; i++) {
    const start = w.pos;
    encodeFrame(w, {
      flags: below(20) === 0 ? below(0x10000) : 2,
      seqid: below(4) - 1,
      protocolId: pick([0x10, 0x10, 0x10, 0x11, 0]),
      strings: new Map(Array.from({ length: below(4) }, () => [pick(STRINGS), pick(TEXTS)])),
      ints: new Map([[27, `${below(7)}`], [9, pick(METHODS)], [below(40), pick(TEXTS)]]),
      payload: Uint8Array.from(pick(PAYLOADS)),
    });
    if (below(6) === 0) w.bytes[start + below(w.pos - start)] = below(256);
  }
  return w.bytes.slice(0, w.pos - below(3));
}

describe("spoiled frames", () => {
  it(`do no harm to a server: ${ROUNDS} connections of ${FRAMES} frames`, async () => {
    const below = seeded(20_261_123);
    await using server = await streams();
    const bystander = server.client();
    for (let round = 0; round < ROUNDS; round++) {
      const conn = await server.transport.dial({ path: "server" });
      new RawPeer(conn);
      conn.write(hostile(below));
      await turns(2);
      conn.abort();
      await turns(1);
      assertEquals(await all(bystander.count({ n: 2 })), [0, 1]);
    }
    await turns();
    assertEquals(server.server.stats.running, 0);
    assertEquals(server.server.stats.connections, 1);
  });

  it(`do no harm to a client: ${ROUNDS} servers that answer with ${FRAMES} of them`, async () => {
    const below = seeded(42);
    const transport = memory();
    const listener = await transport.listen({ path: "bad" }, (conn) => {
      conn.start({ chunk: () => {}, end: () => {}, drain: () => {}, close: () => {} });
      queueMicrotask(() => {
        conn.write(hostile(below));
        setTimeout(() => conn.abort());
      });
    });
    for (let round = 0; round < ROUNDS; round++) {
      const client = createClient(Vec, { to: "unix:bad", transport, protocol: ttheaderStreaming() });
      const calls = [all(client.bidi([{ n: 1 }])), client.sum([{ n: 1 }]), all(client.count({ n: 1 }))];
      const outcomes = await Promise.allSettled(calls);
      assertEquals(outcomes.length, 3);
      await client.close();
    }
    await listener.close();
  });
});
