import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MessageReader } from "../../../codecs/grpc/message_reader.ts";
import { GrpcError } from "../../../codecs/grpc/status.ts";

function reader(maxBytes = 1000) {
  const messages: string[] = [];
  const made = new MessageReader(maxBytes, {
    message: (bytes, start, end, compressed) =>
      void messages.push(`${compressed ? "z:" : ""}${new TextDecoder().decode(bytes.subarray(start, end))}`),
  });
  return { messages, reader: made, read: (bytes: Uint8Array) => made.read(bytes, 0, bytes.length) };
}

function framed(...texts: string[]): Uint8Array {
  return Uint8Array.from(texts.flatMap((text) => [0, 0, 0, 0, text.length, ...new TextEncoder().encode(text)]));
}

describe("MessageReader", () => {
  it("reads messages however they are cut", () => {
    const bytes = framed("one", "", "three", "x".repeat(200));
    for (let size = 1; size <= bytes.length; size++) {
      const { messages, reader: one } = reader();
      for (let at = 0; at < bytes.length; at += size) one.read(bytes, at, Math.min(at + size, bytes.length));
      assertEquals(messages, ["one", "", "three", "x".repeat(200)]);
      assertEquals(one.incomplete, false);
    }
  });

  it("knows of every strict prefix that it is incomplete", () => {
    const bytes = framed("message");
    for (let end = 1; end < bytes.length; end++) {
      const { messages, reader: one } = reader();
      one.read(bytes, 0, end);
      assertEquals([messages.length, one.incomplete], [0, true]);
    }
  });

  it("tells compressed messages apart", () => {
    const { messages, read } = reader();
    read(Uint8Array.of(1, 0, 0, 0, 1, 0x41));
    assertEquals(messages, ["z:A"]);
  });

  it("refuses a message by its length alone", () => {
    const { read } = reader(10);
    const error = assertThrows(() => read(Uint8Array.of(0, 0, 0, 0, 11)), GrpcError);
    assertEquals([error.code, error.message], [8, "received message larger than max (11 vs. 10)"]);
    const huge = assertThrows(() => reader(10).read(Uint8Array.of(0, 255, 255, 255, 255)), GrpcError);
    assertEquals(huge.message, "received message larger than max (4294967295 vs. 10)");
  });

  it("refuses flags it does not know", () => {
    assertEquals(assertThrows(() => reader().read(Uint8Array.of(2, 0, 0, 0, 0)), GrpcError).code, 13);
  });
});
