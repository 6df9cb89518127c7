import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { BufferPool } from "../../../lib/io/buffer_pool.ts";
import { Connection, type ConnectionHandler, type ConnectionOptions } from "../../../lib/io/connection.ts";
import { linkedNode } from "../../../lib/io/link_node.ts";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { FakeRaw } from "./fake_raw.ts";
import { ManualClock } from "./manual_clock.ts";

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Puts a message into the output of this turn. */
function put(connection: Connection, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const output = connection.output;
  output.reserve(bytes.length);
  output.bytes.set(bytes, output.pos);
  output.pos += bytes.length;
}

interface Setup {
  raw: FakeRaw;
  connection: Connection;
  clock: ManualClock;
  seen: string[];
  closed: unknown[];
}

/** A connection in push mode; `data` consumes everything unless told otherwise. */
function setup(handler: Partial<ConnectionHandler> = {}, options: ConnectionOptions = {}): Setup {
  const raw = new FakeRaw();
  const clock = new ManualClock();
  const pool = new BufferPool({ poison: true });
  const connection = new Connection(raw, { wheel: new TimerWheel(clock), pool, ...options });
  const seen: string[] = [];
  const closed: unknown[] = [];
  connection.start({
    data: (bytes) => {
      seen.push(decode(bytes));
      return bytes.length;
    },
    close: (reason) => void closed.push(reason),
    ...handler,
  });
  return { raw, connection, clock, seen, closed };
}

/** A handler of messages that end with a semicolon; it announces nothing. */
function lines(seen: string[]): (bytes: Uint8Array) => number {
  return (bytes) => {
    let from = 0;
    for (let at; (at = bytes.indexOf(59, from)) >= 0; from = at + 1) seen.push(decode(bytes.subarray(from, at)));
    return from;
  };
}

/** A handler of messages with one byte of length, which sets `need`. */
function counted(setup: () => Setup, seen: string[], offers: string[] = []): (bytes: Uint8Array) => number {
  return (bytes) => {
    offers.push(decode(bytes));
    let from = 0;
    while (from < bytes.length) {
      const end = from + 1 + bytes[from]! - 48;
      if (end > bytes.length) {
        setup().connection.need = end - from;
        break;
      }
      seen.push(decode(bytes.subarray(from + 1, end)));
      from = end;
    }
    return from;
  };
}

