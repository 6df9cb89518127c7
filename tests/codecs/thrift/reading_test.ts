/**
 * What readers of all payloads make of fields that are missing, repeated, unknown or of another type.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import { compact } from "../../../codecs/thrift/compact.ts";
import { json } from "../../../codecs/thrift/json.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { FieldSchema, StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { bare, decode, encode, hex, payloads, struct, structOf, utf8 } from "./payloads.ts";
import { AllTypes, Choice, EchoException, EchoExceptionSchema, Inner, Odd } from "./sample.gen.ts";
import { show } from "./show.ts";

type Value = Record<string, unknown>;
const i32: TypeSchema = { kind: "i32" };
const string: TypeSchema = { kind: "string" };

function field(id: number, key: string, type: TypeSchema, more: Partial<FieldSchema> = {}): FieldSchema {
  return { id, name: key, key, type, requiredness: "default", ...more };
}

function of(...fields: FieldSchema[]): StructSchema<Value> {
  return { kind: "struct", name: "S", fields };
}

/** The schema as written, and as Binary reads it with and without generated code. */
function readers<T>(schema: StructSchema<T>): StructSchema<T>[] {
  return [schema, bare(schema)];
}

for (const payload of payloads()) {
  describe(`reading ${payload.name}`, () => {
    it("takes fields in any order", () => {
      const [a, b, c] = [field(1, "a", i32), field(2, "b", string), field(3, "c", { kind: "bool" })];
      const bytes = encode(payload, of(c!, a!, b!), { a: 1, b: "x", c: true });
      assertEquals(decode(payload, of(a!, b!, c!), bytes), { a: 1, b: "x", c: true });
    });

    it("lets the last of repeated fields win", () => {
      const bytes = encode(payload, of(field(1, "a", i32), field(2, "b", i32), field(1, "c", i32)), {
        a: 1,
        b: 2,
        c: 3,
      });
      assertEquals(decode(payload, of(field(1, "a", i32), field(2, "b", i32)), bytes), { a: 3, b: 2 });
    });

    it("skips a known field of another type", () => {
      const bytes = encode(payload, of(field(1, "a", string), field(2, "b", i32)), { a: "x", b: 2 });
      assertEquals(decode(payload, of(field(1, "a", i32), field(2, "b", i32)), bytes), { a: 0, b: 2 });
    });

    it("skips unknown fields of every type", () => {
      const inner = struct("I", { x: i32, y: { kind: "bool" } });
      const all: Record<string, TypeSchema> = {
        bool: { kind: "bool" },
        i8: { kind: "i8" },
        i16: { kind: "i16" },
        i64: { kind: "i64" },
        double: { kind: "double" },
        string,
        uuid: { kind: "uuid" },
        struct: { kind: "struct", of: () => inner },
        ints: { kind: "list", element: i32 },
        strings: { kind: "set", element: string },
        structs: { kind: "list", element: { kind: "struct", of: () => inner } },
        map: { kind: "map", key: { kind: "bool" }, value: { kind: "list", element: { kind: "i64" } } },
        empty: { kind: "map", key: string, value: i32 },
      };
      const value: Value = {
        bool: true,
        i8: -1,
        i16: -2,
        i64: -(2n ** 63n),
        double: NaN,
        string: 'a"}]\\',
        uuid: "00112233-4455-6677-8899-aabbccddeeff",
        struct: { x: 1, y: false },
        ints: [1, 2],
        strings: new Set(["{", '"']),
        structs: [{ x: 1, y: true }, { x: 2, y: false }],
        map: new Map([[true, [1n]], [false, []]]),
        empty: new Map(),
      };
      const schema = struct("All", all);
      const known = of(...schema.fields, field(100, "last", i32));
      const bytes = encode(payload, known, { ...value, last: 7 });
      assertEquals(decode(payload, of(field(100, "last", i32)), bytes), { last: 7 });
    });

    it("gives zero values and defaults to what did not come", () => {
      const inner = struct("I", {});
      const schema = of(
        field(1, "num", i32),
        field(2, "text", string),
        field(3, "list", { kind: "list", element: i32 }),
        field(4, "map", { kind: "map", key: string, value: i32 }),
        field(5, "inner", { kind: "struct", of: () => inner }),
        field(6, "seven", i32, { default: () => 7 }),
        field(7, "maybe", i32, { requiredness: "optional" }),
        field(8, "maybeNine", i32, { requiredness: "optional", default: () => 9 }),
        field(9, "big", { kind: "i64" }),
      );
      const expected = {
        num: 0,
        text: "",
        list: [],
        map: new Map(),
        inner: undefined,
        seven: 7,
        maybe: undefined,
        maybeNine: 9,
        big: 0n,
      };
      const value = decode(payload, schema, encode(payload, of(), {}));
      assertEquals(value, expected);
      assertEquals(Object.keys(value), Object.keys(expected));
    });

    it("says which required field is missing", () => {
      const schema = of(field(1, "name", string, { requiredness: "required" }));
      const error = assertThrows(() => decode(payload, schema, encode(payload, of(), {})), RpcError);
      assertEquals([error.kind, error.message], ["protocol", "required field S.name is not set"]);
    });

    it("refuses elements of another type than declared", () => {
      const bytes = encode(payload, structOf<unknown>({ kind: "list", element: i32 }), { v: [1] });
      const error = assertThrows(
        () => decode(payload, structOf<unknown>({ kind: "list", element: string }), bytes),
        RpcError,
      );
      assert(error.message.startsWith("elements of type i32 where string is declared"), error.message);
    });

    it("takes an empty container whatever its elements are said to be", () => {
      const bytes = encode(payload, structOf<unknown>({ kind: "list", element: i32 }), { v: [] });
      assertEquals(decode(payload, structOf<unknown>({ kind: "list", element: string }), bytes), { v: [] });
    });

    it("keeps what is no integer in a double", () => {
      const schema = structOf<number[]>({ kind: "list", element: { kind: "double" } });
      const v = [NaN, -0, 0, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 0.1];
      assertEquals(decode(payload, schema, encode(payload, schema, { v })), { v });
    });

    it("gives a union whose member is not known the kind ''", () => {
      const wide: StructSchema<Value> = {
        ...of(field(1, "a", i32, { requiredness: "optional" }), field(2, "b", i32, { requiredness: "optional" })),
        kind: "union",
      };
      const narrow: StructSchema<Value> = { ...wide, fields: wide.fields.slice(0, 1) };
      const bytes = encode(payload, wide, { kind: "b", value: 5 });
      assertEquals(decode(payload, narrow, bytes), { kind: "", value: undefined });
      assertEquals(decode(payload, wide, bytes), { kind: "b", value: 5 });
    });

    it("makes exceptions instances of their class", () => {
      const schema = EchoExceptionSchema;
      const bytes = encode(payload, schema, new EchoException({ code: 42, message: "no" }));
      const read = decode(payload, schema, bytes);
      assertInstanceOf(read, EchoException);
      assertEquals([read.code, read.message, read.name], [42, "no", "EchoException"]);
      assertStrictEquals(read.schema, schema);
    });

    it("gives binaries memory of their own", () => {
      const schema = structOf<Uint8Array>({ kind: "binary" });
      const bytes = encode(payload, schema, { v: new Uint8Array([1, 2, 3]) });
      const r = new ReadBuffer().reset(bytes);
      const { v } = payload.codec(schema).decode(r);
      bytes.fill(9);
      assertEquals(v, new Uint8Array([1, 2, 3]));
      assertStrictEquals(Object.getPrototypeOf(v), Uint8Array.prototype);
    });

    it("keeps strings when the memory they came from changes", () => {
      const schema = structOf<string[]>({ kind: "list", element: string });
      const v = ["short", "a string that is long enough to be cut from another", "né"];
      const bytes = encode(payload, schema, { v });
      const r = new ReadBuffer().reset(bytes);
      const read = payload.codec(schema).decode(r);
      bytes.fill(9);
      assertEquals(read, { v });
      assertNotEquals(decodeOrThrow(() => payload.codec(schema).decode(r.reset(bytes))), read);
    });
  });
}

