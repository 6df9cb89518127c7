/**
 * What one connection of a Kitex-like server has to take: any form after any other, answers in any order where the caller
 * says so, frames that contradict themselves.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createClient,
  createServer,
  kitex,
  Metadata,
  RpcError,
  type RunningServer,
  type Server,
  ttheader,
} from "../../../mod.ts";
import { decodeFrame, encodeFrame, type FrameInit } from "../../../codecs/ttheader/frame.ts";
import type { Transport } from "../../../lib/io/raw.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { memory } from "../../../transports/memory.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { EchoService, type EchoServiceHandlers } from "../../interop/gen/echo.ts";
import { PbEcho, protoHandlers } from "../../interop/proto_handlers.ts";
import { seeded } from "../../lib/io/random.ts";
import { deferred, RawPeer } from "../../lib/rpc/fixture.ts";
import { bytesOf, hexOf } from "../ttheader/hex.ts";

/** `add(2, 3)` of `EchoService` with sequence id 7, and its answer. */
const ADD = "80010001 00000003 616464 00000007 0a0001 0000000000000002 0a0002 0000000000000003 00".replaceAll(" ", "");
const FIVE = "80010002 00000003 616464 00000007 0a0000 0000000000000005 00".replaceAll(" ", "");
/** `Echo({ msg: "hi" })` of `PbEcho`, and its answer. */
const PB_ECHO = "90010001 00000004 4563686f 00000009 0a026869".replaceAll(" ", "");
const PB_HI = "90010002 00000004 4563686f 00000009 0a026869".replaceAll(" ", "");

const framed = (hex: string): string => (hex.length / 2).toString(16).padStart(8, "0") + hex;

function frame(init: FrameInit & { readonly body: string }): string {
  const w = new WriteBuffer(64);
  encodeFrame(w, { ...init, payload: bytesOf(init.body) });
  return hexOf(w.written());
}

function server(transport: Transport, handlers: Partial<EchoServiceHandlers> = {}): Server {
  return createServer({ transport, protocols: [kitex()], exitWaitMs: 200 })
    .add(EchoService, { ...echoHandlers(), ...handlers }).add(PbEcho, protoHandlers());
}

async function served(
  run: (peer: RawPeer, server: RunningServer, transport: Transport) => Promise<void>,
  handlers: Partial<EchoServiceHandlers> = {},
): Promise<void> {
  const transport = memory();
  await using running = await server(transport, handlers).listen({ path: "server" });
  const peer = new RawPeer(await transport.dial({ path: "server" }));
  await run(peer, running, transport);
  peer.conn.abort();
}

async function nextFrame(peer: RawPeer): Promise<NonNullable<ReturnType<typeof decodeFrame>>> {
  const length = await peer.receive(4);
  return decodeFrame(bytesOf(length + await peer.receive(parseInt(length, 16))))!;
}

