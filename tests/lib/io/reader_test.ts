import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { BufferPool } from "../../../lib/io/buffer_pool.ts";
import { LinkBuffer } from "../../../lib/io/link_buffer.ts";
import { BufferedReader } from "../../../lib/io/reader.ts";

/** A reader fed by hand, on a clock moved by hand. */
function setup(readTimeoutMs = 0): { reader: BufferedReader; at: (ms: number) => void; watched: number[] } {
  let nowMs = 0;
  const watched: number[] = [];
  const source = {
    clock: { now: () => nowMs, after: () => () => {} },
    paused: false,
    watchUntil: (ms: number) => void watched.push(ms),
    resume: () => {},
  };
  const reader = new BufferedReader(new LinkBuffer(new BufferPool({ poison: true })), source, readTimeoutMs);
  const at = (ms: number): void => {
    nowMs = ms;
    reader.expire(ms);
  };
  return { reader, at, watched };
}
const run = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i);
const kindOf = async (promise: unknown): Promise<string> =>
  (await assertRejects(() => promise as Promise<unknown>, RpcError)).kind;

describe("Reader", () => {
  it("reads without a promise what is buffered", () => {
    const { reader } = setup();
    reader.feed(run(40), false);
    assertEquals(reader.peek(2), run(2));
    assertEquals(reader.next(2), run(2));
    reader.skip(1);
    assertEquals(reader.readByte(), 3);
    assertEquals(reader.readBinary(2), Uint8Array.of(4, 5));
    assertEquals(reader.readString(1), "\x06");
    assertEquals(reader.until(10), Uint8Array.of(7, 8, 9, 10));
    const slice = reader.slice(2);
    assert(slice instanceof LinkBuffer);
    assertEquals(slice.next(2), Uint8Array.of(11, 12));
    assertEquals(reader.fill(27), undefined);
    assertEquals(reader.len, 27);
  });

  it("waits until enough is there, then takes it before anything else can", async () => {
    const { reader } = setup();
    const promise = reader.next(4);
    assert(promise instanceof Promise);
    assertEquals(reader.feed(run(3), false), false);
    assertEquals(reader.wanted, 4);
    assertEquals(reader.feed(run(3), false), true);
    assertEquals(reader.len, 2);
    assertEquals(await promise, Uint8Array.of(0, 1, 2, 0));
  });

  it("waits in every kind of read", async () => {
    const { reader } = setup();
    const feedLater = (n: number): void => queueMicrotask(() => reader.feed(run(n), true));
    feedLater(2);
    assertEquals(await reader.peek(2), run(2));
    reader.skip(2);
    feedLater(2);
    await reader.skip(2);
    feedLater(1);
    assertEquals(await reader.readString(1), "\0");
    feedLater(3);
    assertEquals(await reader.readBinary(3), run(3));
    feedLater(1);
    assertEquals(await reader.readByte(), 0);
    feedLater(5);
    assertEquals((await reader.slice(5)).len, 5);
    feedLater(3);
    await reader.fill(3);
    assertEquals(reader.len, 3);
  });

  it("looks for a delimiter in new bytes only, and not for ever", async () => {
    const { reader } = setup();
    const line = reader.until(10, { maxBytes: 100 });
    reader.feed(Uint8Array.of(1, 2), false);
    await Promise.resolve();
    reader.feed(Uint8Array.of(3, 10, 4), false);
    assertEquals(await line, Uint8Array.of(1, 2, 3, 10));
    assertEquals(reader.len, 1);
    const endless = reader.until(10, { maxBytes: 100 });
    reader.feed(new Uint8Array(200), false);
    assertEquals(await kindOf(endless), "protocol");
    assertEquals(reader.len, 201);
  });

  it("refuses a second read while one waits, and serves the first", async () => {
    const { reader } = setup();
    const first = reader.next(2);
    assertEquals(await kindOf(reader.next(1)), "invalid");
    reader.feed(run(2), false);
    assertEquals(await first, run(2));
  });

  it("times out after the time of the connection or of the read, and can go on", async () => {
    const { reader, at, watched } = setup(100);
    const read = reader.next(4);
    assertEquals(watched, [100]);
    reader.feed(run(2), false);
    at(99.9);
    assertEquals(reader.wanted, 4);
    at(100);
    const error = await assertRejects(() => read as Promise<unknown>, RpcError);
    assertEquals(error.kind, "timeout");
    assertEquals(error.message, "read of 4 bytes timed out after 100 ms with 2 there");
    const own = reader.next(4, { timeoutMs: 500 });
    assertEquals(watched[1], 600);
    reader.feed(run(2), false);
    assertEquals(await own, Uint8Array.of(0, 1, 0, 1));
    const forever = reader.next(1, { timeoutMs: 0 });
    at(1e12);
    reader.feed(run(1), false);
    assertEquals(await forever, run(1));
  });

  it("ends a wait when its signal fires, before or during it, and leaves no listener", async () => {
    const { reader } = setup();
    const gone = AbortSignal.abort("why");
    const early = await assertRejects(() => reader.next(1, { signal: gone }) as Promise<unknown>, RpcError);
    assertEquals([early.kind, early.cause], ["canceled", "why"]);
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    const served = reader.next(1, { signal });
    reader.feed(run(1), false);
    await served;
    assertEquals(listeners, 0);
    const read = reader.next(4, { signal });
    controller.abort("enough");
    assertEquals(await kindOf(read), "canceled");
    assertEquals(listeners, 0);
    reader.feed(run(4), false);
    assertEquals(await reader.next(4), run(4));
  });

  it("serves what is there after the end and rejects the rest with what is missing", async () => {
    const { reader } = setup();
    const read = reader.next(4);
    reader.feed(run(3), false);
    reader.end(new Error("reset"));
    const error = await assertRejects(() => read as Promise<unknown>, RpcError);
    assertEquals(error.kind, "transport");
    assertEquals(error.message, "connection closed with 3 of 4 bytes there");
    assertEquals((error.cause as Error).message, "reset");
    assertEquals(reader.next(3), run(3));
    assertEquals(await kindOf(reader.next(1)), "transport");
    assertEquals(await kindOf(reader.until(1)), "transport");
  });

  it("serves a waiting delimiter search that ends without one by rejecting, keeping the bytes", async () => {
    const { reader } = setup();
    const line = reader.until(10);
    reader.feed(run(5), false);
    await Promise.resolve();
    reader.end();
    assertEquals(await kindOf(line), "transport");
    assertEquals(reader.next(5), run(5));
  });
});