describe("Connection, input in push mode", () => {
  it("offers a chunk in place", () => {
    const { raw, connection } = setup({
      data(bytes) {
        assert(bytes.buffer === chunk.buffer);
        return bytes.length;
      },
    });
    const chunk = new Uint8Array(100);
    raw.sink.chunk(chunk, false);
    assert(connection.isActive);
  });

  it("keeps what is not consumed and offers it again with what follows", () => {
    const seen: string[] = [];
    const s = setup({ data: lines(seen) });
    for (const piece of ["a;bc", "d", ";;e", "f;g;h"]) s.raw.arrive(piece);
    assertEquals(seen, ["a", "bcd", "", "ef", "g"]);
    s.raw.arrive(";");
    assertEquals(seen.at(-1), "h");
  });

  it("calls again only when as much is there as is needed", () => {
    const seen: string[] = [];
    const offers: string[] = [];
    const s: Setup = setup({ data: counted(() => s, seen, offers) });
    s.raw.arrive("3ab");
    s.raw.arrive("");
    s.raw.arrive("c2de1f4gh");
    s.raw.arrive("i");
    s.raw.arrive("j1k");
    assertEquals(seen, ["abc", "de", "f", "ghij", "k"]);
    assertEquals(offers, ["3ab", "3abc2de1f4gh", "4ghij1k"]);
  });

  it("parses what follows a large message in place", () => {
    const large = new Uint8Array(1000);
    const offers: number[] = [];
    const s: Setup = setup({
      data(bytes) {
        offers.push(bytes.length);
        s.connection.need = 500;
        return bytes.length < 500 ? 0 : 500;
      },
    });
    s.raw.sink.chunk(large.subarray(0, 300), false);
    s.raw.sink.chunk(large, false);
    assertEquals(offers, [300, 500, 800]);
  });

  it("is called once a chunk by a handler that asks for one byte more each time", () => {
    let calls = 0;
    const s: Setup = setup({
      data(bytes) {
        calls++;
        s.connection.need = bytes.length + 1;
        return 0;
      },
    });
    const chunk = new Uint8Array(10_000);
    for (let i = 0; i < 100; i++) s.raw.sink.chunk(chunk, false);
    assertEquals(calls, 100);
  });

  it("does the same for every way of cutting the input", () => {
    const input = "3abc0" + "1x" + "9ninebytes".slice(0, 10) + "2yz";
    for (let size = 1; size <= input.length; size++) {
      const seen: string[] = [];
      const s: Setup = setup({ data: counted(() => s, seen) });
      for (let at = 0; at < input.length; at += size) s.raw.arrive(input.slice(at, at + size));
      assertEquals(seen, ["abc", "", "x", "ninebytes", "yz"], `pieces of ${size}`);
    }
  });

  it("takes a frame of 16 MiB in pieces of one byte with two calls of data", () => {
    const total = 16 * 1024 * 1024;
    let calls = 0;
    const s: Setup = setup({
      data(bytes) {
        calls++;
        s.connection.need = total;
        return bytes.length === total ? total : 0;
      },
    });
    const byte = new Uint8Array(1);
    for (let i = 0; i < total; i++) s.raw.sink.chunk(byte, false);
    assertEquals(calls, 2);
  });

  it("aborts the one connection whose handler throws, with the reason", () => {
    const bad = new Error("bad frame");
    const s = setup({
      data() {
        throw bad;
      },
    });
    s.raw.arrive("x");
    assertEquals(s.closed, [bad]);
    assertEquals(s.raw.calls, ["abort"]);
    assertEquals(s.connection.isActive, false);
    s.raw.arrive("more");
    s.raw.sink.close();
    assertEquals(s.closed.length, 1);
  });

  it("aborts a handler that says it consumed what was not there", () => {
    for (const used of [4, -1, 0.5, NaN]) {
      const s = setup({ data: () => used });
      s.raw.arrive("abc");
      assertEquals((s.closed[0] as RpcError).kind, "internal");
    }
  });

  it("offers the rest of the same chunk to a handler set while parsing, in place", () => {
    const seen: string[] = [];
    const s: Setup = setup({
      data(bytes) {
        if (bytes.length < 2) return 0;
        s.connection.setHandler({ data: lines(seen), close: () => seen.push("closed") });
        return 2;
      },
    });
    s.raw.arrive("M");
    s.raw.arrive("1a;b");
    s.raw.arrive(";");
    s.raw.sink.close();
    assertEquals(seen, ["a", "b", "closed"]);
    assertEquals(s.closed, []);
  });

  it("offers the rest to a handler set later, and the end that had come", () => {
    const seen: string[] = [];
    const s = setup({ data: () => 0, end: () => void seen.push("old end") });
    s.raw.arrive("a;b");
    s.raw.sink.end();
    s.connection.setHandler({ data: lines(seen), end: () => void seen.push("end"), close: () => {} });
    assertEquals(seen, ["old end", "a", "end"]);
  });

  it("offers nothing while held, and everything after release", () => {
    const s: Setup = setup({
      data(bytes) {
        s.seen.push(decode(bytes));
        s.connection.hold();
        return 1;
      },
    });
    s.raw.arrive("abc");
    s.raw.arrive("d");
    assertEquals(s.seen, ["abc"]);
    s.connection.release();
    assertEquals(s.seen, ["abc", "bcd"]);
    s.connection.release();
    s.connection.release();
    s.connection.release();
    assertEquals(s.seen, ["abc", "bcd", "cd", "d"]);
  });

  it("copies what is held about twice, however small the pieces are", () => {
    let taken = 0;
    const pool = new BufferPool();
    const takeNode = pool.takeNode.bind(pool);
    pool.takeNode = (size) => {
      taken += size;
      return takeNode(size);
    };
    const s = setup({}, { pool });
    s.connection.hold();
    const byte = new Uint8Array(1);
    for (let i = 0; i < 1_000_000; i++) s.raw.sink.chunk(byte, false);
    assert(taken < 5_000_000, `${taken} bytes of memory were taken`);
  });

  it("pauses the transport when too much is held, and resumes it after", () => {
    const options = { readHighWaterBytes: 10, readLowWaterBytes: 5 };
    const seen: string[] = [];
    const s = setup({ data: lines(seen) }, options);
    s.connection.hold();
    s.raw.arrive("abcdefgh;");
    assertEquals(s.raw.calls, []);
    s.raw.arrive("i;");
    assertEquals(s.raw.calls, ["pause"]);
    s.connection.release();
    assertEquals(s.raw.calls, ["pause", "resume"]);
    assertEquals(seen, ["abcdefgh", "i"]);
  });

  it("does not pause for the rest of a message that is larger than the mark", () => {
    const s: Setup = setup({
      data(bytes) {
        s.connection.need = 100;
        return bytes.length < 100 ? 0 : 100;
      },
    }, { readHighWaterBytes: 10 });
    for (let i = 0; i < 10; i++) s.raw.arrive("0123456789");
    assertEquals(s.raw.calls, []);
  });
});

