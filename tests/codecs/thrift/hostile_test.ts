/**
 * What hostile bytes do to the readers of all payloads: nothing.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import { compact } from "../../../codecs/thrift/compact.ts";
import { json } from "../../../codecs/thrift/json.ts";
import { DEFAULT_LIMITS, type Limits, withDefaults } from "../../../codecs/thrift/limits.ts";
import type { Payload } from "../../../codecs/thrift/payload.ts";
import { UNDERRUN } from "../../../codecs/thrift/underrun.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { bare, decode, encode, header, hex, payloads, structOf, utf8, wrap } from "./payloads.ts";
import { AllTypes, Inner, Odd } from "./sample.gen.ts";

type Value = Record<string, unknown>;

/** The error that reading a struct's bytes gives. */
function refusal(payload: Payload, schema: StructSchema<unknown>, bytes: Uint8Array): RpcError {
  return assertThrows(() => decode(payload, schema, bytes), RpcError);
}

/** `part` so many times, between two others. */
function repeated(before: string, part: string, times: number, after = ""): Uint8Array {
  const [a, b, c] = [hex(before), hex(part), hex(after)];
  const bytes = new Uint8Array(a.length + b.length * times + c.length);
  bytes.set(a);
  for (let i = 0; i < times; i++) bytes.set(b, a.length + i * b.length);
  bytes.set(c, a.length + b.length * times);
  return bytes;
}

const empty: StructSchema<Value> = { kind: "struct", name: "Empty", fields: [] };
const text = structOf<string>({ kind: "string" });
const ints = structOf<number[]>({ kind: "list", element: { kind: "i32" } });
const counts = structOf<Map<string, number>>({ kind: "map", key: { kind: "string" }, value: { kind: "i32" } });

/** Structs without and with generated code that have what the bytes claim. */
const MILLION = 1_000_000;

