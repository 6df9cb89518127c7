/**
 * Streams over real sockets, with peers that take more than is good, or nothing.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createClient, createServer } from "../../mod.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { encodeFrame } from "../../codecs/ttheader/frame.ts";
import { auto } from "../../transports/auto.ts";
import { StreamService } from "../interop/gen/echo.ts";
import { streamHandlers } from "../interop/handlers.ts";
import { RawPeer } from "./raw_peer.ts";

const MIB = 1024 * 1024;
const NAME_BYTES = 4_000;

describe("a stream without an end", () => {
  it("ends when its reader leaves, however fast both are", async () => {
    const text = "x".repeat(1024);
    let left = 0;
    await using server = await createServer()
      .add(StreamService, {
        ...streamHandlers(),
        async *serverStream() {
          try {
            for (;;) yield await Promise.resolve({ msg: text, all: undefined });
          } finally {
            left++;
          }
        },
      })
      .listen({ hostname: "127.0.0.1", port: 0 });
    await using client = createClient(StreamService, { to: server.address });
    for (const count of [1, 1_000, 20_000]) {
      let got = 0;
      for await (const { msg } of client.serverStream({ msg: "", all: undefined })) {
        assertEquals(msg.length, text.length);
        if (++got === count) break;
      }
    }
    while (server.stats.running > 0) await new Promise((resolve) => setTimeout(resolve));
    assertEquals([left, server.stats.connections], [3, 1]);
    assertEquals((await client.clientStream([{ msg: "after", all: undefined }])).msg, "after");
  });

  it("does not fill the server's memory while its client reads nothing and opens ever more", async () => {
    const transport = auto();
    await using server = await createServer({ transport, writeTimeoutMs: 500 })
      .add(StreamService, streamHandlers())
      .listen({ hostname: "127.0.0.1", port: 0 });
    const peer = await RawPeer.dial(transport, server.local, { keep: false });
    peer.conn.pause();
    let gone = false;
    void peer.closed.then(() => gone = true);
    const w = new WriteBuffer();
    for (let id = 1; id <= 30_000 && !gone; id++) {
      w.pos = 0;
      // Each is refused with an answer that is larger than the question.
      encodeFrame(w, {
        flags: 2,
        seqid: id,
        protocolId: 0x10,
        ints: new Map([[27, "2"], [9, "x".repeat(NAME_BYTES)]]),
      });
      await peer.send(w.bytes.slice(0, w.pos));
    }
    // What it answers is at least as long: about as many as fill its output and the system's buffers, twice.
    const answered = server.stats.refused * 3 * NAME_BYTES;
    assert(answered < 64 * MIB, `${answered} bytes answered`);
    peer.conn.abort();
  });
});