describe("Connection, output", () => {
  it("sends all replies of one chunk in one write at its end", () => {
    const s: Setup = setup({
      data(bytes) {
        for (const byte of bytes) {
          put(s.connection, `<${String.fromCharCode(byte)}>`);
          s.connection.commit();
        }
        assertEquals(s.raw.writes.length, 0);
        return bytes.length;
      },
    });
    s.raw.arrive("abc");
    assertEquals(s.raw.writes.map(decode), ["<a><b><c>"]);
  });

  it("sends what comes later in one write a turn", async () => {
    const s = setup();
    for (const text of ["a", "b", "c"]) {
      put(s.connection, text);
      s.connection.commit();
    }
    assertEquals(s.raw.writes.length, 0);
    await Promise.resolve();
    assertEquals(s.raw.writes.map(decode), ["abc"]);
  });

  it("hands 64 KiB on without waiting for the end of the turn", () => {
    const s: Setup = setup({
      data(bytes) {
        for (let i = 0; i < 100; i++) {
          put(s.connection, new Uint8Array(1000));
          s.connection.commit();
        }
        assertEquals(s.raw.writes.map((w) => w.length), [66_000]);
        return bytes.length;
      },
    });
    s.raw.arrive("x");
    assertEquals(s.raw.writes.map((w) => w.length), [66_000, 34_000]);
  });

  it("keeps what the transport does not take and goes on when it drains", () => {
    const s = setup();
    s.raw.room = 3;
    put(s.connection, "abcdef");
    s.connection.flush();
    assertEquals([s.raw.text, s.connection.pendingBytes], ["abc", 3]);
    put(s.connection, "ghi");
    s.connection.flush();
    assertEquals([s.raw.text, s.connection.pendingBytes], ["abc", 6]);
    s.raw.drain(1);
    assertEquals([s.raw.text, s.connection.pendingBytes], ["abcd", 5]);
    s.raw.drain();
    assertEquals([s.raw.text, s.connection.pendingBytes], ["abcdefghi", 0]);
  });

  it("leaves a lent buffer alone until it is given back, and gathers meanwhile", async () => {
    const s = setup();
    s.raw.lends = true;
    put(s.connection, "first");
    s.connection.flush();
    for (const text of ["second ", "third ", "fourth"]) {
      put(s.connection, text);
      s.connection.commit();
      await Promise.resolve();
    }
    assertEquals(s.raw.writes.map(decode), ["first"]);
    assert(s.raw.giveBack(), "the lent buffer was changed");
    assertEquals(s.raw.writes.map(decode), ["first", "second third fourth"]);
    put(s.connection, "fifth");
    s.connection.flush();
    assert(s.raw.giveBack(), "the lent buffer was changed");
    assert(s.raw.giveBack(), "the lent buffer was changed");
    assertEquals(s.raw.text, "firstsecond third fourthfifth");
  });

  it("owns no scratch while it is idle", () => {
    const pool = new BufferPool();
    const s = setup({}, { pool });
    put(s.connection, "x");
    const scratch = s.connection.output;
    s.connection.flush();
    assertStrictEquals(pool.takeScratch(), scratch);
  });

  it("flush gives a promise above the high mark only, which resolves at the low one", async () => {
    const drains: number[] = [];
    const s: Setup = setup({ drain: () => void drains.push(s.connection.pendingBytes) }, {
      writeHighWaterBytes: 100,
      writeLowWaterBytes: 20,
    });
    s.raw.room = 0;
    put(s.connection, "x".repeat(100));
    assertEquals(s.connection.flush(), undefined);
    put(s.connection, "x");
    const first = s.connection.flush();
    const second = s.connection.send(undefined);
    assert(first instanceof Promise && second instanceof Promise);
    let done = 0;
    const both = Promise.all([first.then(() => done++), second.then(() => done++)]);
    s.raw.drain(80);
    await Promise.resolve();
    assertEquals([done, drains], [0, []]);
    s.raw.drain(1);
    await both;
    assertEquals([done, drains], [2, [20]]);
    assertEquals(s.connection.flush(), undefined);
  });

  it("reads nothing from a peer that takes nothing, and goes on with what had come once it does", () => {
    const s: Setup = setup({
      data(bytes) {
        s.seen.push(decode(bytes));
        put(s.connection, new Uint8Array(200));
        return bytes.length;
      },
    }, { writeHighWaterBytes: 100, writeLowWaterBytes: 20 });
    s.raw.room = 0;
    s.raw.arrive("a");
    assertEquals(s.raw.calls, ["pause"]);
    s.raw.arrive("b");
    s.raw.arrive("c");
    assertEquals(s.seen, ["a"]);
    s.raw.drain();
    assertEquals(s.seen, ["a", "bc"]);
    assertEquals(s.raw.calls, ["pause", "resume"]);
    assertEquals(s.connection.pendingBytes, 0);
  });

  it("goes on reading from a peer that takes nothing if told so", () => {
    const s = setup({}, { writeHighWaterBytes: 10, readWhileFull: true });
    s.raw.room = 0;
    put(s.connection, "x".repeat(100));
    assert(s.connection.flush() instanceof Promise);
    s.raw.arrive("answer");
    assertEquals([s.seen, s.raw.calls], [["answer"], []]);
  });

  it("goes on reading from a peer that takes nothing if its handler says so", () => {
    const s = setup({ readWhileFull: true }, { writeHighWaterBytes: 10 });
    s.raw.room = 0;
    put(s.connection, "x".repeat(100));
    assert(s.connection.flush() instanceof Promise);
    s.raw.arrive("answer");
    assertEquals([s.seen, s.raw.calls], [["answer"], []]);
  });

  it("rejects waiting flushes when the connection ends, and throws nothing when nobody waits", async () => {
    const s = setup({}, { writeHighWaterBytes: 10 });
    s.raw.room = 0;
    put(s.connection, "x".repeat(100));
    const flushed = s.connection.flush() as Promise<void>;
    s.connection.flush();
    s.raw.sink.close(new Error("reset"));
    const error = await assertRejects(() => flushed, RpcError);
    assertEquals([error.kind, (error.cause as Error).message], ["transport", "reset"]);
    await assertRejects(() => s.connection.flush() as Promise<void>, RpcError);
  });

  it("drops what is written once closed, and says so to who asks", async () => {
    const s = setup();
    s.connection.checkWritable();
    s.connection.abort();
    assertEquals(assertThrows(() => s.connection.checkWritable(), RpcError).kind, "transport");
    await assertRejects(() => s.connection.send(linkedNode(new Uint8Array(5000))) as Promise<void>, RpcError);
    put(s.connection, "late");
    s.connection.commit();
    await Promise.resolve();
    assertEquals([s.raw.writes.length, s.connection.pendingBytes], [0, 0]);
  });
});