describe("hostile Binary", () => {
  const cases: [string, StructSchema<unknown>, string, string][] = [
    ["a negative string length", text, "0b0001 ffffffff 00", "negative string length -1 at byte 16"],
    ["a negative list size", ints, "0f0001 08 80000000 00", "negative container size -2147483648"],
    ["a negative map size", counts, "0d0001 0b08 ffffffff 00", "negative container size -1"],
    [
      "a list larger than the limit",
      ints,
      "0f0001 08 7fffffff 00",
      "container of 2147483647 elements exceeds 16777216",
    ],
    ["a string larger than the limit", text, "0b0001 7fffffff 00", "string of 2147483647 bytes exceeds 16777216"],
    ["an unknown type of a field", empty, "010001 00", "unknown type 1"],
    ["an unknown type of a field", empty, "ff0001 00", "unknown type 255"],
    ["void as elements of an unknown list", empty, "0f0001 01 00000001 00", "unknown type 1"],
    ["stop as elements of an unknown list", empty, "0f0001 00 7fffffff 00", "unknown type 0"],
    ["an unknown type of keys", empty, "0d0001 050b 00000001 00", "unknown type 5"],
    ["a negative string length, skipped", empty, "0b0001 ffffffff 00", "negative string length -1"],
    ["a negative list size, skipped", empty, "0f0001 0c ffffffff 00", "negative container size -1"],
    ["a negative string in generated code", AllTypes, "0b0007 fffffff0 00", "negative string length -16"],
    ["a negative list in generated code", AllTypes, "0f000a 0b fffffff0 00", "negative container size -16"],
    ["a negative map in generated code", AllTypes, "0d000e 0b0b fffffff0 00", "negative container size -16"],
    [
      "other elements in generated code",
      AllTypes,
      "0f000a 08 00000001 00000001 00",
      "elements of type i32 where string",
    ],
    [
      "other pairs in generated code",
      AllTypes,
      "0d000e 0b08 00000001 00",
      "map from string to i32 where string to string",
    ],
  ];
  for (const [what, schema, bytes, message] of cases) {
    it(`with ${what} is refused: ${message}`, () => {
      const error = refusal(binary(), schema, hex(bytes));
      assertEquals(error.kind, "protocol");
      assert(error.message.startsWith(message), error.message);
    });
  }

  const lies: [string, StructSchema<unknown>, string][] = [
    ["a list of i32", ints, "0f0001 08 00000004 00000001 00000002 00000003 00"],
    ["a map", counts, "0d0001 0b08 00000003 00000000 00000001 00000000 00000001 00"],
    ["a list of structs in generated code", AllTypes, "0f0013 0c 00ffffff 00"],
    ["a list of bools in generated code", AllTypes, "0f0016 02 00ffffff 0101"],
    ["a list of lists in generated code", AllTypes, "0f0010 0f 00000002 0800000000 00"],
    ["a map in generated code", AllTypes, "0d0018 0804 00000002 00000001 3ff0000000000000 00"],
    ["a string", text, "0b0001 000000ff 6161 00"],
    ["an unknown list", empty, "0f0001 08 000fffff 00000001 00"],
    ["an unknown list of strings", empty, "0f0001 0b 000fffff 00000000 00"],
    ["an unknown map", empty, "0d0001 0808 000fffff 00"],
  ];
  for (const [what, schema, bytes] of lies) {
    it(`that claims more than there is of ${what} ends in UNDERRUN, before anything is made`, () => {
      assertStrictEquals(refusal(binary(), schema, hex(bytes)), UNDERRUN);
    });
  }

  const deep: [string, StructSchema<unknown>, Uint8Array][] = [
    ["unknown structs", empty, repeated("", "0c0001", MILLION)],
    ["unknown lists", empty, repeated("0f0001", "0f00000001", MILLION)],
    ["unknown maps", empty, repeated("0d0001", "0d0d00000001", MILLION)],
    ["a recursive struct", bare(Inner), repeated("", "0c0003", MILLION)],
    ["a recursive struct in generated code", Inner, repeated("", "0c0003", MILLION)],
  ];
  for (const [what, schema, bytes] of deep) {
    it(`a million deep in ${what} is refused`, () => {
      const error = refusal(binary(), schema, bytes);
      assert(error.message.startsWith("value nested deeper than 64"), error.message);
    });
  }

  it("64 deep is taken, 65 deep is not, in generated code or not, known or not", () => {
    for (const schema of [Inner, bare<unknown>(Inner), empty]) {
      const nest = (levels: number): Uint8Array => {
        const [open, end] = ["0b0001 00000000 0c0003", "00"];
        return repeated("", open, levels, "0b0001 00000000" + end.repeat(levels + 1));
      };
      decode<unknown>(binary(), schema, nest(64));
      assert(refusal(binary(), schema, nest(65)).message.startsWith("value nested deeper than 64"));
    }
  });

  it("of a million empty structs in lists is refused beyond the limit", () => {
    const limits = withDefaults({ maxNested: 1000 });
    const bytes = repeated("0f0013 0c 000f4240", "0b00010000000000", MILLION, "00");
    for (const schema of [AllTypes, bare<unknown>(AllTypes)]) {
      const error = refusal(binary({ limits }), schema, bytes);
      assert(error.message.startsWith("more than 1000 structs and containers in containers"), error.message);
    }
  });

  it("counts elements over the message, not by container", () => {
    const lists: TypeSchema = { kind: "list", element: { kind: "list", element: { kind: "i32" } } };
    const schema = structOf<number[][]>(lists);
    const limits = { maxNested: 5 };
    for (const payload of payloads(limits)) {
      decode(payload, schema, encode(payload, schema, { v: [[], [], [], [], []] }));
      const bytes = encode(payload, schema, { v: [[], [], [], [], [], []] });
      assert(refusal(payload, schema, bytes).message.startsWith("more than 5 structs"));
      const r = new ReadBuffer().reset(wrap(payload, encode(payload, schema, { v: [[], [], [], []] })));
      for (let i = 0; i < 3; i++) { // each message anew
        r.reset(r.bytes);
        payload.readMessageBegin(r, header());
        payload.codec(schema).decode(r);
      }
    }
  });
});

