/**
 * Scanners of all payloads: where messages end, and how much work it takes to find out.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import { binaryGrammar } from "../../../codecs/thrift/binary_grammar.ts";
import { compact } from "../../../codecs/thrift/compact.ts";
import { compactGrammar } from "../../../codecs/thrift/compact_grammar.ts";
import { json } from "../../../codecs/thrift/json.ts";
import { DEFAULT_LIMITS, withDefaults } from "../../../codecs/thrift/limits.ts";
import type { MessageScanner, Payload } from "../../../codecs/thrift/payload.ts";
import { type Grammar, TreeScanner } from "../../../codecs/thrift/tree_scanner.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { encode, header, hex, payloads, struct, structOf, utf8, wrap } from "./payloads.ts";

const string: TypeSchema = { kind: "string" };
const inner = struct("I", { a: { kind: "i32" }, b: { kind: "bool" }, c: string });
const schema = struct("S", {
  text: string,
  structs: { kind: "list", element: { kind: "struct", of: () => inner } },
  map: { kind: "map", key: string, value: { kind: "set", element: { kind: "i64" } } },
  fixed: { kind: "map", key: { kind: "i8" }, value: { kind: "double" } },
  lists: { kind: "list", element: { kind: "list", element: string } },
  flag: { kind: "bool" },
  empty: { kind: "map", key: string, value: string },
});
const value = {
  text: 'a"]}[{\\',
  structs: [{ a: 1, b: true, c: "x" }, { a: -1, b: false, c: "" }],
  map: new Map([["k", new Set([1n, -1n])], ["]", new Set<bigint>()]]),
  fixed: new Map([[1, 0.5], [2, -0.5]]),
  lists: [["a"], [], ["b", "c"]],
  flag: true,
  empty: new Map(),
};

/** Grammar that counts its calls. */
function counted(grammar: Grammar): { grammar: Grammar; calls: () => number } {
  let calls = 0;
  const count = <A extends unknown[], R>(fn: (...args: A) => R) => (...args: A): R => {
    calls++;
    return fn(...args);
  };
  const { envelope, field, scalar, list, map, fixed } = grammar;
  return {
    grammar: {
      envelope: count(envelope),
      field: count(field),
      scalar: count(scalar),
      list: count(list),
      map: count(map),
      fixed,
    },
    calls: () => calls,
  };
}

for (const payload of payloads()) {
  describe(`the scanner of ${payload.name}`, () => {
    const message = wrap(payload, encode(payload, schema, value));

    it("finds the end fed byte by byte", () => {
      const scanner = payload.scanner();
      for (let end = 0; end < message.length; end++) assertEquals(scanner.scan(message.subarray(0, end)), -1);
      assertEquals(scanner.scan(message), message.length);
    });

    it("stops at the end of the first of several messages, and goes on with the next", () => {
      const bytes = new Uint8Array([...message, ...message, ...message.subarray(0, 9)]);
      const scanner = payload.scanner();
      const first = scanner.scan(bytes);
      assertEquals(first, message.length);
      scanner.reset();
      assertEquals(scanner.scan(bytes, first), 2 * message.length);
      scanner.reset();
      assertEquals(scanner.scan(bytes, 2 * message.length), -1);
    });

    it("does not care where the bytes lie from call to call", () => {
      const scanner = payload.scanner();
      for (let end = 1; end < message.length; end += 3) {
        const moved = new Uint8Array(end * 2).fill(0xff);
        moved.set(message.subarray(0, end), end);
        assertEquals(scanner.scan(moved, end), -1);
      }
      assertEquals(scanner.scan(message), message.length);
    });

    it("refuses a message beyond the limit as soon as it shows", () => {
      const limits = withDefaults({ maxMessageBytes: message.length - 1 });
      assertEquals(payload.scanner(withDefaults({ maxMessageBytes: message.length })).scan(message), message.length);
      const error = assertThrows(() => payload.scanner(limits).scan(message), RpcError);
      assertEquals([error.kind, error.message], ["protocol", `message of over ${message.length - 1} bytes`]);
    });
  });
}

