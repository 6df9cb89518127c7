import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../../lib/errors.ts";
import { leaveSource, messagesOf, Pump, type PumpTarget } from "../../../../lib/rpc/stream/pump.ts";

/** A target that notes what it hears; `over` resolves with the last word of the pump. */
function target(
  send?: (message: unknown) => void | Promise<void>,
): PumpTarget & { heard: unknown[]; over: Promise<void> } {
  const heard: unknown[] = [];
  let resolve: () => void;
  const over = new Promise<void>((done) => resolve = done);
  const last = (word: unknown): void => {
    heard.push(word);
    resolve();
  };
  return {
    heard,
    over,
    send: (message) => {
      heard.push(message);
      return send?.(message);
    },
    finished: () => last("finished"),
    failed: (error) => last(error instanceof Error ? error.message : error),
    released: () => last("released"),
  };
}

/** Messages 1 to 3; notes in `heard` how they were left. */
async function* three(heard: unknown[]): AsyncGenerator<number> {
  try {
    for (const n of [1, 2, 3]) yield n;
  } finally {
    heard.push("left");
  }
}

describe("Pump", () => {
  it("sends everything, then says so", async () => {
    const to = target();
    new Pump(messagesOf([1, Promise.resolve(2)], "source"), to);
    await to.over;
    assertEquals(to.heard, [1, 2, "finished"]);
  });

  it("reads nothing before the target took what came", async () => {
    let take = (): void => {};
    const to = target(() => new Promise((resolve) => take = resolve));
    const read: number[] = [];
    async function* source(): AsyncGenerator<number> {
      for (const n of [1, 2]) {
        read.push(n);
        yield await Promise.resolve(n);
      }
    }
    new Pump(source(), to);
    for (let turns = 0; turns < 20; turns++) await Promise.resolve();
    assertEquals(read, [1]);
    take();
    for (let turns = 0; turns < 20; turns++) await Promise.resolve();
    assertEquals(read, [1, 2]);
    take();
    await to.over;
  });

  it("says what its source failed with", async () => {
    const to = target();
    async function* source(): AsyncGenerator<number> {
      yield await Promise.resolve(1);
      throw new Error("source broke");
    }
    new Pump(source(), to);
    await to.over;
    assertEquals(to.heard, [1, "source broke"]);
  });

  it("leaves its source when a message cannot be sent", async () => {
    for (const way of ["throws", "rejects"]) {
      const to = target(() => {
        const error = new Error(way);
        if (way === "throws") throw error;
        return Promise.reject(error);
      });
      new Pump(three(to.heard), to);
      await to.over;
      assertEquals(to.heard, [1, "left", way]);
    }
  });

  it("sends nothing more once it is stopped, and leaves its source", async () => {
    let pump: Pump | undefined = undefined;
    const to = target((message) => {
      if (message === 2) (pump as Pump | undefined)?.stop();
    });
    pump = new Pump(three(to.heard), to);
    await to.over;
    assertEquals(to.heard, [1, 2, "left", "released"]);
    pump.stop();
    assertEquals(to.heard.length, 4);
  });

  it("is released by a source that never answers and cannot be left", async () => {
    const to = target();
    const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    new Pump(source, to).stop();
    await to.over;
    assertEquals(to.heard, ["released"]);
  });

  it("takes a source that cannot be begun for one that failed", async () => {
    const to = target();
    const source = {
      [Symbol.asyncIterator](): AsyncIterator<unknown> {
        throw new Error("no iterator");
      },
    };
    new Pump(source, to);
    await to.over;
    assertEquals(to.heard, ["no iterator"]);
    leaveSource(source);
  });
});

describe("messagesOf", () => {
  it("refuses what cannot be iterated", () => {
    for (const source of [undefined, null, 5, "text", {}]) {
      assertThrows(() => messagesOf(source, "argument x"), RpcError, "argument x is no AsyncIterable and no Iterable");
    }
  });

  it("leaves an iterable when it is left", async () => {
    const heard: string[] = [];
    function* source(): Generator<number> {
      try {
        yield 1;
        yield 2;
      } finally {
        heard.push("left");
      }
    }
    for await (const _ of messagesOf(source(), "source")) break;
    assertEquals(heard, ["left"]);
  });
});
