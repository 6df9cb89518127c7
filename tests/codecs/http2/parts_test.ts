/**
 * The small parts of a connection: queue, budget, bandwidth, stream table, header list.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Bandwidth } from "../../../codecs/http2/bandwidth.ts";
import { Budget } from "../../../codecs/http2/budget.ts";
import { ByteQueue } from "../../../lib/io/byte_queue.ts";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { Http2Stream } from "../../../codecs/http2/stream.ts";
import { Gone, StreamTable } from "../../../codecs/http2/stream_table.ts";
import { random } from "./hex.ts";

describe("ByteQueue", () => {
  it("gives back what was appended, in order, whatever is taken between", () => {
    const next = random(5);
    const queue = new ByteQueue();
    const expected: number[] = [];
    let value = 0;
    for (let round = 0; round < 3000; round++) {
      const piece = Uint8Array.from({ length: next(40) }, () => value++ & 255);
      queue.append(piece, 0, piece.length);
      expected.push(...piece);
      const count = next(Math.min(80, queue.length + 1));
      assertEquals([...queue.bytes.subarray(queue.start, queue.start + count)], expected.splice(0, count));
      queue.drop(count);
      assertEquals(queue.length, expected.length);
    }
    queue.drop(queue.length);
    assertEquals(queue.bytes.length, 0);
  });
});

describe("Budget", () => {
  it("refills with time and with work, up to its capacity", () => {
    let nowMs = 0;
    const budget = new Budget(3, 10, () => nowMs);
    const spend = (): number => {
      let count = 0;
      while (count < 10 && budget.spend()) count++;
      return count;
    };
    assertEquals(spend(), 3);
    nowMs = 99;
    assertEquals(spend(), 0);
    nowMs = 299;
    assertEquals(spend(), 2);
    nowMs = 1e9;
    assertEquals(spend(), 3);
    budget.earn(2);
    assertEquals(spend(), 2);
    budget.earn(Infinity);
    assertEquals(spend(), 3);
  });
});

describe("Bandwidth", () => {
  it("grows only while it fills the window faster than before", () => {
    const bandwidth = new Bandwidth(1000, 10_000);
    const round = (count: number, ms: number, from: number): boolean => {
      if (bandwidth.received(count)) bandwidth.sent(from);
      return bandwidth.answered(from + ms);
    };
    assertEquals(round(200, 10, 0), false);
    assertEquals(round(800, 10, 100), true);
    assertEquals(bandwidth.window, 2000);
    assertEquals(round(2000, 10, 200), true);
    assertEquals(bandwidth.window, 4000);
    // As much in a longer time is not faster: the window was not what limited it.
    assertEquals(round(4000, 200, 300), false);
    assertEquals(new Bandwidth(1000, 1000).received(1e9), false);
  });
});

describe("StreamTable", () => {
  it("knows how streams went, and which ids were skipped", () => {
    const table = new StreamTable();
    for (const id of [1, 3, 9]) {
      table.use(id);
      table.add(new Http2Stream(id, 1, 1));
    }
    table.remove(table.get(1)!, Gone.ENDED);
    table.remove(table.get(3)!, Gone.RESET_BY_PEER);
    assertEquals([1, 3, 5, 7].map((id) => table.gone(id)), [1, 2, 0, 0]);
    assertEquals([9, 10, 11].map((id) => table.isIdle(id)), [false, true, true]);
    table.use(3001);
    assertEquals([table.gone(2999), table.gone(1), table.gone(3001)], [
      Gone.SKIPPED,
      Gone.RESET_BY_US,
      Gone.RESET_BY_US,
    ]);
    // Long ago and still open: its end is not noted in the place of another.
    table.remove(table.get(9)!, Gone.RESET_BY_PEER);
    for (let id = 2001; id < 3001; id += 2) assertEquals(table.gone(id), Gone.SKIPPED);
  });
});

describe("HeaderList", () => {
  it("finds fields, counts as RFC 9113 does, and can be gone through", () => {
    const list = HeaderList.of([["a", "1"], ["b", "2"], ["a", "3"]]);
    assertEquals([list.get("a"), list.get("c"), list.getAll("a"), list.count], ["1", undefined, ["1", "3"], 3]);
    assertEquals([list.octets, [...list].join(" ")], [3 * 34, "a,1 b,2 a,3"]);
    assertEquals(HeaderList.of({ __proto__x: "a", constructor: "b" }).get("constructor"), "b");
    assert(!list.sealed && !list.isSensitive(0));
  });
});