function decodeOrThrow(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    return error;
  }
}

describe("reading with generated code", () => {
  for (const schema of readers<AllTypes>(AllTypes)) {
    const how = schema === AllTypes ? "generated" : "made";
    it(`gives zero values and defaults to what did not come (${how})`, () => {
      const value = decode(binary(), schema, hex("00"));
      assertEquals(show(value), show(AllTypes.create()));
      assertEquals([value.dnum, value.dname, value.vi64, value.inner, value.obool], [
        42,
        "anon",
        0n,
        undefined,
        undefined,
      ]);
    });
  }

  for (const schema of readers<Inner>(Inner)) {
    const how = schema === Inner ? "generated" : "made";
    it(`says which required field is missing (${how})`, () => {
      const error = assertThrows(() => decode(binary(), schema, hex("00")), RpcError);
      assertEquals(error.message, "required field Inner.name is not set");
    });

    it(`takes fields in any order, the last of repeated ones, and skips others (${how})`, () => {
      const bytes = hex(
        "080002 00000001  0b0001 00000001 61  0b0002 00000001 78  0f0063 0c 00000001 020001 01 00  080002 00000005 00",
      );
      assertEquals(decode(binary(), schema, bytes), { name: "a", num: 5, child: undefined, colors: undefined });
    });

    it(`keeps unknown enum members (${how})`, () => {
      const bytes = hex("0b0001 00000000 0f0004 08 00000002 00000005 00000063 00");
      assertEquals(decode(binary(), schema, bytes).colors as number[], [5, 99]);
    });
  }

  for (const schema of readers<Choice>(Choice)) {
    const how = schema === Choice ? "generated" : "made";
    it(`lets the last member of a union win (${how})`, () => {
      assertEquals(decode(binary(), schema, hex("0b0001 00000001 61 0a0002 0000000000000005 00")), {
        kind: "n",
        value: 5n,
      });
      assertEquals(decode(binary(), schema, hex("080009 00000005 00")), { kind: "", value: undefined });
    });
  }

  for (const schema of readers<Odd>(Odd)) {
    const how = schema === Odd ? "generated" : "made";
    it(`reads negative and large ids, and a new default each time (${how})`, () => {
      const bytes = hex("06ffff fffd 08000b 00000001 0b7fff 00000001 63 00");
      const [one, two] = [decode(binary(), schema, bytes), decode(binary(), schema, bytes)];
      assertEquals([one.negative, one.level, one.constructor_, one.primes], [-3, 1, "c", [2, 3, 5]]);
      assert(one.primes !== two.primes);
    });

    it(`refuses an i64 that no number holds exactly (${how})`, () => {
      const error = assertThrows(() => decode(binary(), schema, hex("0a0001 0020000000000001 00")), RpcError);
      assert(error.message.startsWith("i64 9007199254740993 does not fit a number"), error.message);
    });
  }

  it("takes only 1 for true", () => {
    const flags = structOf<boolean[]>({ kind: "list", element: { kind: "bool" } });
    assertEquals(decode(binary(), flags, hex("0f0001 02 00000003 00 01 02 00")), { v: [false, true, false] });
    assertEquals(decode(binary(), bare(AllTypes), hex("020001 02 00")).vbool, false);
    assertEquals(decode(binary(), AllTypes, hex("020001 02 00")).vbool, false);
  });
});