describe("Connection, its end", () => {
  it("tells the handler once and last, then the close functions, the last one first", () => {
    const order: string[] = [];
    const s = setup({ close: (reason) => void order.push(`handler ${reason}`) });
    s.connection.onClose(() => order.push("first"));
    const remove = s.connection.onClose(() => order.push("removed"));
    s.connection.onClose((reason) => order.push(`second ${reason}`));
    remove();
    remove();
    s.raw.sink.close("why");
    s.raw.sink.close("again");
    s.connection.abort("later");
    assertEquals(order, ["handler why", "second why", "first"]);
    s.connection.onClose((reason) => order.push(`late ${reason}`));
    assertEquals(order.at(-1), "late why");
  });

  it("goes on past close functions that throw, and reports them", () => {
    const errors: unknown[] = [];
    let ran = 0;
    const s = setup({
      close() {
        throw 1;
      },
    }, { onError: (error) => errors.push(error) });
    s.connection.onClose(() => ran++);
    s.connection.onClose(() => {
      throw 2;
    });
    s.raw.sink.close();
    assertEquals([errors, ran], [[1, 2], 1]);
  });

  it("is not active after the peer's FIN, and closes after flushing when nobody handles it", async () => {
    const s = setup();
    s.raw.room = 1;
    put(s.connection, "ab");
    s.connection.flush();
    s.raw.sink.end();
    assertEquals(s.connection.isActive, false);
    assertEquals(s.raw.calls, []);
    s.raw.drain();
    assertEquals(s.raw.calls, ["close"]);
    s.raw.sink.close();
    assertEquals(s.closed, [undefined]);
    await s.connection.close();
  });

  it("leaves a half-closed connection open for a handler that wants to answer", () => {
    const s: Setup = setup({ end: () => put(s.connection, "bye") });
    s.raw.arrive("x");
    s.raw.sink.end();
    assertEquals([s.raw.text, s.raw.calls], ["bye", []]);
  });

  it("tells the end after the data it held back", () => {
    const s: Setup = setup({ end: () => void s.seen.push("end") });
    s.connection.hold();
    s.raw.arrive("x");
    s.raw.sink.end();
    assertEquals(s.seen, []);
    s.connection.release();
    assertEquals(s.seen, ["x", "end"]);
  });

  it("close sends everything, then closes, and resolves when the transport has", async () => {
    const s = setup();
    s.raw.room = 2;
    put(s.connection, "abcd");
    s.connection.commit();
    let done = false;
    const closed = s.connection.close().then(() => done = true);
    assertStrictEquals(s.connection.close(), s.connection.close());
    assertEquals([s.raw.text, s.raw.calls, s.connection.isActive], ["ab", [], false]);
    s.raw.arrive("ignored");
    s.raw.drain();
    assertEquals([s.raw.text, s.raw.calls], ["abcd", ["close"]]);
    await Promise.resolve();
    assertEquals(done, false);
    s.raw.sink.close();
    await closed;
    assertEquals([s.seen, s.closed], [[], [undefined]]);
    await s.connection.close();
  });

  it("close inside data sends the replies of that chunk", () => {
    const s: Setup = setup({
      data(bytes) {
        put(s.connection, "reply");
        s.connection.close();
        assertEquals(s.raw.writes.length, 0);
        put(s.connection, " and more");
        return bytes.length;
      },
    });
    s.raw.arrive("x");
    assertEquals([s.raw.text, s.raw.calls], ["reply and more", ["close"]]);
  });

  it("abort inside data tells the handler when data has returned", () => {
    const order: string[] = [];
    const s: Setup = setup({
      data(bytes) {
        s.connection.abort("why");
        order.push("data");
        return bytes.length;
      },
      close: (reason) => void order.push(`close ${reason}`),
    });
    s.raw.arrive("x");
    assertEquals(order, ["data", "close why"]);
    assertEquals(s.raw.calls, ["abort"]);
  });

  it("closes a connection that was never started", async () => {
    const raw = new FakeRaw();
    const connection = new Connection(raw);
    const closed = connection.close();
    assertEquals(raw.calls, ["close"]);
    assertThrows(() => connection.start({ data: () => 0, close: () => {} }), RpcError, "already started");
    raw.sink.close();
    await closed;
    const other = new Connection(new FakeRaw());
    other.abort();
    await other.close();
  });

  it("tells a handler that comes too late", () => {
    const reasons: unknown[] = [];
    const late = { data: () => 0, close: (reason: unknown) => void reasons.push(reason) };
    const connection = new Connection(new FakeRaw());
    connection.abort("gone");
    connection.start(late);
    const { raw, connection: other } = setup();
    raw.sink.close("broken");
    other.setHandler(late);
    assertEquals(reasons, ["gone", "broken"]);
  });

  it("closeWrite sends everything, then FIN, and goes on reading", () => {
    const s = setup();
    s.raw.room = 1;
    put(s.connection, "ab");
    s.connection.closeWrite();
    s.connection.closeWrite();
    assertEquals(s.raw.calls, []);
    s.raw.drain();
    assertEquals([s.raw.text, s.raw.calls], ["ab", ["closeWrite"]]);
    s.raw.arrive("x");
    assertEquals(s.seen, ["x"]);
    assertThrows(() => s.connection.checkWritable(), RpcError);
    assertEquals(s.raw.calls, ["closeWrite"]);
  });
});

