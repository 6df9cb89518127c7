/**
 * What Kitex's JSON generic calls read and write, captured from Kitex v0.16.0 without dynamicgo, and where we differ.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { genericService } from "../../../codecs/generic/generic_service.ts";
import { parseJson } from "../../../codecs/generic/json_text.ts";
import { binary } from "../../../codecs/thrift/binary.ts";
import type { StructCodec } from "../../../codecs/thrift/payload.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { bytesOf, hexOf, schemasOf } from "./schemas.ts";

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
service S {
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
const lines = readFileSync(new URL("kitex_vectors.txt", import.meta.url), "utf8").trimEnd().split("\n");

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

describe("Kitex's vectors", () => {
  for (const [i, line] of lines.entries()) {
    const written = /^W (\w+) (.*?) +=> ([0-9a-f]+) (.*)$/.exec(line);
    if (written === null) continue;
    const [, method = "", json = "", hex = "", outcome] = written;
    const refused = REFUSED[json] ?? (outcome === "<nil>" ? undefined : ERRORS[json]);
    if (refused !== undefined) {
      it(`${json} for ${method} is refused`, () => void assertThrows(() => write(method, json), RpcError, refused));
      continue;
    }
    it(`${json} for ${method} is written as Kitex does`, () => assertEquals(write(method, json), hex));
    const answer = /^ {3}R => (.*) <nil>$/.exec(lines[i + 1] ?? "")?.[1] ?? "";
    it(`and read back as ${answer}`, () => {
      const { success } = read(method, hex.replace(/^0c0001/, "0c0000"));
      assertEquals(parseJson(String(success)), parseJson(answer));
    });
  }

  it("a declared exception comes as an error", () => {
    const { b } = read("e", "0c0001080001000000050000");
    assertEquals(String(b), "Bad: Bad");
    assertEquals((b as { fields: unknown }).fields, { code: 5 });
  });

  it("NaN has no JSON", () => {
    const hex = "0c00000400057ff80000000000000000";
    assertThrows(() => read("t", hex), RpcError, "t_result.success.d: JSON has no number NaN");
  });

  it("a field of another type is refused", () => {
    const text = "field T.b came as i32, where bool is declared";
    assertThrows(() => read("t", "0c0000080001000000010000"), RpcError, text);
  });

  it("a required field must come", () => {
    const text = "d_result.success.r: required, but it did not come";
    assertThrows(() => read("d", "0c0000080001000000010000"), RpcError, text);
  });

  it("an empty result is null", () => assertEquals(read("t", "00"), { success: "null" }));
});