describe("the work of scanning", () => {
  const MEBI = 1024 * 1024;
  const texts = structOf<string[]>({ kind: "list", element: string });

  it("16 MB that come in a quarter million pieces cost a bounded number of steps for each", () => {
    const v = Array.from({ length: 16 }, () => "x".repeat(MEBI - 200));
    for (const [payload, grammar] of [[binary(), binaryGrammar(false)], [compact(), compactGrammar]] as const) {
      const message = wrap(payload, encode(payload, texts, { v }));
      const { grammar: watched, calls } = counted(grammar);
      const scanner = new TreeScanner(watched, DEFAULT_LIMITS);
      // a view for each byte would be the slow part: the array grows under the scanner instead
      const growing = { length: 0 } as unknown as Uint8Array & { length: number };
      const bytes = new Proxy(growing, { get: (it, key) => key === "length" ? it.length : message[Number(key)] });
      let found = -1;
      const step = 64; // and most bytes are only skipped: each 64th is enough to show it
      for (growing.length = 0; growing.length < message.length; growing.length += step) {
        found = scanner.scan(bytes);
        assertEquals(found, -1);
      }
      growing.length = message.length;
      assertEquals(scanner.scan(bytes), message.length);
      const scans = message.length / step;
      assert(calls() < scans + 100, `${calls()} steps for ${scans} scans`);
    }
  });

  it("many small values cost one step each, however the bytes come", () => {
    const v = Array.from({ length: 2000 }, () => "ab");
    for (const [payload, grammar] of [[binary(), binaryGrammar(false)], [compact(), compactGrammar]] as const) {
      const message = wrap(payload, encode(payload, texts, { v }));
      const { grammar: watched, calls } = counted(grammar);
      const scanner = new TreeScanner(watched, DEFAULT_LIMITS);
      for (let end = 0; end <= message.length; end++) scanner.scan(message.subarray(0, end));
      assert(calls() < message.length + v.length * 2 + 50, `${calls()} steps`);
    }
  });

  it("of JSON looks at each byte once", () => {
    const message = wrap(json(), encode(json(), texts, { v: ["x".repeat(5000), '"\\'.repeat(500)] }));
    let looks = 0;
    const here = { length: 0 };
    const bytes = new Proxy(here, {
      get(it, key) {
        if (key === "length") return it.length;
        looks++;
        return message[Number(key)];
      },
    }) as unknown as Uint8Array;
    const scanner = json().scanner();
    for (here.length = 0; here.length < message.length; here.length++) assertEquals(scanner.scan(bytes), -1);
    assertEquals(scanner.scan(bytes), message.length);
    assertEquals(looks, message.length);
  });
});

