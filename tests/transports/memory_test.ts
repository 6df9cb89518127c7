import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../lib/errors.ts";
import type { RawConn } from "../../lib/io/raw.ts";
import { memory, type MemoryOptions, pair } from "../../transports/memory.ts";
import { conformance } from "./conformance.ts";
import { bulkTests } from "./conformance_bulk.ts";
import { connectionTests } from "./conformance_connection.ts";
import type { Way } from "./network.ts";

conformance("memory", memory(), { inMemory: true, tls: true, reusePort: true });

const way: Way = { address: () => ({ hostname: "127.0.0.1", port: 0 }), listen: {}, dial: {} };
const variants: Record<string, MemoryOptions> = {
  "owned chunks": { owned: true },
  "short writes": { capacityBytes: 50_000, writeBytes: 30_001, chunkBytes: 7_777 },
  "lent buffers": { lend: true },
};
for (const [name, options] of Object.entries(variants)) {
  describe(`memory transport with ${name}`, () => {
    connectionTests(memory(options), way, true);
    bulkTests(memory(options), way, 50);
  });
}

/** Starts a side and keeps what arrives as it is, copied or not. */
function collect(conn: RawConn, copy: boolean): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  conn.start({
    chunk: (bytes) => void chunks.push(copy ? bytes.slice() : bytes),
    end: () => {},
    drain: () => {},
    close: () => {},
  });
  return chunks;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe("pair", () => {
  it("cuts chunks as small as it is told", async () => {
    const [a, b] = pair({ chunkBytes: 1 });
    const chunks = collect(b, true);
    assertEquals(a.write(Uint8Array.of(1, 2, 3)), 3);
    await settle();
    assertEquals(chunks, [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
  });

  it("overwrites a borrowed chunk after it was delivered, and no owned one", async () => {
    for (const owned of [false, true]) {
      const [a, b] = pair({ owned });
      const chunks = collect(b, false);
      a.write(Uint8Array.of(1, 2, 3));
      await settle();
      (owned ? assertEquals : assertNotEquals)(chunks[0], Uint8Array.of(1, 2, 3));
    }
  });

  it("takes no more than it holds, and says when there is room", async () => {
    const [a, b] = pair({ capacityBytes: 10 });
    let drains = 0;
    a.start({ chunk: () => {}, end: () => {}, drain: () => void drains++, close: () => {} });
    assertEquals(a.write(new Uint8Array(25)), 10);
    assertEquals(a.write(new Uint8Array(25)), 0);
    await settle();
    assertEquals(drains, 0);
    const chunks = collect(b, true);
    await settle();
    assertEquals([drains, chunks.length], [1, 1]);
    assertEquals(a.write(new Uint8Array(5)), 5);
  });

  it("reads a lent buffer later, and says when it has", async () => {
    const [a, b] = pair({ lend: true });
    const chunks = collect(b, true);
    let drains = 0;
    a.start({ chunk: () => {}, end: () => {}, drain: () => void drains++, close: () => {} });
    const bytes = Uint8Array.of(1, 2, 3);
    assertEquals([a.write(bytes), a.lent], [3, true]);
    bytes[0] = 9; // what nobody may do: it shows
    assertEquals(a.write(bytes), 0);
    await settle();
    assertEquals([a.lent, drains, chunks], [false, 1, [Uint8Array.of(9, 2, 3)]]);
  });

  it("stops in the middle of a write when the reader pauses", async () => {
    const [a, b] = pair({ chunkBytes: 2 });
    const seen: number[] = [];
    b.start({
      chunk(bytes) {
        seen.push(bytes.length);
        b.pause();
      },
      end: () => {},
      drain: () => {},
      close: () => {},
    });
    a.write(new Uint8Array(5));
    for (const expected of [[2], [2, 2], [2, 2, 1]]) {
      await settle();
      assertEquals(seen, expected);
      b.resume();
    }
  });
});

describe("memory", () => {
  it("is a network of its own", async () => {
    const one = memory();
    const listener = await one.listen({ hostname: "here", port: 80 }, () => {});
    await assertRejects(() => memory().dial(listener.local), RpcError);
    await one.dial(listener.local);
  });
});
