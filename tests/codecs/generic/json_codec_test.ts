import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { jsonCodec, type JsonCodecOptions } from "../../../codecs/generic/json_codec.ts";
import { JsonNumber, parseJson } from "../../../codecs/generic/json_text.ts";
import { compact } from "../../../codecs/thrift/compact.ts";
import { json } from "../../../codecs/thrift/json.ts";
import { RpcError } from "../../../lib/errors.ts";
import { bytesOf, hexOf, structOf } from "./schemas.ts";

/** What comes back of a value. */
async function trip(idl: string, value: unknown, options: JsonCodecOptions = {}): Promise<unknown> {
  const codec = jsonCodec(await structOf(idl), options);
  return codec.decode(codec.encode(value));
}

/** What is wrong with a value. */
async function refusal(idl: string, value: unknown, options: JsonCodecOptions = {}): Promise<string> {
  const codec = jsonCodec(await structOf(idl), options);
  return assertThrows(() => codec.encode(value), RpcError).message;
}

describe("jsonCodec", () => {
  it("holds integers to their range", async () => {
    for (const [type, bound] of [["i8", 0x80], ["i16", 0x8000], ["i32", 0x8000_0000]] as const) {
      const idl = `struct S { 1: ${type} a }`;
      for (const a of [-bound, bound - 1, String(-bound)]) assertEquals(await trip(idl, { a }), { a: Number(a) });
      for (const a of [-bound - 1, bound, 0.5, "1.5", NaN, "", "0x10", {}, [], -bound - 0.5]) {
        assert((await refusal(idl, { a })).startsWith(`S.a: expected an integer from -${bound} to ${bound - 1}, got `));
      }
      assertEquals(await trip(idl, { a: true }), { a: 1 });
      assertEquals(await trip(idl, { a: parseJson("1e1") }), { a: 10 });
    }
  });

  it("keeps every digit of an i64", async () => {
    const idl = "struct S { 1: i64 a }";
    const max = 2n ** 63n - 1n;
    for (const a of [max, -max - 1n, String(max), `+${max}`, new JsonNumber(String(max))]) {
      assertEquals(await trip(idl, { a }), { a: BigInt(String(a)) });
    }
    assertEquals(await trip(idl, `{"a": ${max}}`, { form: "text" }), `{"a":${max}}`);
    assertEquals(await trip(idl, { a: 5 }, { i64: "number" }), { a: 5 });
    assertEquals(await trip(idl, { a: 5 }, { i64: "string" }), { a: "5" });
    await trip(idl, { a: max }, { i64: "number" }).then(() => assert(false), (error) => {
      assertEquals(error.message, "S.a: i64 9223372036854775807 is not exact as a number");
    });
    for (const a of [max + 1n, -max - 2n, "9223372036854775808", "1.5", "", 1.5, new JsonNumber("1e300")]) {
      assert((await refusal(idl, { a })).startsWith("S.a: expected an i64, got "));
    }
    const text = "S.a: 9007199254740992 is too large to be exact as a number: give a bigint or a string";
    assertEquals(await refusal(idl, { a: 2 ** 53 }), text);
  });

  it("gives an i64 with api.js_conv as a string, in lists and values of maps too", async () => {
    const idl =
      `struct S { 1: i64 a (api.js_conv="false") 2: list<i64> l (api.js_conv) 3: map<i64, i64> m (api.js_conv) }`;
    const value = { a: "1", l: ["2"], m: { 3: "4" } };
    assertEquals(await trip(idl, value), value);
    assertEquals(await trip(idl, '{"a":1,"l":[2],"m":{"3":4}}', { form: "text" }), '{"a":"1","l":["2"],"m":{"3":"4"}}');
  });

  it("takes bools, doubles and strings as Kitex does", async () => {
    const idl = "struct S { 1: optional bool b 2: optional double d 3: optional string s }";
    for (const b of [true, "true", "T", "1", 1, -0.5, 2n]) assertEquals(await trip(idl, { b }), { b: true });
    for (const b of [false, "false", "f", "0", 0]) assertEquals(await trip(idl, { b }), { b: false });
    for (const d of [1.5, "1.5", "15e-1", new JsonNumber("1.50")]) assertEquals(await trip(idl, { d }), { d: 1.5 });
    for (const d of ["NaN", "Infinity", "-Infinity"]) assertEquals(await trip(idl, { d }), { d: Number(d) });
    for (const [s, text] of [[1, "1"], [true, "true"], [[1, { a: 2n }], '[1,{"a":2}]'], [parseJson("1.50"), "1.50"]]) {
      assertEquals(await trip(idl, { s }), { s: text });
    }
    assertEquals(await refusal(idl, { b: "yes" }), 'S.b: expected true or false, got "yes"');
    assertEquals(await refusal(idl, { d: "1,5" }), 'S.d: expected a number, got "1,5"');
    assertEquals(await refusal(idl, { s: new Uint8Array(3) }), "S.s: expected a string, got 3 bytes");
  });

  it("writes binaries as it is told", async () => {
    const idl = "struct S { 1: binary b }";
    const b = new Uint8Array([0xe2, 0x82, 0xac]);
    assertEquals(await trip(idl, { b }), { b: "4oKs" });
    assertEquals(
      await trip(idl, { b: "4oKs" }, { binary: "bytes" }).catch((e) => e.message),
      'S.b: expected a Uint8Array, got "4oKs"',
    );
    assertEquals(await trip(idl, { b }, { binary: "bytes" }), { b });
    assertEquals(await trip(idl, { b: "€" }, { binary: "text" }), { b: "€" });
    for (const b of ["4oK", "4oKs=", "4o!s", 5]) {
      assert((await refusal(idl, { b })).startsWith("S.b: expected padded base64, got "));
    }
    const invalid = jsonCodec(await structOf(idl), { binary: "text" });
    assertThrows(() => invalid.decode(bytesOf("0b000100000001ff00")), RpcError, "S.b: 1 bytes are no UTF-8");
  });

  it("takes enums by number and name, and gives them as it is told", async () => {
    const idl = "enum E { A = 1, B = 2, B2 = 2 } struct S { 1: E e 2: map<E, E> m }";
    assertEquals(await trip(idl, { e: "B", m: { A: "2" } }), { e: 2, m: { 1: 2 } });
    assertEquals(await trip(idl, { e: 2, m: { 1: 7 } }, { enums: "name" }), { e: "B", m: { A: 7 } });
    assertEquals(await refusal(idl, { e: "C" }), 'S.e: expected a E (an i32 or one of A, B, B2), got "C"');
    assertEquals(
      await refusal(idl, { e: "toString" }),
      'S.e: expected a E (an i32 or one of A, B, B2), got "toString"',
    );
  });

  it("reads keys of maps by their type", async () => {
    const idl = `struct K { 1: i32 a } struct S { 1: optional map<bool,i8> b 2: optional map<i64,i8> i
      3: optional map<double,i8> d 4: optional map<binary,i8> x 5: optional map<K,i8> k }`;
    const value = { b: { true: 1, false: 0 }, i: { "9223372036854775807": 1 }, d: { "1.5": 1 }, x: { "AQI=": 1 } };
    assertEquals(await trip(idl, value), value);
    assertEquals(await trip(idl, { k: { '{"a":5}': 1 } }), { k: { '{"a":5}': 1 } });
    assertEquals(await trip(idl, '{"k":{"{\\"a\\":5}":1}}', { form: "text" }), '{"k":{"{\\"a\\":5}":1}}');
    const maps = { i: new Map([[5n, 1]]), k: new Map([[{ a: 5 }, 1]]) };
    assertEquals(await trip(idl, maps, { maps: "map" }), maps);
    assertEquals(await refusal(idl, { i: { "1.5": 1 } }), 'S.i["1.5"]: expected an i64, got "1.5"');
    assertEquals(await refusal(idl, { i: [1] }), "S.i: expected an object, got an array of 1");
  });

  it("gives maps in their order in text", async () => {
    const schema = await structOf("struct S { 1: map<i32,i32> m }");
    const bytes = jsonCodec(schema).encode({ m: new Map([[10, 1], [9, 2]]) });
    assertEquals(jsonCodec(schema, { form: "text" }).decode(bytes), '{"m":{"10":1,"9":2}}');
  });

  it("takes members that every object seems to have only if they are its own", async () => {
    const idl = "struct S { 1: string __proto__ 2: optional string constructor 3: map<string,string> m }";
    assertEquals(await trip(idl, "{}", { form: "text" }), '{"__proto__":"","m":{}}');
    const text = '{"__proto__":"a","constructor":"b","m":{"__proto__":"c"}}';
    assertEquals(await trip(idl, text, { form: "text" }), text);
  });

  it("writes zero values, or defaults by option, for fields that are not optional", async () => {
    const idl = `enum E { A = 3 } union U { 1: i32 a } struct In { 1: i32 x = 4 2: list<i32> y = [1] }
      struct S { 1: i32 a = 5 2: required string r = "d" 3: In inn = {"x": 9} 4: E e = E.A 5: U u = {"a": 7}
                 6: optional i32 o = 8 7: set<i64> st = [1] 8: map<string,binary> m = {"k": "v"} 9: i64 z }`;
    const zero = jsonCodec(await structOf(idl));
    const defaults = jsonCodec(await structOf(idl), { absent: "default" });
    assertEquals(zero.decode(zero.encode({})), {
      a: 0,
      r: "",
      inn: { x: 4, y: [1] },
      e: 0,
      u: {},
      o: 8,
      st: [],
      m: {},
      z: 0n,
    });
    assertEquals(defaults.decode(defaults.encode({})), {
      a: 5,
      r: "d",
      inn: { x: 9, y: [1] },
      e: 3,
      u: { a: 7 },
      o: 8,
      st: [1n],
      m: { k: "dg==" },
      z: 0n,
    });
  });

  it("fills what did not come by option", async () => {
    const idl = "struct S { 1: i32 a 2: optional string b 3: optional list<i32> c }";
    const decode = async (fill: "none" | "nonOptional" | "all"): Promise<unknown> =>
      jsonCodec(await structOf(idl), { fill }).decode(new Uint8Array([0]));
    assertEquals(await decode("none"), {});
    assertEquals(await decode("nonOptional"), { a: 0 });
    assertEquals(await decode("all"), { a: 0, b: "", c: [] });
  });

  it("takes a union with one member and no other", async () => {
    const idl = "union S { 1: i32 a 2: string b }";
    assertEquals(await trip(idl, { b: "x" }), { b: "x" });
    assertEquals(await refusal(idl, { a: 1, b: "x" }), "S: expected one of a, b, got 2");
    assertEquals(await refusal(idl, {}), "S: expected one of a, b, got none");
  });

  it("goes by the names of go.tag", async () => {
    const idl =
      `struct S { 1: i32 someField (go.tag = 'json:"some_field,omitempty" query:"x"') 2: i32 b (go.tag = "json:\\"c\\"") }`;
    assertEquals(await trip(idl, { some_field: 1, c: 2 }), { some_field: 1, c: 2 });
    assertEquals(await trip(idl, { someField: 1, b: 2 }, { goTags: false }), { someField: 1, b: 2 });
    const twice = `struct S { 1: i32 a (go.tag = 'json:"b"') 2: i32 b }`;
    assertEquals(await refusal(twice, {}), "fields a and b of S are both b in JSON");
  });

  it("refuses unknown members by option", async () => {
    const idl = "struct In { 1: i32 a } struct S { 1: In inn }";
    assertEquals(await trip(idl, { inn: { a: 1, x: 2 } }), { inn: { a: 1 } });
    assertEquals(await refusal(idl, { inn: { a: 1, x: 2 } }, { unknown: "error" }), 'S.inn: In has no field "x"');
  });

  it("gives null for NaN by option", async () => {
    const idl = "struct S { 1: list<double> d }";
    assertEquals(await trip(idl, '{"d":["NaN",1]}', { form: "text", nonFinite: "null" }), '{"d":[null,1]}');
  });

  it("refuses values without end, and those nested too deep", async () => {
    const idl = "struct S { 1: optional S s 2: optional list<string> l }";
    const cycle: Record<string, unknown> = {};
    cycle.s = cycle;
    assert((await refusal(idl, cycle)).endsWith(".s: nested deeper than 64"));
    let deep: unknown = {};
    for (let i = 0; i < 64; i++) deep = { s: deep };
    await trip(idl, deep);
  });

  it("refuses what is no object", async () => {
    for (const value of [5, "x", [], new Map(), true]) {
      assert((await refusal("struct S { 1: i32 a }", value)).startsWith("S: expected an object for S, got "));
    }
    assertEquals(
      await refusal("struct S { 1: i32 a }", { a: 1 }, { form: "text" }),
      "S: expected JSON text, got an object",
    );
  });

  it("takes containers of structs and containers", async () => {
    const idl =
      "struct S { 1: optional list<S> l 2: optional map<string,list<S>> m 3: optional set<S> s 4: optional i8 n }";
    const value = { l: [{ n: 1 }, { l: [{}] }], m: { a: [{ n: 2 }] }, s: [{ n: 3 }, { n: 3 }] };
    assertEquals(await trip(idl, value), value);
    const bad = { l: [{ m: { a: [{ n: 1 }, { n: 300 }] } }] };
    assertEquals(await refusal(idl, bad), 'S.l[0].m["a"][1].n: expected an integer from -128 to 127, got 300');
  });

  it("writes every payload", async () => {
    const idl = "struct S { 1: set<string> s 2: map<i32,S> m 3: optional binary b 4: bool t 5: i64 i }";
    const value = { s: ["a", "a"], m: { 7: { s: [], m: {}, b: "AQI=", t: true, i: 1n } }, t: false, i: -(2n ** 63n) };
    for (const payload of [compact(), json()]) assertEquals(await trip(idl, value, { payload }), value);
  });

  it("throws for every truncation and gives back what it read", async () => {
    const codec = jsonCodec(await structOf("struct S { 1: string s 2: list<i32> l 3: map<i8,bool> m }"));
    const bytes = codec.encode({ s: "abc", l: [1, 2], m: { 1: true } });
    for (let end = 0; end < bytes.length; end++) {
      assertThrows(() => codec.decode(bytes.slice(0, end)), RpcError, "the bytes end before the value does");
    }
    assertEquals(hexOf(codec.encode(codec.decode(bytes))), hexOf(bytes));
  });

  it("keeps to limits", async () => {
    const codec = jsonCodec(await structOf("struct S { 1: list<i32> l }"), { limits: { maxContainerSize: 2 } });
    assertThrows(() => codec.decode(codec.encode({ l: [1, 2, 3] })), RpcError, "container of 3 elements exceeds 2");
  });

  it("refuses options that make no sense", async () => {
    const schema = await structOf("struct S {}");
    const text = 'option enums is "names": choose number, name';
    assertThrows(() => jsonCodec(schema, { enums: "names" as "name" }), RpcError, text);
    assertThrows(() => jsonCodec(schema, { form: "text", maps: "map" }), RpcError, "JSON text has no form for it");
  });
});
