import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { BufferedConnection } from "../../../lib/io/buffered_connection.ts";
import { BufferPool } from "../../../lib/io/buffer_pool.ts";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { FakeRaw } from "./fake_raw.ts";
import { ManualClock } from "./manual_clock.ts";

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Puts a message into the output of this turn. */
function put(connection: BufferedConnection, text: string): void {
  const { output } = connection;
  output.reserve(text.length);
  for (const char of text) output.bytes[output.pos++] = char.charCodeAt(0);
}

/** A connection in pull mode. */
function setup(): { raw: FakeRaw; connection: BufferedConnection } {
  const raw = new FakeRaw();
  const connection = new BufferedConnection(raw, { pool: new BufferPool({ poison: true }) });
  connection.start();
  return { raw, connection };
}

/** A handler of messages that end with a semicolon. */
function lines(seen: string[]): (bytes: Uint8Array) => number {
  return (bytes) => {
    let from = 0;
    for (let at; (at = bytes.indexOf(59, from)) >= 0; from = at + 1) seen.push(decode(bytes.subarray(from, at)));
    return from;
  };
}

describe("BufferedConnection, input", () => {
  it("pauses a peer that sends more than is read, and resumes it when that is read", async () => {
    const raw = new FakeRaw();
    const connection = new BufferedConnection(raw, { readHighWaterBytes: 100, readLowWaterBytes: 20 });
    connection.start();
    raw.arrive(new Uint8Array(99));
    assertEquals(raw.calls, []);
    raw.arrive(new Uint8Array(1));
    assertEquals(raw.calls, ["pause"]);
    connection.reader.skip(80);
    assertEquals(raw.calls, ["pause"]);
    connection.reader.skip(1);
    assertEquals(raw.calls, ["pause", "resume"]);
    raw.arrive(new Uint8Array(81));
    assertEquals(raw.calls.length, 3);
    const large = connection.reader.next(500);
    assertEquals(raw.calls.length, 4);
    raw.arrive(new Uint8Array(350));
    assertEquals(raw.calls.length, 4);
    raw.arrive(new Uint8Array(50));
    assertEquals((await large).length, 500);
    assertEquals(raw.calls, ["pause", "resume", "pause", "resume"]);
  });

  it("serves what had come before the end, also after the connection is gone", async () => {
    const raw = new FakeRaw();
    const connection = new BufferedConnection(raw);
    connection.start();
    raw.arrive("abc");
    raw.sink.end();
    assertEquals(connection.isActive, false);
    assertEquals(await connection.reader.readString(1), "a");
    raw.sink.close();
    assertEquals(await connection.reader.readString(2), "bc");
    await assertRejects(() => connection.reader.next(1) as Promise<unknown>, RpcError);
  });

  it("ends a waiting read when the connection is closed here or there", async () => {
    for (const end of ["close", "abort", "fin", "reset"] as const) {
      const raw = new FakeRaw();
      const connection = new BufferedConnection(raw);
      connection.start();
      const read = connection.reader.next(1) as Promise<unknown>;
      if (end === "close") void connection.close();
      else if (end === "abort") connection.abort();
      else if (end === "fin") raw.sink.end();
      else raw.sink.close(new Error("reset"));
      assertEquals((await assertRejects(() => read, RpcError)).kind, "transport", end);
      raw.sink.close();
    }
  });

  it("tells its user of bytes nobody waited for, of the end, and of the close", async () => {
    const raw = new FakeRaw();
    const connection = new BufferedConnection(raw);
    const events: string[] = [];
    connection.startPull({
      readable: () => void events.push(`readable ${connection.reader.len}`),
      end: () => void events.push("end"),
      close: (reason) => void events.push(`close ${reason}`),
    });
    raw.arrive("ab");
    const read = connection.reader.next(3);
    raw.arrive("c");
    await read;
    raw.sink.end();
    raw.sink.close("why");
    assertEquals(events, ["readable 2", "end", "close why"]);
  });

  it("sends what its user writes on readable in one write", () => {
    const raw = new FakeRaw();
    const connection = new BufferedConnection(raw);
    const { reader, writer } = connection;
    connection.startPull({
      readable() {
        while (reader.len > 0) {
          writer.writeBinary(reader.next(1) as Uint8Array);
          writer.flush();
        }
        reader.release();
      },
    });
    raw.arrive("abc");
    assertEquals(raw.writes.map(decode), ["abc"]);
  });

  it("times a waiting read out and keeps the connection", async () => {
    const clock = new ManualClock();
    const raw = new FakeRaw();
    const connection = new BufferedConnection(raw, { wheel: new TimerWheel(clock), readTimeoutMs: 100 });
    connection.start();
    const read = connection.reader.next(2) as Promise<Uint8Array>;
    raw.arrive("a");
    clock.advance(120);
    assertEquals((await assertRejects(() => read, RpcError)).kind, "timeout");
    const again = connection.reader.readString(2) as Promise<string>;
    clock.advance(80);
    raw.arrive("b");
    assertEquals(await again, "ab");
    assert(connection.isActive);
  });

  it("goes over from pull mode with what is buffered", async () => {
    const seen: string[] = [];
    const raw = new FakeRaw();
    const connection = new BufferedConnection(raw);
    connection.start();
    raw.arrive("xa;b");
    assertEquals(connection.reader.readString(1), "x");
    const read = connection.reader.next(100);
    connection.setHandler({ data: lines(seen), close: () => {} });
    raw.arrive(";");
    assertEquals(seen, ["a", "b"]);
    await assertRejects(() => read as Promise<unknown>, RpcError);
  });

  it("tells a handler that comes too late", () => {
    const seen: unknown[] = [];
    const connection = new BufferedConnection(new FakeRaw());
    connection.abort("gone");
    connection.startPull({ close: (reason, byPeer) => void seen.push(reason, byPeer) });
    assertEquals(seen, ["gone", false]);
  });
});