describe("Connection, time", () => {
  /** The longest that a timeout of 1000 ms may come late, and then some. */
  const LATE_MS = 150;
  const reasonOf = (s: Setup): string => `${(s.closed[0] as RpcError).kind}: ${(s.closed[0] as RpcError).message}`;

  it("knows when the last byte came or went", async () => {
    const s = setup();
    s.clock.advance(10);
    s.raw.arrive("x");
    assertEquals(s.connection.idleSinceMs, 1010);
    s.clock.advance(10);
    put(s.connection, "x");
    s.connection.commit();
    await Promise.resolve();
    assertEquals(s.connection.idleSinceMs, 1020);
  });

  it("closes an idle connection, unless its handler keeps it", () => {
    let keep = 2;
    const s = setup({ idle: () => keep-- > 0 }, { idleTimeoutMs: 1000 });
    s.clock.advance(900);
    s.raw.arrive("x");
    s.clock.advance(999);
    assertEquals([keep, s.raw.calls], [2, []]);
    s.clock.advance(1 + LATE_MS);
    assertEquals([keep, s.raw.calls], [1, []]);
    s.clock.advance(1000 + LATE_MS);
    assertEquals([keep, s.raw.calls], [0, []]);
    s.clock.advance(1000 + LATE_MS);
    assertEquals(s.raw.calls, ["close"]);
  });

  it("does not call a connection idle that has output to send", () => {
    const s = setup({}, { idleTimeoutMs: 1000 });
    s.raw.room = 0;
    put(s.connection, "x");
    s.connection.flush();
    s.clock.advance(5000);
    assertEquals(s.raw.calls, []);
    s.raw.drain();
    s.clock.advance(2000 + LATE_MS);
    assertEquals(s.raw.calls, ["close"]);
  });

  it("aborts when the peer takes no output for the write timeout, and not while it takes some", () => {
    const s = setup({}, { writeTimeoutMs: 1000 });
    s.raw.room = 1;
    put(s.connection, "abcdef");
    s.connection.flush();
    for (let i = 0; i < 3; i++) {
      s.clock.advance(900);
      s.raw.drain(1);
    }
    s.clock.advance(999);
    assertEquals(s.raw.calls, []);
    s.clock.advance(1 + LATE_MS);
    assertEquals(s.raw.calls, ["abort"]);
    assertEquals(reasonOf(s), "timeout: no output was taken for 1000 ms");
  });

  it("aborts when a lent buffer does not come back in time", () => {
    const s = setup({}, { writeTimeoutMs: 1000 });
    s.raw.lends = true;
    put(s.connection, "abcdef");
    s.connection.flush();
    s.clock.advance(1000 + LATE_MS);
    assertEquals(reasonOf(s), "timeout: no output was taken for 1000 ms");
  });

  it("aborts when a message stays incomplete for the read timeout, counted from its last progress", () => {
    const s: Setup = setup({ data: (bytes) => bytes.length - 1 }, { readTimeoutMs: 1000 });
    for (let i = 0; i < 5; i++) {
      s.raw.arrive("ab");
      s.clock.advance(900);
    }
    s.clock.advance(99);
    assertEquals(s.raw.calls, []);
    s.clock.advance(1 + LATE_MS);
    assertEquals(reasonOf(s), "timeout: a message stayed incomplete for 1000 ms");
  });

  it("lets a message that trickles in without progress run into the read timeout", () => {
    const s: Setup = setup({
      data() {
        s.connection.need = 100;
        return 0;
      },
    }, { readTimeoutMs: 1000 });
    for (let i = 0; i < 13; i++) {
      assertEquals(s.raw.calls, i < 10 ? [] : s.raw.calls);
      s.raw.arrive("a");
      s.clock.advance(100);
    }
    assertEquals(s.raw.calls, ["abort"]);
  });

  it("does not time out a message that the handler itself holds up, nor an empty line", () => {
    const s = setup({ data: () => 0 }, { readTimeoutMs: 1000 });
    s.clock.advance(5000);
    s.connection.hold();
    s.raw.arrive("abc");
    s.clock.advance(5000);
    assertEquals(s.raw.calls, []);
  });

  it("gives a close whose output is not taken 5 s, or the write timeout", async () => {
    for (const options of [{}, { writeTimeoutMs: 300 }]) {
      const s = setup({}, options);
      s.raw.room = 0;
      put(s.connection, "x");
      const closed = s.connection.close();
      s.clock.advance((options.writeTimeoutMs ?? 5000) - 10);
      assertEquals(s.raw.calls, []);
      s.clock.advance(30);
      assertEquals(s.raw.calls, ["abort"]);
      await closed;
      assertEquals((s.closed[0] as RpcError).kind, "timeout");
    }
  });

  it("gives a transport that does not finish closing the same time", async () => {
    const s = setup();
    const closed = s.connection.close();
    assertEquals(s.raw.calls, ["close"]);
    s.clock.advance(5020);
    await closed;
    assertEquals(s.raw.calls, ["close", "abort"]);
  });

  it("leaves no timer behind", async () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const s = setup({}, { wheel, idleTimeoutMs: 1000, readTimeoutMs: 50, writeTimeoutMs: 50 });
    s.raw.arrive("x");
    put(s.connection, "x");
    s.connection.flush();
    const closed = s.connection.close();
    s.raw.sink.close();
    await closed;
    assertEquals(wheel.size, 0);
  });
});
