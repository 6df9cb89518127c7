import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../../lib/errors.ts";
import { TimerWheel } from "../../../../lib/io/timer_wheel.ts";
import { MessageQueue, onlyMessage } from "../../../../lib/rpc/stream/message_queue.ts";
import { ManualClock } from "../../io/manual_clock.ts";

/** A queue, and what its owner and its protocol heard. */
function subject(): { queue: MessageQueue<string>; heard: string[] } {
  const heard: string[] = [];
  const queue = new MessageQueue<string>({ ended: () => heard.push("ended"), left: () => heard.push("left") });
  queue.credit = { consumed: (bytes) => heard.push(`${bytes}`) };
  return { queue, heard };
}

async function rest(queue: MessageQueue<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const message of queue) all.push(message);
  return all;
}

describe("MessageQueue", () => {
  it("gives buffered messages in order, and credit for each as it is read", async () => {
    const { queue, heard } = subject();
    queue.push("a", 1);
    queue.push("b", 2);
    assertEquals([queue.bytes, heard], [3, []]);
    assertEquals(await queue.next(), { done: false, value: "a" });
    assertEquals([queue.bytes, heard], [2, ["1"]]);
    queue.end();
    assertEquals(await rest(queue), ["b"]);
    assertEquals(heard, ["1", "ended", "2"]);
  });

  it("gives a message to the reader that waits, without buffering it", async () => {
    const { queue, heard } = subject();
    const first = queue.next();
    const second = queue.next();
    queue.push("a", 1);
    queue.push("b", 1);
    assertEquals([queue.bytes, heard], [0, ["1", "1"]]);
    assertEquals([await first, await second].map((result) => result.value), ["a", "b"]);
  });

  it("fails after what is buffered, once", async () => {
    const { queue } = subject();
    queue.push("a", 1);
    queue.fail(new RpcError("internal", "broken"));
    queue.fail(new RpcError("internal", "too late"));
    assertEquals((await queue.next()).value, "a");
    await assertRejects(() => queue.next(), RpcError, "broken");
    assertEquals(await queue.next(), { done: true, value: undefined });
  });

  it("fails one waiting reader and ends the others", async () => {
    const { queue } = subject();
    const [first, second] = [queue.next(), queue.next()];
    queue.fail(new RpcError("internal", "broken"));
    await assertRejects(() => first, RpcError, "broken");
    assertEquals((await second).done, true);
  });

  it("drops what is buffered when it is aborted, also after the end", async () => {
    for (const ended of [false, true]) {
      const { queue, heard } = subject();
      queue.push("a", 5);
      if (ended) queue.end();
      queue.abort(new RpcError("canceled", "stop"));
      assertEquals(queue.bytes, 0);
      assertEquals(heard.filter((word) => word === "ended").length, 1);
      assertEquals(heard.includes("5"), true);
      await assertRejects(() => queue.next(), RpcError, "stop");
      assertEquals((await queue.next()).done, true);
    }
  });

  it("tells its owner once that the reader left, and drops what still comes", async () => {
    const { queue, heard } = subject();
    queue.push("a", 1);
    const loop = async (): Promise<void> => {
      for await (const _ of queue) break;
    };
    queue.push("b", 2);
    await loop();
    await queue.return();
    queue.push("c", 3);
    assertEquals(heard, ["1", "2", "left", "3"]);
    assertEquals((await queue.next()).done, true);
  });

  it("ends a waiting reader when another one leaves", async () => {
    const { queue } = subject();
    const waiting = queue.next();
    await queue.return();
    assertEquals((await waiting).done, true);
  });

  it("does not say that the reader left after the end", async () => {
    const { queue, heard } = subject();
    queue.end();
    await queue.return();
    assertEquals(heard, ["ended"]);
  });

  it("counts anew for each message how long a reader waits, and not while none does", async () => {
    const clock = new ManualClock();
    const { queue } = subject();
    let lost = 0;
    queue.limitWait(new TimerWheel(clock), 100, () => lost++);
    clock.advance(1000);
    const first = queue.next();
    clock.advance(90);
    queue.push("a", 1);
    await first;
    const second = queue.next();
    clock.advance(90);
    assertEquals(lost, 0);
    clock.advance(30);
    assertEquals(lost, 1);
    queue.end();
    await second;
  });
});

describe("onlyMessage", () => {
  it("gives the message once the stream ended", async () => {
    const { queue } = subject();
    queue.push("a", 1);
    queue.end();
    assertEquals(await onlyMessage(queue, "m"), "a");
  });

  it("rejects none, more than one, and a failure after the message", async () => {
    const none = subject().queue;
    none.end();
    await assertRejects(() => onlyMessage(none, "m"), RpcError, "m ended without a message");
    const { queue: two, heard } = subject();
    two.push("a", 1);
    two.push("b", 1);
    await assertRejects(() => onlyMessage(two, "m"), RpcError, "m sent more than one message");
    assertEquals(heard.at(-1), "left");
    const failed = subject().queue;
    failed.push("a", 1);
    failed.fail(new RpcError("internal", "broken"));
    await assertRejects(() => onlyMessage(failed, "m"), RpcError, "broken");
  });
});
