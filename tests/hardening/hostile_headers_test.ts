/**
 * Hostile TTHeader headers against a live port of this runtime: what real Kitex clients sent, and our own streams, with lies in the
 * header. Seeded. All the while other connections are served, and none of their calls may fail.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { decodeFrame } from "../../codecs/ttheader/frame.ts";
import { buffered, createClient, createServer, type RunningServer } from "../../mod.ts";
import type { Transport } from "../../lib/io/raw.ts";
import { auto } from "../../transports/auto.ts";
import { Vec } from "../codecs/kitex/gen/vec.ts";
import { recordings } from "../codecs/kitex/recordings.ts";
import { bytesOf } from "../codecs/ttheader/hex.ts";
import { EchoService, StreamService } from "../interop/gen/echo.ts";
import { echoHandlers, streamHandlers } from "../interop/handlers.ts";
import { seeded } from "../lib/io/random.ts";
import { frameOf, ints, lyingFrame, pairs, type Parts, str, u16 } from "./hostile_headers.ts";
import { join, RawPeer } from "./raw_peer.ts";

const INPUTS = 6_000;
/** How many connections attack at once. */
const AT_ONCE = 8;
const MIB = 1024 * 1024;
/** What the process may grow by: the attackers' own bytes, and what the runtime has not collected yet. */
const MOST_GROWTH = 256 * MIB;

async function serve(transport: Transport): Promise<RunningServer> {
  const one = ({ n }: { n: number }): { n: number } => ({ n: n + 1 });
  const none = (): void => {};
  const vec = { add: one, nop: none, fire: none, fail: one, biz: one, addu: one, bizu: one, failu: one, throwu: one };
  return await createServer({ transport })
    .add(EchoService, echoHandlers())
    .add(StreamService, streamHandlers())
    .add(Vec, { ...vec, bidi: (requests) => requests }, { fallback: true })
    .listen({ hostname: "127.0.0.1", port: 0 });
}

/** The calls of TTHeader that Kitex's clients were recorded with. */
function recorded(): Uint8Array[] {
  return recordings().map(({ call }) => bytesOf(call)).filter((bytes) => bytes[4] === 0x10 && bytes[5] === 0x00);
}

/** The frames of a stream of `Vec.bidi`, as Kitex's client sends them. */
function streamFrames(): Uint8Array[] {
  const of = (
    type: string,
    strings: readonly (readonly [string, string])[],
    payload: readonly number[],
  ): Uint8Array => {
    const info = join([...(strings.length === 0 ? [] : [pairs(strings)]), ints([[27, type], [9, "bidi"]])]);
    return frameOf({ flags: 2, protocolId: 0x10, info, payload: Uint8Array.from(payload) });
  };
  return [
    of("2", [["isn", "Vec"]], []),
    of("3", [], [8, 0, 1, 0, 0, 0, 7, 0]),
    of("4", [], []),
    of("5", [["ttscp", "a"]], []),
  ];
}

/** A message behind its length, which may be off by so much. */
function framed(message: Uint8Array, off = 0): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, message.length + off);
  return join([length, message]);
}