describe("one connection", () => {
  it("takes every form after every other, and answers in the form of the call", async () => {
    const plain: readonly [call: string, answer: string][] = [
      [ADD, FIVE],
      [framed(ADD), framed(FIVE)],
      [framed(PB_ECHO), framed(PB_HI)],
      [`ffaf000200 00${ADD}`.replaceAll(" ", ""), FIVE],
      [`ffaf0002 0000${framed(ADD)}`.replaceAll(" ", ""), framed(FIVE)],
    ];
    const inFrames: readonly [call: string, answer: string][] = [
      [ADD, FIVE],
      [framed(ADD), framed(FIVE)],
      [framed(PB_ECHO), framed(PB_HI)],
    ];
    await served(async (peer) => {
      const random = seeded(5);
      for (let i = 0; i < 200; i++) {
        const at = random(plain.length + inFrames.length);
        const own = plain[at];
        if (own !== undefined) {
          peer.send(own[0]);
          assertEquals(await peer.receive(own[1].length / 2), own[1]);
        } else {
          const [call, answer] = inFrames[at - plain.length]!;
          const flags = 4 * random(2); // an unknown bit comes back
          peer.send(frame({ seqid: 3, flags, body: call }));
          const reply = await nextFrame(peer);
          // The sequence id of the message counts, not that of the frame.
          assertEquals([hexOf(reply.payload), reply.seqid, reply.flags], [
            answer,
            call === ADD || call === framed(ADD) ? 7 : 9,
            flags,
          ]);
        }
      }
    });
  });

  it("takes many forms in one chunk, and a byte at a time", async () => {
    const all = ADD + framed(ADD) + frame({ body: ADD }) + framed(PB_ECHO);
    const answers = FIVE + framed(FIVE) + frame({ seqid: 7, ints: new Map([[22, "2"]]), body: FIVE }) + framed(PB_HI);
    await served(async (peer) => {
      peer.send(all);
      assertEquals(await peer.receive(answers.length / 2), answers);
      for (const pair of all.match(/../g)!) {
        peer.send(pair);
        await Promise.resolve();
      }
      assertEquals(await peer.receive(answers.length / 2), answers);
    });
  });

  it("answers in any order only those who say they take that", async () => {
    const slow = deferred<string>();
    const call = (seqid: number, text: string): string =>
      `8001000100000005${hexOf(new TextEncoder().encode("sleep"))}${
        seqid.toString(16).padStart(8, "0")
      }080001${text}00`;
    const handlers = { sleep: (ms: number) => ms === 1 ? slow.promise : Promise.resolve("quick") };
    for (const flags of [0, 1]) {
      const gate = deferred<string>();
      await served(async (peer) => {
        peer.send(frame({ flags, body: call(1, "00000001") }) + frame({ flags, body: call(2, "00000002") }));
        if (flags === 1) assertEquals((await nextFrame(peer)).seqid, 2);
        gate.resolve("slow");
        assertEquals((await nextFrame(peer)).seqid, 1);
        if (flags === 0) assertEquals((await nextFrame(peer)).seqid, 2);
      }, { sleep: (ms) => ms === 1 ? gate.promise : handlers.sleep(ms) });
    }
    slow.resolve("");
  });

  it("is closed without an answer for bytes and payloads of no kind", async () => {
    for (const body of ["00000000", "8201000000000000", "9001000100000000", "ffffffffffffffff"]) {
      await served(async (peer, running) => {
        peer.send(frame({ body: "" }).slice(0, 8) === "" ? body : frame({ body }));
        assertEquals(await peer.receive(1), "");
        assertEquals(running.stats.refused, 1);
      });
    }
  });

  it("is told what was wrong with a frame over the limit, then closed", async () => {
    await served(async (peer) => {
      const whole = frame({ body: ADD });
      peer.send(`7fffffff${whole.slice(8)}`);
      const answer = await nextFrame(peer);
      assertEquals([answer.ints.get(22), answer.strings.get("crrst")], ["3", "1"]);
      assertStringIncludes(hexOf(answer.payload), hexOf(new TextEncoder().encode("exceeds 16777216")));
      await peer.ended();
    });
  });

  it("verifies checksums: a wrong one costs its own call", async () => {
    await served(async (peer) => {
      peer.send(frame({ strings: new Map([["crc32c", "00000000"]]), body: ADD }));
      const refused = await nextFrame(peer);
      assertEquals(refused.ints.get(22), "3");
      assertStringIncludes(hexOf(refused.payload), hexOf(new TextEncoder().encode("payload checksum")));
      peer.send(frame({ strings: new Map([["crc32c", ""]]), body: ADD }));
      assertEquals(hexOf((await nextFrame(peer)).payload), FIVE);
    });
  });

  it("takes a timeout that no number holds as none, and one that it can", async () => {
    const deadlines: number[] = [];
    await served(async (peer) => {
      const said = ["9".repeat(25), "9".repeat(400), "9007199254740992", "-5", "1e3", "0", "9007199254740991"];
      for (const text of said) {
        peer.send(frame({ ints: new Map([[12, text]]), body: ADD }));
        assertEquals(hexOf((await nextFrame(peer)).payload), FIVE);
      }
    }, {
      add: (a, b, { deadline }) => {
        deadlines.push(deadline);
        return a + b;
      },
    });
    assertEquals(deadlines.slice(0, -1), [Infinity, Infinity, Infinity, Infinity, Infinity, Infinity]);
    assert(Number.isFinite(deadlines.at(-1)));
  });

  it("survives 64 KiB of padding, duplicate keys and a header as long as it can be", async () => {
    await served(async (peer) => {
      const padded = bytesOf(frame({ body: ADD }));
      const wide = new Uint8Array(14 + 4 * 0xffff + ADD.length / 2);
      wide.set(padded.subarray(0, 14));
      wide.set(bytesOf(ADD), 14 + 4 * 0xffff);
      new DataView(wide.buffer).setUint32(0, wide.length - 4);
      wide[12] = wide[13] = 0xff;
      const hex = hexOf(wide);
      for (let at = 0; at < hex.length; at += 64 * 1024) {
        peer.send(hex.slice(at, at + 64 * 1024));
        await new Promise<void>((resolve) => setTimeout(resolve));
      }
      assertEquals(hexOf((await nextFrame(peer)).payload), FIVE);
      peer.send(frame({ ints: new Map([[3, "a"]]), body: ADD }));
      assertEquals(hexOf((await nextFrame(peer)).payload), FIVE);
    });
  });

  it("with header fields changed at random loses nothing but itself", async () => {
    const transport = memory();
    await using running = await server(transport).listen({ path: "server" });
    await using client = createClient(EchoService, { to: running.address, transport });
    const random = seeded(77);
    const good = bytesOf(
      frame({
        strings: new Map([["isn", "EchoService"], ["k", "v"]]),
        ints: new Map([[12, "100"], [3, "c"]]),
        body: ADD,
      }),
    );
    for (let i = 0; i < 3_000; i++) {
      const bytes = good.slice();
      for (let changes = 1 + random(4); changes > 0; changes--) bytes[random(bytes.length)] = random(256);
      const peer = await transport.dial({ path: "server" });
      peer.start({ chunk: () => {}, end: () => {}, drain: () => {}, close: () => {} });
      peer.write(bytes);
      if (i % 100 === 0) assertEquals(await client.add(2n, 3n), 5n);
      peer.abort();
    }
    assertEquals(await client.add(2n, 3n), 5n);
  });
});