describe("hostile Compact", () => {
  const cases: [string, StructSchema<unknown>, string, string][] = [
    ["a varint of 6 bytes", structOf({ kind: "i32" }), "15 808080808001 00", "varint of more than 32 bits"],
    ["a varint of 33 bits", structOf({ kind: "i32" }), "15 ffffffff1f 00", "varint of more than 32 bits"],
    ["a varint of 11 bytes", structOf({ kind: "i64" }), "16 8080808080808080808001 00", "varint of more than 64 bits"],
    ["a varint of 65 bits", structOf({ kind: "i64" }), "16 ffffffffffffffffff03 00", "varint of more than 64 bits"],
    ["an i16 out of range", structOf({ kind: "i16" }), "14 80800400 00", "i16 32768 out of range"],
    ["a string of 4 GiB", text, "18 ffffffff0f 00", "string of 4294967295 bytes exceeds"],
    ["a list of 4 Gi", ints, "19 f5 ffffffff0f 00", "container of 4294967295 elements exceeds"],
    ["a map of 4 Gi", counts, "1b ffffffff0f 85 00", "container of 4294967295 elements exceeds"],
    ["an unknown type", empty, "1e 00", "unknown type 14"],
    ["an unknown type of elements", empty, "19 2f 00", "unknown type 15"],
    ["a field id beyond i16", empty, "15 00 05 feff03 00 15 00", "field id 32768 exceeds 32767"],
    ["other elements", ints, "19 28 00", "elements of type string where i32"],
    ["a skipped varint without end", empty, "16 ffffffffffffffffffffff 00", "varint of more than 64 bits"],
  ];
  for (const [what, schema, bytes, message] of cases) {
    it(`with ${what} is refused: ${message}`, () => {
      const error = refusal(compact(), schema, hex(bytes));
      assertEquals(error.kind, "protocol");
      assert(error.message.startsWith(message), error.message);
    });
  }

  it("that claims more than there is ends in UNDERRUN", () => {
    assertStrictEquals(refusal(compact(), ints, hex("19 f5 ffffff07 00")), UNDERRUN);
    assertStrictEquals(refusal(compact(), counts, hex("1b ffffff07 85 00")), UNDERRUN);
    assertStrictEquals(refusal(compact(), empty, hex("19 f7 05 00000000 00")), UNDERRUN);
  });

  for (const [what, before, part] of [["structs", "", "1c"], ["lists", "19", "19"], ["maps", "1b", "01bb"]] as const) {
    it(`a million deep in unknown ${what} is refused`, () => {
      const error = refusal(compact(), empty, repeated(before, part, MILLION));
      assert(error.message.startsWith("value nested deeper than 64"), error.message);
    });
  }
});

describe("hostile JSON", () => {
  const cases: [string, StructSchema<unknown>, string, string][] = [
    ["a list shorter than it says", ints, '{"1":{"lst":["i32",3,1,2]}}', "container of 3 elements has 2"],
    ["a list longer than it says", ints, '{"1":{"lst":["i32",1,1,2]}}', "container of 1 elements has more"],
    ["a map shorter than it says", counts, '{"1":{"map":["str","i32",3,{"a":1}]}}', "container of 3 elements has 1"],
    [
      "a map longer than it says",
      counts,
      '{"1":{"map":["str","i32",1,{"a":1,"b":2}]}}',
      "container of 1 elements has more",
    ],
    ["a list of 2 Gi", ints, '{"1":{"lst":["i32",2147483647]}}', "container of 2147483647 elements exceeds"],
    ["a negative list", ints, '{"1":{"lst":["i32",-1]}}', "negative container size -1"],
    ["a number of a million digits", structOf({ kind: "double" }), `{"1":{"dbl":${"9".repeat(MILLION)}}}`, "number of"],
    ["an integer of a million digits", structOf({ kind: "i64" }), `{"1":{"i64":${"9".repeat(MILLION)}}}`, "number of"],
    ["a comma too many", ints, '{"1":{"lst":["i32",1,1,]}}', "container of 1 elements has more"],
    ["no type", ints, '{"1":{}}', 'expected "\\""'],
  ];
  for (const [what, schema, bytes, message] of cases) {
    it(`with ${what} is refused: ${message}`, () => {
      const error = refusal(json(), schema, utf8(bytes));
      assertEquals(error.kind, "protocol");
      assert(error.message.startsWith(message), error.message);
    });
  }

  for (
    const [what, part] of [["structs", '{"1":{"rec":'], ["lists", '["lst",0,'], ["maps", '["map","map",0,{']] as const
  ) {
    it(`a million deep in unknown ${what} is refused`, () => {
      const start = what === "structs" ? "" : `{"1":{"${what === "lists" ? "lst" : "map"}":`;
      const error = refusal(json(), empty, utf8(start + part.repeat(MILLION / 10)));
      assert(error.message.startsWith("value nested deeper than 64"), error.message);
    });
  }

  it("keeps the limits on strings and sizes", () => {
    const payload = json({ limits: withDefaults({ maxStringBytes: 5, maxContainerSize: 2 }) });
    decode(payload, text, utf8('{"1":{"str":"12345"}}'));
    assert(refusal(payload, text, utf8('{"1":{"str":"123456"}}')).message.startsWith("string of 6 bytes exceeds 5"));
    assert(refusal(payload, ints, utf8('{"1":{"lst":["i32",3,1,2,3]}}')).message.startsWith("container of 3"));
  });
});

