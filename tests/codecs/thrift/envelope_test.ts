/**
 * The envelopes of all payloads: reading, writing, limits, detection.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import { compact } from "../../../codecs/thrift/compact.ts";
import { json } from "../../../codecs/thrift/json.ts";
import { withDefaults } from "../../../codecs/thrift/limits.ts";
import type { Payload } from "../../../codecs/thrift/payload.ts";
import { UNDERRUN } from "../../../codecs/thrift/underrun.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { header, hex, payloads, text, utf8 } from "./payloads.ts";

function envelope(payload: Payload, name: string, type: number, seqid: number): Uint8Array {
  const w = new WriteBuffer(1);
  payload.writeMessageBegin(w, utf8(name), type, seqid);
  return w.written().slice();
}

for (const payload of payloads()) {
  describe(`the envelope of ${payload.name}`, () => {
    it("is read as it was written, wherever it lies", () => {
      for (const seqid of [0, 1, -1, 127, 128, 2147483647, -2147483648]) {
        for (const name of ["", "m", "a_method.with:much_in_its_name", "né"]) {
          for (const type of [1, 2, 3, 4]) {
            const bytes = envelope(payload, name, type, seqid);
            const moved = new Uint8Array(bytes.length + 7).fill(0x20);
            moved.set(bytes, 4);
            const r = new ReadBuffer().reset(moved, 4, 4 + bytes.length);
            const head = header();
            payload.readMessageBegin(r, head);
            assertEquals([head.type, head.seqid, r.pos], [type, seqid, 4 + bytes.length]);
            assertEquals(text(moved.subarray(head.nameStart, head.nameEnd)), name);
          }
        }
      }
    });

    it("gives UNDERRUN wherever it is cut", () => {
      const bytes = envelope(payload, "method", 1, 300);
      for (let end = 0; end < bytes.length; end++) {
        const r = new ReadBuffer().reset(bytes, 0, end);
        assertStrictEquals(assertThrows(() => payload.readMessageBegin(r, header())), UNDERRUN);
      }
    });

    it("keeps the limit of a name", () => {
      const [strict] = payloads({ maxNameBytes: 6 }).filter((other) => other.name === payload.name) as [Payload];
      strict.readMessageBegin(new ReadBuffer().reset(envelope(payload, "method", 1, 1)), header());
      const r = new ReadBuffer().reset(envelope(payload, "methods", 1, 1));
      const error = assertThrows(() => strict.readMessageBegin(r, header()), RpcError);
      assert(error.message.startsWith("method name of 7 bytes exceeds 6"), error.message);
    });

    it("is detected from as few bytes as can tell", () => {
      const bytes = envelope(payload, "method", 1, 1);
      const answers = Array.from({ length: bytes.length + 1 }, (_, end) => payload.detect(bytes.subarray(0, end)));
      const told = payload.name === "json" ? 3 : 2;
      assertEquals(answers, answers.map((_, end) => end < told ? null : true));
      for (const other of payloads()) if (other.name !== payload.name) assertEquals(other.detect(bytes), false);
      assertEquals(payload.detect(utf8("GET / HTTP/1.1\r\n")), false);
      assertEquals(payload.detect(utf8("PRI * HTTP/2.0\r\n")), false);
    });
  });
}

describe("a wrong envelope", () => {
  const cases: [string, Payload, string | Uint8Array, string][] = [
    ["another version", binary(), "80020001 00000001 6d 00000001", "bad version 0x80020001 at byte 0"],
    ["no version", binary(), "00000001 6d 01 00000001 00", "bad version 0x00000001"],
    ["a negative name", binary(), "80010001 80000000 6d 00000001", "negative name length -2147483648"],
    ["a huge name", binary(), "80010001 7fffffff 6d 00000001", "method name of 2147483647 bytes exceeds 4096"],
    ["another protocol", compact(), "8021 01 01 6d", "bad protocol 128 version 1"],
    ["a huge name in Compact", compact(), "8221 01 ffffffff0f 6d", "method name of 4294967295 bytes exceeds 4096"],
    ["another version of JSON", json(), utf8('[2,"m",1,1,'), "bad version 2"],
    ["no list in JSON", json(), utf8('{"m":1}'), 'expected "[", got "{"'],
    ["a type that is no number in JSON", json(), utf8('[1,"m","x",1,'), "expected an integer from 0 to 127"],
    [
      "a sequence id out of range in JSON",
      json(),
      utf8('[1,"m",1,2147483648,'),
      "expected an integer from -2147483648",
    ],
  ];
  for (const [what, payload, bytes, message] of cases) {
    it(`with ${what} is refused: ${message}`, () => {
      const r = new ReadBuffer().reset(typeof bytes === "string" ? hex(bytes) : bytes);
      const error = assertThrows(() => payload.readMessageBegin(r, header()), RpcError);
      assertEquals(error.kind, "protocol");
      assert(error.message.startsWith(message), error.message);
    });
  }
});

describe("old Binary messages", () => {
  const old = hex("00000003 616464 01 00000007 080001 0000012c 00");

  it("are detected only when asked for", () => {
    const asked = binary({ acceptOld: true });
    assertEquals(binary().detect(old), false);
    assertEquals(asked.detect(old), true);
    for (let end = 0; end < 8; end++) assertEquals(asked.detect(old.subarray(0, end)), null);
    assertEquals(asked.detect(hex("80010001")), true);
    for (const no of ["00000000", "00002000", "00000003 611f", "00000003 6180", "00000001 61 09", "47455420"]) {
      assertEquals(asked.detect(hex(no)), false);
    }
  });

  it("give UNDERRUN wherever they are cut", () => {
    const payload = binary({ acceptOld: true, limits: withDefaults() });
    for (let end = 0; end < 12; end++) {
      const r = new ReadBuffer().reset(old, 0, end);
      assertStrictEquals(assertThrows(() => payload.readMessageBegin(r, header())), UNDERRUN);
    }
  });
});
