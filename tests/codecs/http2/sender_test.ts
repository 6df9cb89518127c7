import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Sender } from "../../../codecs/http2/sender.ts";
import { Http2Stream } from "../../../codecs/http2/stream.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";

describe("Sender", () => {
  it("keeps no streams that are over while the connection's window is shut, and the turns of the others", () => {
    const output = new WriteBuffer();
    const sent: number[] = [];
    const out = { output, pendingBytes: 0, commit: () => {} };
    const sender = new Sender(out, { writable: () => {}, ended: ({ id }) => sent.push(id), now: () => 0 }, 1000, 1000);
    sender.window = 0;
    const kept: number[] = [];
    for (let id = 1; id < 20_000; id += 2) {
      const stream = new Http2Stream(id, 1000, 1000);
      sender.data(stream, Uint8Array.of(1), 0, 1, true);
      if (id % 1001 === 0) {
        kept.push(id);
        continue;
      }
      stream.closed = true;
      sender.forget(stream);
      assert(sender.queued <= 2 * kept.length + 64, `${sender.queued} in the queue`);
    }
    sender.widen(1000);
    sender.pump();
    assertEquals([sent, sender.queued], [kept, 0]);
  });
});