describe("scanning what is no message", () => {
  const cases: [string, Payload, Uint8Array, string][] = [
    ["another version", binary(), hex("80020001 00000001 6d"), "bad version 0x80020001 at byte 0"],
    ["an old message, unasked", binary(), hex("00000001 6d 01 00000001 00"), "bad version 0x00000001"],
    ["a negative name", binary(), hex("80010001 ffffffff"), "negative name length -1"],
    ["a long name", binary(), hex("80010001 00001001"), "method name of 4097 bytes exceeds 4096"],
    ["an unknown type", binary(), hex("80010001 00000000 00000001 050001"), "unknown type 5"],
    [
      "a negative string",
      binary(),
      hex("80010001 00000000 00000001 0b0001 ffffffff"),
      "negative string length -1 at byte 15",
    ],
    [
      "a string beyond the limit",
      binary(),
      hex("80010001 00000000 00000001 0b0001 01000001"),
      "string of 16777217 bytes",
    ],
    ["a negative list", binary(), hex("80010001 00000000 00000001 0f0001 0cffffffff"), "negative container size -1"],
    ["a list beyond the limit", binary(), hex("80010001 00000000 00000001 0f0001 0c01000001"), "container of 16777217"],
    ["a list of nothing", binary(), hex("80010001 00000000 00000001 0f0001 0000000001"), "unknown type 0"],
    [
      "doubles beyond the limit",
      binary(),
      hex("80010001 00000000 00000001 0f0001 0400ffffff"),
      "message of over 16777216",
    ],
    ["another protocol", compact(), hex("8121"), "bad protocol 129 version 1"],
    ["another version of Compact", compact(), hex("8222"), "bad protocol 130 version 2"],
    ["a sequence id without end", compact(), hex("8221 ffffffffffff"), "varint of more than 5 bytes"],
    ["a long name in Compact", compact(), hex("8221 01 8120"), "method name of 4097 bytes exceeds 4096"],
    ["an unknown type in Compact", compact(), hex("8221 01 00 1f"), "unknown type 15"],
    ["a list beyond the limit in Compact", compact(), hex("8221 01 00 19 f5 ffffffff0f"), "container of 4294967295"],
    ["something else than JSON", json(), utf8("hello"), "no JSON message at byte 0"],
    ["a bracket that closes nothing", json(), utf8(" ]"), "no JSON message at byte 1"],
  ];
  for (const [what, payload, bytes, message] of cases) {
    it(`refuses ${what} in ${payload.name}: ${message}`, () => {
      const scan = (scanner: MessageScanner): number => scanner.scan(bytes);
      const error = assertThrows(() => scan(payload.scanner()), RpcError);
      assertEquals(error.kind, "protocol");
      assert(error.message.startsWith(message), error.message);
    });
  }

  const empty: StructSchema<Record<string, unknown>> = { kind: "struct", name: "E", fields: [] };
  const deep: [Payload, string, string, string][] = [
    [binary(), "structs", "", "0c0001"],
    [binary(), "lists", "0f0001", "0f00000001"],
    [binary(), "maps", "0d0001", "0d0d00000001"],
    [compact(), "structs", "", "1c"],
    [compact(), "lists", "19", "19"],
    [compact(), "maps", "1b", "01bb"],
    [json(), "structs", "7b", "2231223a7b22726563223a7b"],
    [json(), "lists", "7b2231223a7b226c7374223a", "5b226c7374222c312c"],
  ];
  for (const [payload, what, before, part] of deep) {
    it(`refuses ${payload.name} 100,000 deep in ${what}`, () => {
      const message = wrap(payload, encode(payload, empty, {}));
      const head = [...message.subarray(0, message.length - (payload.name === "json" ? 3 : 1)), ...hex(before)];
      const open = hex(part);
      const bytes = new Uint8Array(head.length + open.length * 100_000);
      bytes.set(head);
      for (let at = head.length; at < bytes.length; at += open.length) bytes.set(open, at);
      const error = assertThrows(() => payload.scanner().scan(bytes), RpcError);
      assert(error.message.startsWith("value nested deeper than 64"), error.message);
    });
  }

  it("takes what readers take at the deepest level", () => {
    const chain: StructSchema<unknown> = {
      kind: "struct",
      name: "C",
      fields: [
        { id: 1, name: "c", key: "c", type: { kind: "struct", of: () => chain }, requiredness: "optional" },
        { id: 2, name: "l", key: "l", type: { kind: "list", element: string }, requiredness: "optional" },
        { id: 3, name: "m", key: "m", type: { kind: "map", key: string, value: string }, requiredness: "optional" },
      ],
    };
    const last = { l: ["x"], m: new Map([["a", "b"]]) };
    const nest = (levels: number): unknown => levels === 0 ? last : { c: nest(levels - 1) };
    for (const payload of payloads()) {
      const message = wrap(payload, encode(payload, chain, nest(64)));
      assertEquals(payload.scanner().scan(message), message.length);
      const r = new ReadBuffer().reset(message);
      payload.readMessageBegin(r, header());
      payload.skipStruct(r);
      payload.readMessageEnd(r);
      assertEquals(r.pos, r.end);
    }
  });
});

describe("old Binary messages", () => {
  it("are scanned when asked for", () => {
    const message = hex("00000003 616464 01 00000007 080001 0000012c 00");
    const scanner = binary({ acceptOld: true }).scanner();
    for (let end = 0; end < message.length; end++) assertEquals(scanner.scan(message.subarray(0, end)), -1);
    assertEquals(scanner.scan(message), message.length);
  });
});