describe("reading Compact", () => {
  it("takes both ids of bool for elements", () => {
    const flags = structOf<boolean[]>({ kind: "list", element: { kind: "bool" } });
    assertEquals(decode(compact(), flags, hex("19 21 01 02 00")), { v: [true, false] });
    assertEquals(decode(compact(), flags, hex("19 22 01 00 00")), { v: [true, false] });
  });

  it("takes a long-form id where a short one would do, and padded varints", () => {
    assertEquals(decode(compact(), structOf<number>(i32), hex("05 02 d8848000 00")), { v: 300 });
  });
});

describe("reading JSON", () => {
  const schema = struct("S", { i: i32, l: { kind: "i64" }, d: { kind: "double" }, s: string, b: { kind: "binary" } });
  const read = (text: string): Value => decode(json(), schema, utf8(text));

  it("takes quoted numbers and white space", () => {
    const value = read(' { "1" : { "i32" : "-5" } , "2":{"i64":"9007199254740993"}\n,"3":{"dbl":"1.5e3"} } ');
    assertEquals([value.i, value.l, value.d], [-5, 9007199254740993n, 1500]);
  });

  it("undoes every escape", () => {
    assertEquals(
      read('{"4":{"str":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\ud83d\\ude00é😀"}}').s,
      '"\\/\b\f\n\r\tAé😀é😀',
    );
  });

  it("takes base64 with padding, without, and with escaped slashes", () => {
    for (const text of ["/wA=", "/wA", String.raw`\/wA=`]) {
      assertEquals(read(`{"5":{"str":"${text}"}}`).b, new Uint8Array([255, 0]));
    }
  });

  it("takes quoted keys of maps", () => {
    const map = structOf<unknown>({ kind: "map", key: { kind: "bool" }, value: i32 });
    assertEquals(decode(json(), map, utf8('{"1":{"map":["tf","i32",2,{"1":5,"0":6}]}}')), {
      v: new Map([[true, 5], [false, 6]]),
    });
  });

  const wrong: [string, string][] = [
    ['{"1":{"i32":2147483648}}', "expected an integer from -2147483648 to 2147483647 at byte 23"],
    ['{"1":{"i32":1.5}}', "expected an integer"],
    ['{"1":{"i32":1e3}}', "expected an integer"],
    ['{"1":{"i32":""}}', "expected an integer"],
    ['{"1":{"i32":-}}', "expected an integer"],
    ['{"1":{"i32":true}}', "expected an integer"],
    ['{"1":{"i32":[1]}}', 'expected a number, got "["'],
    ['{"2":{"i64":9223372036854775808}}', "expected an i64"],
    ['{"3":{"dbl":nan}}', "expected a double, got nan"],
    ['{"3":{"dbl":"nan"}}', "expected a double"],
    ['{"3":{"dbl":1.}}', "expected a double"],
    [String.raw`{"4":{"str":"\x"}}`, "unknown escape \\x"],
    [String.raw`{"4":{"str":"\u12g4"}}`, "a \\u escape without four digits"],
    ['{"5":{"str":"A"}}', "a binary that is no base64"],
    ['{"5":{"str":"AA="}}', "a binary that is no base64"],
    ['{"5":{"str":"A*AA"}}', "a binary that is no base64"],
    ['{"1":{"i33":1}}', 'unknown type "i33"'],
    ['{"1":{"toolong":1}}', 'unknown type "toolong"'],
    ['{"x":{"i32":1}}', "expected an integer"],
    ['{"1":{"i32":1]}', 'expected "}", got "]"'],
    ['{"1":{"i32":1}]', 'expected "," or "}", got "]"'],
    ['{"1" {"i32":1}}', 'expected ":", got "{"'],
  ];
  for (const [text, message] of wrong) {
    it(`says what is wrong in ${text}`, () => {
      const error = assertThrows(() => read(text), RpcError);
      assertEquals(error.kind, "protocol");
      assert(error.message.startsWith(message), error.message);
    });
  }
});
