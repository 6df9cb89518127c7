/**
 * Long random streams through connections over memory, in every awkward variant of it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BufferPool } from "../../../lib/io/buffer_pool.ts";
import { BufferedConnection } from "../../../lib/io/buffered_connection.ts";
import { Connection, type ConnectionOptions } from "../../../lib/io/connection.ts";
import { LinkBuffer } from "../../../lib/io/link_buffer.ts";
import { type MemoryOptions, pair } from "../../../transports/memory.ts";
import { seeded } from "./random.ts";

const VARIANTS: Readonly<Record<string, MemoryOptions>> = {
  "as written": {},
  "owned chunks": { owned: true },
  "bytes one by one": { chunkBytes: 1, capacityBytes: 1000 },
  "short writes": { writeBytes: 37, capacityBytes: 100, chunkBytes: 7 },
  "lent buffers": { lend: true, capacityBytes: 3000 },
  "all of it": { lend: true, owned: true, chunkBytes: 13, writeBytes: 997, capacityBytes: 2000 },
};

/** Frames of two bytes of length and that many bytes of a sequence that goes on from frame to frame. */
function frames(seed: number, total: number): Uint8Array[] {
  const next = seeded(seed);
  let value = 0;
  const made: Uint8Array[] = [];
  for (let bytes = 0; bytes < total;) {
    const length = [next(10), next(300), next(9000)][next(3)]!;
    const frame = new Uint8Array(2 + length);
    frame[0] = length >> 8;
    frame[1] = length;
    for (let i = 2; i < frame.length; i++) frame[i] = value++;
    made.push(frame);
    bytes += frame.length;
  }
  return made;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const buffer = new LinkBuffer();
  for (const part of parts) buffer.feed(part, true);
  return buffer.readBinary(buffer.len);
}

/** Answers each whole frame as it is, holding itself up now and then. */
function echo(connection: Connection, seed: number): void {
  const next = seeded(seed);
  connection.start({
    data(bytes) {
      let at = 0;
      while (bytes.length - at >= 2) {
        const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!;
        if (end > bytes.length) {
          connection.need = end - at;
          return at;
        }
        const { output } = connection;
        output.reserve(end - at);
        output.bytes.set(bytes.subarray(at, end), output.pos);
        output.pos += end - at;
        connection.commit();
        at = end;
        if (next(10) === 0) {
          connection.hold();
          queueMicrotask(() => connection.release());
          return at;
        }
      }
      connection.need = 2;
      return at;
    },
    end: () => void connection.close(),
    close: () => {},
  });
}

function options(): ConnectionOptions {
  return {
    pool: new BufferPool({ poison: true }),
    readHighWaterBytes: 20_000,
    readLowWaterBytes: 5000,
    writeHighWaterBytes: 20_000,
    writeLowWaterBytes: 5000,
  };
}

describe("Connections over memory", () => {
  for (const [name, variant] of Object.entries(VARIANTS)) {
    it(`carry frames there and back: ${name}`, async () => {
      const [a, b] = pair(variant);
      echo(new Connection(b, options()), 77);
      const client = new BufferedConnection(a, { ...options(), readWhileFull: true });
      client.start();
      const { reader, writer } = client;
      const sent = frames(13, 300_000);
      let mostPending = 0;
      const sending = (async () => {
        for (const [i, frame] of sent.entries()) {
          if (i % 3 === 0) writer.malloc(frame.length).set(frame);
          else if (i % 3 === 1) writer.writeBinary(frame);
          else {
            writer.malloc(2).set(frame.subarray(0, 2));
            if (frame.length > 2) writer.writeDirect(frame.subarray(2));
          }
          await writer.flush();
          mostPending = Math.max(mostPending, client.pendingBytes);
        }
        client.closeWrite();
      })();
      const received: Uint8Array[] = [];
      for (let left = sent.length; left > 0; left--) {
        const head = await reader.peek(2);
        received.push((await reader.next(2 + head[0]! * 256 + head[1]!)).slice());
        reader.release();
      }
      await sending;
      assertEquals(join(received), join(sent));
      assert(mostPending < 20_000 + 10_000, `${mostPending} bytes were pending`);
      assertEquals(reader.len, 0);
      await client.close();
    });
  }

  it("keep a bounded amount for a peer that reads slowly, both ways", async () => {
    const [a, b] = pair({ capacityBytes: 10_000 });
    const flood = new BufferedConnection(a, options());
    const slow = new BufferedConnection(b, options());
    flood.start();
    slow.start();
    const piece = new Uint8Array(3000);
    let sent = 0;
    let mostHeld = 0;
    const sending = (async () => {
      for (; sent < 3_000_000; sent += piece.length) {
        flood.writer.writeBinary(piece);
        await flood.writer.flush();
        mostHeld = Math.max(mostHeld, flood.pendingBytes + slow.reader.len);
      }
    })();
    let received = 0;
    while (received < 3_000_000) {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      received += 1000;
      await slow.reader.skip(1000);
      slow.reader.release();
    }
    await sending;
    // The writer's high mark and one piece, the reader's and what may be on its way.
    assert(mostHeld < 20_000 + 3000 + 20_000 + 10_000, `${mostHeld} bytes were held`);
    flood.abort();
    await slow.close();
  });

  it("deliver data that the peer sent before its end, and the answer to it", async () => {
    for (const variant of Object.values(VARIANTS)) {
      const [a, b] = pair(variant);
      const server = new BufferedConnection(b, options());
      const received: number[] = [];
      server.start({
        data(bytes) {
          received.push(...bytes);
          return bytes.length;
        },
        end() {
          server.writer.writeBinary(new Uint8Array(5000).fill(received.length));
          server.writer.flush();
          void server.close();
        },
        close: () => {},
      });
      const client = new BufferedConnection(a, options());
      client.start();
      client.writer.writeBinary(Uint8Array.of(1, 2, 3));
      client.writer.flush();
      client.closeWrite();
      assertEquals(await client.reader.readBinary(5000), new Uint8Array(5000).fill(3));
      assertEquals(received, [1, 2, 3]);
      await client.close();
      await server.close();
    }
  });
});