describe("a live port", () => {
  it(`outlives ${INPUTS} lying headers, and answers everybody else`, async () => {
    const transport = auto();
    const server = await serve(transport);
    const to = server.address;
    const clients = [
      createClient(EchoService, { to, transport }),
      createClient(EchoService, { to, transport, pool: { type: "mux" } }),
      createClient(EchoService, { to, transport, protocol: buffered() }),
    ];
    const streaming = createClient(StreamService, { to, transport });
    const calls = recorded();
    const streams = streamFrames();
    const below = seeded(20_261_129);
    let inputs = 0;
    let connections = 0;
    let most = 0;
    let answered = 0;

    async function attack(): Promise<void> {
      while (inputs < INPUTS) {
        const from = below(3) === 0 ? streams : calls;
        const sound = Array.from({ length: below(3) }, () => from[below(from.length)]!);
        const lies = Array.from({ length: 1 + below(3) }, () => lyingFrame(from[below(from.length)]!, below));
        inputs += lies.length;
        connections++;
        const peer = await RawPeer.dial(transport, server.local, { keep: false });
        await peer.send(join([...sound, ...lies]));
        peer.conn.closeWrite();
        await peer.dropped(); // FIN or reset: no connection is left hanging
      }
    }
    async function call(client: (typeof clients)[number]): Promise<void> {
      while (inputs < INPUTS) {
        const text = `call ${answered++}`;
        assertEquals(await client.echoString(text), text);
        if (answered % 50 === 0) most = Math.max(most, process.memoryUsage().rss);
      }
    }
    /** One stream, open all the time. */
    async function converse(): Promise<void> {
      let said = 0;
      let heard = 0;
      async function* requests(): AsyncGenerator<{ msg: string }> {
        while (inputs < INPUTS) {
          yield { msg: `${said++}` };
          await new Promise<void>((resolve) => setTimeout(resolve));
        }
      }
      for await (const { msg } of streaming.bidi(requests())) assertEquals(msg, `${heard++}`);
      assert(heard > 10 && heard === said, `${heard} of ${said} messages came back`);
    }

    for (const client of clients) await client.ping();
    const before = process.memoryUsage().rss;
    await Promise.all([...clients.map(call), converse(), ...Array.from({ length: AT_ONCE }, attack)]);

    const growth = most - before;
    console.log(
      `hostile headers: ${inputs} inputs, ${answered} calls beside them, grew by ${Math.round(growth / MIB)} MiB`,
    );
    assert(growth < MOST_GROWTH, `grew by ${Math.round(growth / MIB)} MiB`);
    assert(answered > 100, `only ${answered} calls got through`);
    assert(server.stats.refused > INPUTS / 8, `only ${server.stats.refused} of ${inputs} were refused`);
    assertEquals(server.stats.accepted, connections + clients.length + 1);
    await Promise.all([...clients, streaming].map((client) => client.close()));
    await server.close();
    assertEquals([server.stats.running, server.stats.connections], [0, 0]);
  });

  const honest: Parts = {
    info: pairs([["isn", "Vec"]]),
    payload: Uint8Array.from([
      0x80,
      1,
      0,
      1,
      0,
      0,
      0,
      3,
      0x61,
      0x64,
      0x64,
      0,
      0,
      0,
      1,
      12,
      0,
      1,
      8,
      0,
      1,
      0,
      0,
      0,
      7,
      0,
      0,
    ]),
  };
  const many = Array.from({ length: 500 }, () => ["isn", "Nobody"] as const);
  const cases: readonly [what: string, parts: Partial<Parts>, answered: boolean][] = [
    ["nothing wrong", {}, true],
    ["64 KiB of padding", { info: join([honest.info, new Uint8Array(64 * 1024)]) }, true],
    [
      "all the padding there can be",
      { info: join([honest.info, new Uint8Array(262_140 - 2 - honest.info.length)]) },
      true,
    ],
    [
      "padding between blocks",
      { info: join([new Uint8Array(7), honest.info, new Uint8Array(5), ints([[3, "a"]])]) },
      true,
    ],
    ["the same key 500 times, the last of which counts", { info: pairs([...many, ["isn", "Vec"]]) }, true],
    ["transforms, which nobody applies", { transforms: [1, 3, 0xff] }, true],
    ["unknown integer keys", { info: join([honest.info, ints([[0xffff, "x"], [900, ""]])]) }, true],
    ["a length of its own before the message", { payload: framed(honest.payload) }, true],
    ["a length of its own that is less than the frame has", { payload: framed(honest.payload, -1) }, false],
    ["a length of its own that is more than the frame has", { payload: framed(honest.payload, 1) }, false],
    ["a length of its own that is negative", { payload: framed(honest.payload, -1_000) }, false],
    ["a count of 0", { info: join([honest.info, pairs([]), ints([])]) }, true],
    ["a header size of 0", { size: 0 }, false],
    ["a header past its frame", { size: 0xffff }, false],
    ["a frame shorter than its header", { length: 12 }, false],
    ["a frame longer than it may be", { length: 0x7fffffff }, false],
    ["more pairs than there are", { info: pairs([["isn", "Vec"]], 2) }, false],
    ["65,535 integer keys that are not there", { info: ints([[3, "a"]], 0xffff) }, false],
    ["a key past its block", { info: join([Uint8Array.of(1), u16(1), str("isn", 0xffff)]) }, false],
    ["a value past its block", { info: join([Uint8Array.of(1), u16(1), str("isn"), str("Vec", 400)]) }, false],
    ["a block of an unknown type", { info: join([honest.info, Uint8Array.of(0x12)]) }, false],
    ["more transforms than there is header", { transformCount: 255 }, false],
    ["Compact's protocol id, which Kitex refuses", { protocolId: 2 }, false],
    ["a protocol id that nobody knows", { protocolId: 0x7f }, false],
  ];
  for (const [what, parts, answered] of cases) {
    it(`${answered ? "answers" : "closes"} a connection that sends ${what}`, async () => {
      const transport = auto();
      const server = await serve(transport);
      const beside = createClient(EchoService, { to: server.address, transport });
      const peer = await RawPeer.dial(transport, server.local);
      await peer.send(frameOf({ ...honest, ...parts }));
      if (answered) {
        const length = new DataView((await peer.receive(4)).buffer).getUint32(0);
        const reply = await peer.receive(length);
        const { payload } = decodeFrame(join([Uint8Array.of(0, 0, 0, length), reply]))!;
        assertEquals([...payload.subarray(payload[0] === 0x80 ? 0 : 4)].slice(0, 4), [0x80, 1, 0, 2]); // a reply
      } else {
        await peer.ended;
        assertEquals([server.stats.refused, server.stats.calls], [1, 0]);
      }
      assertEquals(await beside.echoString("beside"), "beside");
      peer.conn.close();
      await peer.closed;
      await beside.close();
      await server.close();
    });
  }
});
