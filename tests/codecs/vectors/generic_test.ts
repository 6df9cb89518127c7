/**
 * What Kitex's generic calls read and write, in `generic.txt`: of Thrift captured from Kitex v0.16.0 without dynamicgo, of
 * Protocol Buffers with it; and where we differ.
 *
 * @module
 */
import { createFileRegistry, type DescMessage, fromJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { genericService } from "../../../codecs/generic/generic_service.ts";
import { parseJson } from "../../../codecs/generic/json_text.ts";
import { decodeJson, encodeJson } from "../../../codecs/protobuf/json_codec.ts";
import { messageCodec } from "../../../codecs/protobuf/message_codec.ts";
import { binary } from "../../../codecs/thrift/binary.ts";
import type { StructCodec } from "../../../codecs/thrift/payload.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { bytesOf, hexOf, schemasOf } from "../generic/schemas.ts";
import { linesOf } from "./vectors.ts";

const IDL = `
exception Bad { 1: i32 code }
struct In { 1: i32 a, 2: string b = "dflt" }
struct T {
  1: optional bool b
  2: optional i8 i8
  3: optional i32 i32
  4: optional i64 i64
  5: optional double d
  6: optional string s
  7: optional binary bin
  8: optional list<i32> l
  9: optional map<i32,string> m
  10: optional set<string> st
  11: optional i64 js (api.js_conv="")
  12: optional In inn
}
struct D { 1: i32 a = 5, 2: required string r, 3: In inn, 4: list<i64> l, 5: optional i32 o = 9 }
struct H {
  1: optional i32 q
  2: optional list<i64> ids
  3: optional string h
  4: optional i32 p
  5: optional string body
  6: optional i32 code
  7: optional string ck
  8: optional string no
}
service S {
  H h(1: H r)
  T t(1: T r)
  D d(1: D r)
  T e(1: T r) throws (1: Bad b)
}`;

/** What Kitex changes without a word, and we refuse: by the JSON, the end of our error. */
const REFUSED: Readonly<Record<string, string>> = {
  '{"i8":300}': "t_args.r.i8: expected an integer from -128 to 127, got 300",
  '{"i32":"zz"}': 't_args.r.i32: expected an integer from -2147483648 to 2147483647, got "zz"',
  '{"i32":1.9}': "t_args.r.i32: expected an integer from -2147483648 to 2147483647, got 1.9",
  "not json": "JSON line 1 column 1: expected a value",
};

/** What Kitex refuses too: by the JSON, our error. */
const ERRORS: Readonly<Record<string, string>> = {
  '{"bin":"AQI"}': 't_args.r.bin: expected padded base64, got "AQI"',
  '{"m":{"zz":"x"}}': 't_args.r.m["zz"]: expected an integer from -2147483648 to 2147483647, got "zz"',
};

const { services } = await schemasOf(IDL);
const service = genericService(services[0]!, { form: "text" });
const payload = binary();
const lines = linesOf("generic.txt");

function methodNamed(name: string): { args: Codec; result: Codec } {
  const method = service.methods.find((method) => method.name === name)!;
  return { args: payload.codec(method.args), result: payload.codec(method.result) };
}

type Codec = StructCodec<Record<string, unknown>>;

function write(method: string, json: string): string {
  const w = new WriteBuffer();
  methodNamed(method).args.encode(w, { r: json });
  return hexOf(w.written());
}

function read(method: string, hex: string): Record<string, unknown> {
  return methodNamed(method).result.decode(new ReadBuffer().reset(bytesOf(hex)));
}

/** Where Protocol Buffers' own JSON differs from what Kitex's calls write and read: the bytes, and what they are read as. */
const CANONICAL: Readonly<Record<string, readonly [hex: string, back: string]>> = {
  '{"bigNum":5}': ["0805", '{"bigNum":"5"}'],
  '{"big_num":5}': ["0805", '{"bigNum":"5"}'],
  '{"bigNum":"5"}': ["0805", '{"bigNum":"5"}'],
  '{"e":1}': ["1801", '{"e":"B"}'],
  '{"e":"B"}': ["1801", '{"e":"B"}'],
  '{"r":null}': ["", "{}"],
};

const message = protobufMessage();

/** Tests of a line, by how it begins. */
const TESTS: readonly (readonly [start: RegExp, test: (found: RegExpExecArray, at: number) => void])[] = [
  [/^W (\w+) (.*?) +=> ([0-9a-f]+) (.*)$/, written],
  [/^ {3}R => (.*) <nil>$/, ([, json = ""], at) => readBack(json, lines[at - 1]!)],
  [/^exception: <nil> map\[string\]interface {}\{"code":5\}$/, () => {
    it("a declared exception comes as an error", () => {
      const { b } = read("e", "0c0001080001000000050000");
      assertEquals(String(b), "Bad: Bad");
      assertEquals((b as { fields: unknown }).fields, { code: 5 });
    });
  }],
  [/^NaN: /, () => {
    it("NaN has no JSON", () => {
      const hex = "0c00000400057ff80000000000000000";
      assertThrows(() => read("t", hex), RpcError, "t_result.success.d: JSON has no number NaN");
    });
  }],
  [/^type mismatch: /, () => {
    it("a field of another type is refused", () => {
      const text = "field T.b came as i32, where bool is declared";
      assertThrows(() => read("t", "0c0000080001000000010000"), RpcError, text);
    });
  }],
  [/^required missing: /, () => {
    it("a required field must come", () => {
      const text = "d_result.success.r: required, but it did not come";
      assertThrows(() => read("d", "0c0000080001000000010000"), RpcError, text);
    });
  }],
  [/^empty result: null <nil>$/, () => {
    it("an empty result is null", () => assertEquals(read("t", "00"), { success: "null" }));
  }],
  [/^HTTP W ([0-9a-f]+) <nil>$/, ([, hex = ""]) => {
    it("a struct whose fields came in the order of an HTTP request is read, and written in that of the IDL", () => {
      const json = '{"q":3,"ids":[1,2,3],"h":"hv","p":77,"body":"bb","ck":"cv"}';
      const { success } = read("h", asResult(hex));
      assertEquals(parseJson(String(success)), parseJson(json));
      assertEquals(write("h", json).length, hex.length);
      assertEquals(read("h", asResult(write("h", json))), { success: json });
    });
  }],
  [/^PB (\S+) (?:err .*|([0-9a-f]*) (\S+) <nil>)$/, ([, json = "", hex, back]) => protobuf(json, hex, back)],
];

describe("vectors of Kitex's generic calls", () => {
  for (const [at, line] of lines.entries()) {
    const test = TESTS.find(([start]) => start.test(line));
    if (test !== undefined) test[1](test[0].exec(line)!, at);
    else {
      it(`${line} has a test`, () => {
        throw new Error("nothing here knows it");
      });
    }
  }
});

function written([, method = "", json = "", hex = "", outcome]: RegExpExecArray): void {
  const refused = REFUSED[json] ?? (outcome === "<nil>" ? undefined : ERRORS[json]);
  if (refused === undefined) {
    it(`${json} for ${method} is written as Kitex does`, () => assertEquals(write(method, json), hex));
  } else it(`${json} for ${method} is refused`, () => void assertThrows(() => write(method, json), RpcError, refused));
}

function readBack(json: string, line: string): void {
  const [, method = "", , hex = ""] = TESTS[0]![0].exec(line)!;
  it(`${asResult(hex)} of ${method} is read as ${json}`, () => {
    assertEquals(parseJson(String(read(method, asResult(hex)).success)), parseJson(json));
  });
}

/** The bytes of arguments as those of a result. */
function asResult(hex: string): string {
  return hex.replace(/^0c0001/, "0c0000");
}

function protobuf(json: string, hex: string | undefined, back: string | undefined): void {
  const known = CANONICAL[json] ?? (hex === undefined || back === undefined ? undefined : [hex, back] as const);
  if (known === undefined) {
    it(`${json} is refused for Protocol Buffers`, () => {
      assertEquals(assertThrows(() => decodeJson(message, json), RpcError).kind, "protocol");
    });
    return;
  }
  const codec = messageCodec(message);
  it(`${json} is written as ${known[0] || "nothing"} in Protocol Buffers`, () => {
    const w = new WriteBuffer();
    codec.encode(w, decodeJson(message, json));
    assertEquals(hexOf(w.written()), known[0]);
  });
  it(`and read as ${known[1]}`, () => assertEquals(encodeJson(message, codec.decode(bytesOf(known[0]))), known[1]));
}

/** `message M { int64 big_num = 1; bytes bs = 2; E e = 3; map<int32, string> mp = 4; repeated int32 r = 5; double d = 6; uint64 u = 7; }` */
function protobufMessage(): DescMessage {
  const field = (number: number, name: string, type: string, more: object = {}): object => (
    { number, name, type: `TYPE_${type}`, label: "LABEL_OPTIONAL", jsonName: name, ...more }
  );
  const file = {
    name: "v.proto",
    package: "p",
    syntax: "proto3",
    enumType: [{ name: "E", value: [{ name: "A", number: 0 }, { name: "B", number: 1 }] }],
    messageType: [{
      name: "M",
      field: [
        field(1, "big_num", "INT64", { jsonName: "bigNum" }),
        field(2, "bs", "BYTES"),
        field(3, "e", "ENUM", { typeName: ".p.E" }),
        field(4, "mp", "MESSAGE", { typeName: ".p.M.MpEntry", label: "LABEL_REPEATED" }),
        field(5, "r", "INT32", { label: "LABEL_REPEATED" }),
        field(6, "d", "DOUBLE"),
        field(7, "u", "UINT64"),
      ],
      nestedType: [{
        name: "MpEntry",
        options: { mapEntry: true },
        field: [field(1, "key", "INT32"), field(2, "value", "STRING")],
      }],
    }],
  };
  return createFileRegistry(fromJson(FileDescriptorSetSchema, { file: [file] } as never)).getMessage("p.M")!;
}
