import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Framed, frameMessage, MessageReader } from "../../../cli/lsp/framing.ts";
import { randomSource } from "../../idl/emit/random_values.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function readAll(chunks: readonly Uint8Array[], maxBytes = 1000): Framed[] {
  const reader = new MessageReader(maxBytes);
  return chunks.flatMap((chunk) => reader.push(chunk));
}

const HELLO = 'Content-Length: 7\r\n\r\n{"ä":1}'.replace("7", "8");
const MESSAGE: Framed = { kind: "message", text: '{"ä":1}' };

describe("MessageReader", () => {
  it("takes messages however they are cut", () => {
    const bytes = bytesOf(HELLO + HELLO + HELLO);
    for (const size of [1, 2, 3, 7, 20, 40, bytes.length]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
      assertEquals(readAll(chunks), [MESSAGE, MESSAGE, MESSAGE], `chunks of ${size}`);
    }
  });
  it("takes other headers, any case, bare line feeds, and blank lines between messages", () => {
    assertEquals(readAll([bytesOf("Content-Type: x\r\ncontent-length:2\r\n\r\n{}\r\ncontent-length: 2\n\n[]")]), [
      { kind: "message", text: "{}" },
      { kind: "message", text: "[]" },
    ]);
  });
  it("drops messages that are too long, without holding them", () => {
    const long = bytesOf(`Content-Length: 5000\r\n\r\n${"x".repeat(5000)}${HELLO}`);
    const expected = [{ kind: "too long", bytes: 5000 }, MESSAGE];
    assertEquals(readAll([long]), expected);
    assertEquals(readAll([...long].map((byte) => new Uint8Array([byte]))), expected);
  });
  it("finds the next message behind garbage", () => {
    for (
      const garbage of ["GET / HTTP/1.1\r\n\r\n", "\0\x01\x02 hello", "Content-Length: -1\r\n\r\n", "x".repeat(10_000)]
    ) {
      const whole = readAll([bytesOf(garbage + HELLO)]);
      assertEquals(whole.at(-1), MESSAGE, garbage.slice(0, 30));
      assertEquals(whole.some(({ kind }) => kind === "garbage"), true);
      assertEquals(readAll([...bytesOf(garbage + HELLO)].map((byte) => new Uint8Array([byte]))).at(-1), MESSAGE);
    }
  });
  it("ends on random bytes", () => {
    const random = randomSource(5);
    for (let i = 0; i < 300; i++) {
      const reader = new MessageReader(100);
      for (let chunk = 0; chunk < 10; chunk++) {
        reader.push(
          Uint8Array.from({ length: random(200) }, () => "Content-Length: 12\r\n\r\n".charCodeAt(random(30)) || 7),
        );
      }
    }
  });
  it("reads what frameMessage writes", () => {
    assertEquals(readAll([frameMessage({ text: "ü😀" })]), [{ kind: "message", text: '{"text":"ü😀"}' }]);
  });
});