describe("limits", () => {
  const own: Partial<Limits> = { maxStringBytes: 4, maxContainerSize: 3, maxDepth: 2 };
  for (const payload of payloads(own)) {
    it(`of their own are kept in ${payload.name}, to the last one allowed`, () => {
      const [plain] = payloads().filter((other) => other.name === payload.name) as [Payload];
      const check = <T>(schema: StructSchema<T>, good: T, bad: T): void => {
        decode(payload, schema, encode(plain, schema, good));
        refusal(payload, schema, encode(plain, schema, bad));
      };
      check(text, { v: "1234" }, { v: "12345" });
      check(structOf<Uint8Array>({ kind: "binary" }), { v: new Uint8Array(3) }, { v: new Uint8Array(10) });
      check(ints, { v: [1, 2, 3] }, { v: [1, 2, 3, 4] });
      check(counts, { v: new Map([["a", 1], ["b", 2], ["c", 3]]) }, {
        v: new Map([["a", 1], ["b", 2], ["c", 3], ["d", 4]]),
      });
      const nest = (levels: number): Inner => levels === 0 ? { name: "" } : { name: "", child: nest(levels - 1) };
      check(bare(Inner), nest(2), nest(3));
      if (payload.name === "binary") check(Inner, nest(2), nest(3));
      decode(payload, empty, encode(plain, bare(Inner), nest(2)));
      refusal(payload, empty, encode(plain, bare(Inner), nest(3)));
    });
  }

  it("default to those stated, and refuse what is no limit", () => {
    assertEquals(withDefaults(), DEFAULT_LIMITS);
    assertEquals(withDefaults({ maxDepth: 5, maxNameBytes: undefined }), { ...DEFAULT_LIMITS, maxDepth: 5 });
    for (const wrong of [0, -1, 1.5, NaN, 2 ** 31]) {
      const error = assertThrows(() => withDefaults({ maxFrameBytes: wrong }), RpcError);
      assertEquals(error.kind, "invalid");
    }
    assertThrows(
      () => withDefaults({ maxDepth: 1001 }),
      RpcError,
      "limit maxDepth is 1001, not an integer from 1 to 1000",
    );
  });
});

describe("names that mean something to the engine", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
  const schema: StructSchema<Value> = {
    kind: "struct",
    name: "Names",
    fields: names.map((name, index) => (
      { id: index + 1, name, key: name, type: { kind: "i32" }, requiredness: "optional" }
    )),
  };
  for (const payload of payloads()) {
    it(`are plain fields in ${payload.name}`, () => {
      const all: Value = { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4 };
      Object.defineProperty(all, "__proto__", { value: 5, enumerable: true });
      const read = decode(payload, schema, encode(payload, schema, all));
      assertEquals(names.map((name) => Object.getOwnPropertyDescriptor(read, name)?.value), [5, 1, 2, 3, 4]);
      assertStrictEquals(Object.getPrototypeOf(read), Object.prototype);
    });

    it(`are not there when unset in ${payload.name}`, () => {
      const read = decode(payload, schema, encode(payload, schema, {}));
      assertEquals(Object.values(read), [undefined, undefined, undefined, undefined, undefined]);
    });

    it(`are plain keys of maps kept as objects in ${payload.name}`, () => {
      const map = structOf<Value>({ kind: "map", key: { kind: "string" }, value: { kind: "i32" }, as: "object" });
      const v: Value = Object.create(null);
      for (const name of names) v[name] = 1;
      const read = decode(payload, map, encode(payload, map, { v })).v;
      assertStrictEquals(Object.getPrototypeOf(read), null);
      assertEquals(Object.keys(read), names);
      assertStrictEquals(({} as Value).polluted, undefined);
    });
  }

  it("are plain keys of maps kept as objects in generated code", () => {
    const byName: Record<string, number> = Object.assign(Object.create(null), { constructor: 2 });
    Object.defineProperty(byName, "__proto__", { value: 1, enumerable: true });
    const read = decode(binary(), Odd, encode(binary(), Odd, Odd.create({ byName }))).byName;
    assertStrictEquals(Object.getPrototypeOf(read), null);
    assertEquals(Object.entries(read), [["constructor", 2], ["__proto__", 1]]);
  });
});
