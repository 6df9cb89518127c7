import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeFrame, encodeFrame, type Frame } from "../../../../codecs/ttheader/frame.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { WriteBuffer } from "../../../../lib/io/write_buffer.ts";
import type { RawPeer } from "../../../lib/rpc/fixture.ts";
import { gate, streams, turns } from "./fixture.ts";

// Captured from Kitex: a call of Vec.bidi with {n: 7}, and the answers.
const HEADER = "0000002a100000020000000100081000010001000369736e00035665631000020009000462696469001b00013200";
const DATA = "00000026100000020000000100051000100002001b000133000900046269646900000800010000000700";
const ANSWER = "0000001e100000020000000100051000100002001b00013200090004626964690000" + DATA;
const TRAILER = "0000001e100000020000000100051000100002001b00013400090004626964690000";
const RST =
  "000000cf100000020000000100091000010001000574747363700003636c69100002001b0001350009000462696469000000800100030000000462696469000000040b0001000000827573657220636f646520696e766f6b696e672073747265616d20525043207769746820636f6e746578742070726f63657373656420627920636f6e746578742e5769746843616e63656c206f7220636f6e746578742e5769746854696d656f75742c207468656e20696e766f6b696e672063616e63656c2829206163746976656c7908000200002ee700";

/** A frame of stream 1 as hex. */
function frame(type: string, strings: Record<string, string>, payload = "", method = "bidi", id = 1): string {
  const w = new WriteBuffer();
  encodeFrame(w, {
    flags: 2,
    seqid: id,
    protocolId: 0x10,
    strings: new Map(Object.entries(strings)),
    ints: new Map([[27, type], [9, method]]),
    payload: Uint8Array.from({ length: payload.length / 2 }, (_, i) => parseInt(payload.slice(2 * i, 2 * i + 2), 16)),
  });
  return Array.from(w.bytes.subarray(0, w.pos), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The next frame that comes. */
async function next(peer: RawPeer): Promise<Frame> {
  const length = await peer.receive(4);
  if (length === "") throw new Error("the connection ended");
  const hex = length + await peer.receive(parseInt(length, 16));
  const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  return decodeFrame(bytes)!;
}

describe("a server of TTHeader streaming", () => {
  it("answers Kitex's captured client as Kitex's server does, byte by byte", async () => {
    await using server = await streams();
    const peer = await server.raw();
    peer.send(HEADER + DATA);
    assertEquals(await peer.receive(ANSWER.length / 2), ANSWER);
    peer.send(TRAILER);
    assertEquals(await peer.receive(TRAILER.length / 2), TRAILER);
    assertEquals(server.server.stats.running, 0);
  });

  it("takes a client's frames however they are cut", async () => {
    await using server = await streams();
    const sent = HEADER + DATA + TRAILER;
    for (let cut = 2; cut < sent.length; cut += 2) {
      const peer = await server.raw();
      peer.send(sent.slice(0, cut));
      await turns(1);
      peer.send(sent.slice(cut));
      assertEquals(await peer.receive((ANSWER + TRAILER).length / 2), ANSWER + TRAILER);
      peer.conn.close();
    }
  });

  it("refuses a stream of a method whose name is long and no text, and goes on with others of the connection", async () => {
    await using server = await streams();
    const peer = await server.raw();
    const name = "x".repeat(65_000);
    const opening = frame("2", { isn: "Vec" }, "", name, 2).replace("78".repeat(65_000), "ff".repeat(65_000));
    peer.send(HEADER + opening + DATA);
    assertEquals((await next(peer)).seqid, 2);
    const { seqid, payload } = await next(peer);
    assertEquals(seqid, 2);
    assertStringIncludes(new TextDecoder().decode(payload), "of Vec (served: Vec)");
    assertEquals(await peer.receive(ANSWER.length / 2), ANSWER);
    assertEquals(server.failures.length, 1);
  });

  it("ends the handler by its signal when the client resets the stream, and answers nothing", async () => {
    const seen: RpcError[] = [];
    await using server = await streams({
      async *bidi(requests, { signal }) {
        signal.addEventListener("abort", () => seen.push(signal.reason as RpcError));
        for await (const request of requests) yield request;
      },
    });
    const peer = await server.raw();
    peer.send(HEADER + DATA);
    await peer.receive(ANSWER.length / 2);
    peer.send(RST + TRAILER + DATA);
    await turns();
    assertEquals(seen.map(({ kind, code }) => [kind, code]), [["canceled", 12007]]);
    assertStringIncludes(seen[0]!.message, "[canceled path: cli]");
    peer.send(HEADER + DATA); // the id is free again
    assertEquals(await peer.receive(ANSWER.length / 2), ANSWER);
    assertEquals(server.failures, []);
  });

  it("sends a business status with the trailers, and headers before the first message", async () => {
    await using server = await streams({
      // deno-lint-ignore require-yield
      async *bidi(_requests, { meta }) {
        meta.backward.set("h", "1");
        meta.trailers.set("t", "2");
        await Promise.resolve();
        throw new RpcError("business", "not found", { code: 404, extra: { k: "v" } });
      },
    });
    const peer = await server.raw();
    peer.send(HEADER);
    assertEquals((await next(peer)).strings, new Map([["h", "1"]]));
    const trailer = await next(peer);
    assertEquals(trailer.ints.get(27), "4");
    assertEquals(
      trailer.strings,
      new Map([["t", "2"], ["biz-status", "404"], ["biz-message", "not found"], ["biz-extra", '{"k":"v"}']]),
    );
    assertEquals([trailer.payload.length, server.failures], [0, []]);
  });

  it("gives metadata and the caller's name to the handler", async () => {
    const seen: unknown[] = [];
    await using server = await streams({
      // deno-lint-ignore require-yield -- it has nothing to say
      async *bidi(_requests, { meta, caller }) {
        seen.push(new Map(meta.transient), new Map(meta.persistent), caller);
      },
    });
    const peer = await server.raw();
    peer.send(
      frame("2", { isn: "Vec", RPC_TRANSIT_a: "1", RPC_PERSIST_b: "2", RPC_PERSIST_: "no", RPC_TRANSIT_c: "" }),
    );
    await next(peer);
    assertEquals(seen, [new Map([["a", "1"]]), new Map([["b", "2"]]), undefined]);
  });

  it("answers unknown services and methods, and goes on", async () => {
    await using server = await streams();
    const peer = await server.raw();
    for (const [service, method, type] of [["Vec", "nothing", "01"], ["Nobody", "nothing", "14"]]) {
      peer.send(frame("2", { isn: service! }, "", method));
      assertEquals((await next(peer)).ints.get(27), "2");
      const { payload, ints } = await next(peer);
      assertEquals([ints.get(27), ints.get(9)], ["4", method]);
      assertEquals(payload.at(-2), parseInt(type!, 16));
    }
    peer.send(frame("2", { isn: "Nobody" }) + DATA); // as Kitex does: one service alone has the method
    assertEquals(await peer.receive(ANSWER.length / 2), ANSWER);
  });

  it("resets a stream whose header comes twice, and lets its handler know", async () => {
    const over = gate();
    await using server = await streams({
      async *bidi(requests, { signal }) {
        signal.addEventListener("abort", over.open);
        yield* requests;
      },
    });
    const peer = await server.raw();
    peer.send(HEADER + DATA);
    await peer.receive(ANSWER.length / 2);
    peer.send(HEADER);
    const { ints, payload } = await next(peer);
    assertEquals([ints.get(27), [...payload.subarray(-5)]], ["5", [0, 0, 0x2e, 0xe2, 0]]);
    await over.opened;
  });

  it("drops what comes for streams that are not open", async () => {
    await using server = await streams();
    const peer = await server.raw();
    peer.send(frame("1", {}) + DATA + TRAILER + RST + HEADER + DATA);
    assertEquals(await peer.receive(ANSWER.length / 2), ANSWER);
  });

  it("tells the caller of a message that cannot be read, or one too many, or none", async () => {
    await using server = await streams();
    const peer = await server.raw();
    const message = "0800010000000700";
    const wrong: [sent: string, text: string][] = [
      [frame("2", { isn: "Vec" }) + frame("3", {}, "0800"), "message of the stream"],
      [frame("2", { isn: "Vec" }, "", "once") + frame("4", {}, "", "once"), "takes one message, and none came"],
      [
        frame("2", { isn: "Vec" }, "", "count") + frame("3", {}, "08000100ffffff00", "count") +
        frame("3", {}, message, "count"),
        "takes one message, and more came",
      ],
    ];
    for (const [sent, text] of wrong) {
      peer.send(sent);
      let trailer = await next(peer);
      while (trailer.ints.get(27) !== "4") trailer = await next(peer);
      assertStringIncludes(new TextDecoder().decode(trailer.payload), text);
    }
    assertEquals(server.failures.length, wrong.length);
  });

  it("closes the connection for bytes that are no frame", async () => {
    const over = gate();
    await using server = await streams({
      async *bidi(requests, { signal }) {
        signal.addEventListener("abort", over.open);
        yield* requests;
      },
    });
    for (const bad of ["ffffffff10000002", DATA.replace("10000002", "10000000"), frame("7", {})]) {
      const peer = await server.raw();
      peer.send(HEADER);
      await turns(1);
      peer.send(bad.padEnd(40, "0"));
      await peer.ended();
      await over.opened;
    }
    assertEquals(server.failures.length, 3);
  });

  it("refuses streams above its limits, counting those whose handler still runs", async () => {
    const hold = gate();
    await using server = await streams({
      // deno-lint-ignore require-yield -- it has nothing to say
      async *bidi() {
        await hold.opened;
      },
    }, { maxStreams: 2 });
    const peer = await server.raw();
    const open = (id: number): string => frame("2", { isn: "Vec" }, "", "bidi", id);
    peer.send(open(1) + open(2) + frame("5", {}, "", "bidi", 2) + open(3));
    assertEquals((await next(peer)).seqid, 3);
    assertStringIncludes(new TextDecoder().decode((await next(peer)).payload), "stream 3 exceeds 2");
    hold.open();
    await turns();
    peer.send(open(4));
    assertEquals([(await next(peer)).seqid, (await next(peer)).seqid], [1, 1]);
    assertEquals([(await next(peer)).seqid, (await next(peer)).payload.length], [4, 0]);
  });

  it("refuses streams whose headers hold too much together", async () => {
    await using server = await streams({}, { maxHeaderBytes: 300 });
    const peer = await server.raw();
    const open = (id: number): string => frame("2", { isn: "Vec", RPC_TRANSIT_a: "x".repeat(150) }, "", "bidi", id);
    peer.send(open(1) + open(2));
    assertEquals((await next(peer)).seqid, 2);
    const { payload } = await next(peer);
    assertStringIncludes(new TextDecoder().decode(payload), "exceed 300");
  });

  it("lets streams end when it closes, refuses new ones, and says FIN", async () => {
    const hold = gate();
    await using server = await streams({
      async *bidi() {
        await hold.opened;
        yield { n: 9 };
      },
    });
    const peer = await server.raw();
    peer.send(HEADER);
    await turns();
    const closing = server.server.close();
    for (let i = 0; i < 3; i++) {
      server.clock.advance(50);
      await turns(1);
    }
    peer.send(frame("2", { isn: "Vec" }, "", "bidi", 2));
    assertEquals((await next(peer)).seqid, 2);
    assertEquals([...(await next(peer)).payload.subarray(-5)], [0, 0, 0x2e, 0xe6, 0]); // 12006
    hold.open();
    assertEquals([await next(peer), await next(peer), await next(peer)].map((f) => f.ints.get(27)), ["2", "3", "4"]);
    await peer.ended();
    peer.conn.close();
    await closing;
  });

  it("ends streams that last longer than its exit wait", async () => {
    let reason: RpcError | undefined;
    await using server = await streams({
      async *bidi(requests, { signal }) {
        signal.addEventListener("abort", () => reason = signal.reason);
        yield* requests;
      },
    });
    const peer = await server.raw();
    peer.send(HEADER);
    await turns();
    const closing = server.server.close();
    for (let i = 0; i < 25; i++) {
      server.clock.advance(50);
      await turns(1);
    }
    assertEquals((await next(peer)).ints.get(27), "2");
    assertEquals([...(await next(peer)).payload.subarray(-5)], [0, 0, 0x2e, 0xe6, 0]);
    assertEquals(reason?.kind, "unavailable");
    peer.conn.close();
    await closing;
  });

  it("ends handlers when the connection breaks", async () => {
    const over = gate();
    let code: number | undefined;
    await using server = await streams({
      async *bidi(requests, { signal }) {
        signal.addEventListener("abort", () => {
          code = (signal.reason as RpcError).code;
          over.open();
        });
        yield* requests;
      },
    });
    const peer = await server.raw();
    peer.send(HEADER);
    await turns();
    peer.conn.abort();
    await over.opened;
    await turns();
    assertEquals([code, server.server.stats.running], [12013, 0]);
  });

  it("answers with an error where headers or trailers are too long for a frame", async () => {
    for (const which of ["backward", "trailers"] as const) {
      await using server = await streams({
        async *bidi(requests, { meta }) {
          meta[which].set("key", "x".repeat(70_000));
          yield* requests;
        },
      });
      const peer = await server.raw();
      peer.send(HEADER + TRAILER);
      let trailer = await next(peer);
      while (trailer.ints.get(27) !== "4") trailer = await next(peer);
      assertStringIncludes(new TextDecoder().decode(trailer.payload), "exceeds 65535");
      await turns();
      assertEquals(server.server.stats.running, 0);
      assertEquals(server.failures.length, 1);
      assertStringIncludes(server.failures[0]!, "exceeds 65535");
      peer.conn.close();
    }
  });

  it("keeps the process alive through a handler that throws at once, gives no iterable, or breaks in between", async () => {
    const handlers = [
      () => {
        throw new Error("at once");
      },
      () => 5,
      async function* () {
        yield { n: 1 };
        await Promise.resolve();
        throw new Error("in between");
      },
      async function* () {
        yield await Promise.resolve({ n: "no number" });
      },
    ];
    for (const bidi of handlers) {
      await using server = await streams({ bidi: bidi as never });
      const peer = await server.raw();
      peer.send(HEADER);
      let trailer = await next(peer);
      while (trailer.ints.get(27) !== "4") trailer = await next(peer);
      assert(trailer.payload.length > 0);
      await turns();
      assertEquals([server.failures.length, server.server.stats.running], [1, 0]);
      peer.conn.close();
    }
  });
});
