import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lines } from "../../../cli/call/requests.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("lines", () => {
  it("come as soon as they are there, whatever the chunks are", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        const bytes = encode("é\r\n\nlast");
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const found: string[] = [];
    for await (const line of lines(stream)) found.push(line);
    assertEquals(found, ["é", "", "last"]);
  });

  it("end when the signal fires, also while one is waited for", async () => {
    let canceled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encode("first\nhalf")),
      cancel: () => void (canceled = true),
    });
    const enough = new AbortController();
    const iterator = lines(stream, enough.signal)[Symbol.asyncIterator]();
    assertEquals(await iterator.next(), { done: false, value: "first" });
    const next = iterator.next();
    enough.abort();
    assertEquals((await next).value, "half");
    assertEquals((await iterator.next()).done, true);
    assertEquals(canceled, true);
  });

  it("that nobody wants any more are not read", async () => {
    let canceled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encode("first\nsecond\n")),
      cancel: () => void (canceled = true),
    });
    for await (const line of lines(stream)) {
      assertEquals(line, "first");
      break;
    }
    assertEquals(canceled, true);
  });
});