describe("a business status with a long message", () => {
  it("keeps its code and extra; the message is cut", async () => {
    const transport = memory();
    const message = "é".repeat(70_000);
    await using running = await server(transport, {
      add: () => {
        throw new RpcError("business", message, { code: 77, extra: { k: "v" } });
      },
    }).listen({ path: "server" });
    await using client = createClient(EchoService, { to: running.address, transport });
    const error = await assertRejects(() => client.add(1n, 2n), RpcError);
    assertEquals([error.kind, error.code, error.extra], ["business", 77, { k: "v" }]);
    assertEquals(error.message, `${message.slice(0, 8_192)}...`);
  });
});

describe("checksums and metadata", () => {
  it("go together, also with a token, and with an answer's pairs that are handed on", async () => {
    const transport = memory();
    const handlers = {
      meta: (context: Parameters<EchoServiceHandlers["meta"]>[0]) => {
        const { backward, transient } = context.meta;
        backward.set("kept", "1").set("crrst", "1").set("crc32c", "12").set("biz-status", "7");
        return { transientKV: new Map(transient), persistentKV: new Map(), caller: "", callee: "", method: "" };
      },
    };
    const running = await createServer({ transport, protocols: [kitex({ checksum: "crc32c" })] })
      .add(EchoService, { ...echoHandlers(), ...handlers }).listen({ path: "server" });
    const client = createClient(EchoService, {
      to: running.address,
      transport,
      protocol: ttheader({ checksum: "crc32c" }),
    });
    for (const transient of [{ a: "1" }, { "gdpr-token": "secret", a: "1" }]) {
      const meta = new Metadata({ transient });
      assertEquals((await client.meta({ meta })).transientKV, new Map(Object.entries(transient)));
      assertEquals([...meta.backward], [["kept", "1"]]);
    }
    assertEquals(running.stats.accepted, 1); // nothing made the client leave its connection
    await client.close();
    await running.close();
  });
});

describe("a server that closes", () => {
  it("marks answers, so that their connection is not used again", async () => {
    const gate = deferred<string>();
    const transport = memory();
    const running = await server(transport, { sleep: () => gate.promise }).listen({ path: "server" });
    const client = createClient(EchoService, { to: running.address, transport });
    const call = client.sleep(1);
    while (running.stats.running < 1) await new Promise<void>((resolve) => setTimeout(resolve));
    const closed = running.close();
    await new Promise<void>((resolve) => setTimeout(resolve, 120)); // the last requests may come for 100 ms
    gate.resolve("in time");
    assertEquals(await call, "in time");
    await closed;
    const error = await assertRejects(() => client.sleep(1), RpcError);
    assert(error.kind === "connect", error.message);
    await client.close();
  });

  it("tells a client that shares its connection to leave, and loses none of its calls", async () => {
    const transport = memory();
    const first = await server(transport).listen({ path: "server" });
    const client = createClient(EchoService, {
      to: "unix:server",
      transport,
      protocol: ttheader(),
      pool: { type: "mux" },
    });
    let stop = false;
    let answered = 0;
    const failures: unknown[] = [];
    const caller = async (): Promise<void> => {
      while (!stop) {
        try {
          await client.add(1n, 1n);
          answered++;
        } catch (error) {
          // The one listener is gone until the next one is there: nothing was sent.
          if (!(error instanceof RpcError && error.kind === "connect")) failures.push(error);
        }
        await new Promise<void>((resolve) => setTimeout(resolve)); // over memory, calls alone leave timers no turn
      }
    };
    const callers = Array.from({ length: 20 }, caller);
    while (answered < 100) await new Promise<void>((resolve) => setTimeout(resolve));
    await first.close();
    const second = await server(transport).listen({ path: "server" });
    const before = answered;
    while (answered < before + 100) await new Promise<void>((resolve) => setTimeout(resolve));
    stop = true;
    await Promise.all(callers);
    assertEquals(failures, []);
    await client.close();
    await second.close();
  });
});