describe("BufferedConnection, output", () => {
  it("sends scratch and writer in the order they were used, in one write", async () => {
    const { raw, connection } = setup();
    put(connection, "1");
    connection.commit();
    connection.writer.writeString("2");
    connection.writer.flush();
    put(connection, "3");
    connection.writer.writeString("4");
    connection.writer.flush();
    put(connection, "5");
    connection.commit();
    connection.writer.writeString("not flushed");
    await Promise.resolve();
    assertEquals(raw.writes.map(decode), ["12345"]);
  });

  it("writes large linked payloads without copying and joins small pieces around them", async () => {
    const { raw, connection } = setup();
    const { writer } = connection;
    writer.writeString("head");
    writer.writeBinary(new Uint8Array(5000));
    writer.writeString("middle");
    writer.writeBinary(new Uint8Array(100_000));
    writer.writeString("tail");
    writer.flush();
    await Promise.resolve();
    assertEquals(raw.writes.reduce((sum, w) => sum + w.length, 0), 105_014);
    assert(raw.writes.length <= 3, `${raw.writes.length} writes`);
  });

  it("leaves lent parts of the chain alone too", async () => {
    const { raw, connection } = setup();
    raw.lends = true;
    const { writer } = connection;
    let expected = "";
    for (let i = 0; i < 30; i++) {
      for (const part of [`head ${i} `, "x".repeat(i % 3 === 0 ? 40_000 : 5000 + i), ` tail ${i}`]) {
        writer.writeString(part);
        expected += part;
      }
      writer.flush();
      await Promise.resolve();
      if (i % 2 === 0 && raw.lent) assert(raw.giveBack(), "the lent buffer was changed");
    }
    while (raw.lent) assert(raw.giveBack(), "the lent buffer was changed");
    assertEquals(raw.text === expected, true);
    assertEquals(connection.pendingBytes, 0);
  });

  it("makes no unhandled rejection of reads and flushes that nobody waits for", async () => {
    const raw = new FakeRaw();
    const connection = new BufferedConnection(raw);
    connection.start();
    const { reader, writer } = connection;
    void reader.next(1);
    void reader.next(1);
    connection.abort();
    void reader.until(1);
    void writer.flush();
    void connection.flush();
    const other = new BufferedConnection(new FakeRaw());
    other.start();
    void other.reader.until(1);
    other.abort();
    // An unhandled rejection would fail this test on every runtime.
    await new Promise((resolve) => setTimeout(resolve, 0));
  });

  it("keeps small messages for a peer that takes none in little memory", () => {
    const pool = new BufferPool();
    let held = 0;
    const [takeNode, giveNode] = [pool.takeNode.bind(pool), pool.giveNode.bind(pool)];
    pool.takeNode = (size) => {
      const node = takeNode(size);
      held += node.bytes.length;
      return node;
    };
    pool.giveNode = (node) => {
      held -= node.bytes.length;
      giveNode(node);
    };
    const raw = new FakeRaw();
    const connection = new BufferedConnection(raw, { pool });
    connection.start();
    raw.room = 0;
    for (let i = 0; i < 10_000; i++) {
      connection.writer.writeString(`message ${i}`);
      connection.writer.flush();
    }
    assert(held < 4 * connection.pendingBytes, `${held} bytes are held for ${connection.pendingBytes}`);
    raw.drain();
    assertEquals(raw.text, Array.from({ length: 10_000 }, (_, i) => `message ${i}`).join(""));
  });

  it("throws from the writer once closed", () => {
    const { connection } = setup();
    connection.abort();
    assertEquals(assertThrows(() => connection.writer.malloc(1), RpcError).kind, "transport");
  });

  it("refuses to write after closeWrite, and to send what was not flushed before", async () => {
    const { raw, connection } = setup();
    connection.writer.writeString("kept back");
    connection.closeWrite();
    assertThrows(() => connection.writer.writeByte(1), RpcError);
    await Promise.resolve();
    assertEquals([raw.text, raw.calls], ["", ["closeWrite"]]);
  });
});
