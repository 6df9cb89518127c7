/**
 * Values that do not fit their types: what is said of them by all writers.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import type { Payload } from "../../../codecs/thrift/payload.ts";
import { RpcError } from "../../../lib/errors.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { bare, encode, hex, payloads, struct, structOf, toHex } from "./payloads.ts";
import { AllTypes, Choice, EchoRequest, Inner, Odd } from "./sample.gen.ts";

/** Writes a value of any kind at all. */
function write(payload: Payload, schema: StructSchema<unknown>, value: unknown): RpcError {
  return assertThrows(() => encode(payload, schema, value), RpcError);
}

const all = AllTypes.create({ bigid: "b" });
const odd = Odd.create();
const inner: Inner = { name: "n" };

/** Wrong values of generated structs, and what is said of them. */
const wrong: [StructSchema<unknown>, unknown, string][] = [
  [EchoRequest, { msg: "m", all: { ...all, vi32: 4294967296 } }, "EchoRequest.all.vi32: expected i32, got 4294967296"],
  [EchoRequest, {}, "EchoRequest.msg: missing"],
  [EchoRequest, null, "EchoRequest: expected EchoRequest, got null"],
  [EchoRequest, undefined, "EchoRequest: expected EchoRequest, got undefined"],
  [EchoRequest, "text", 'EchoRequest: expected EchoRequest, got "text"'],
  [EchoRequest, { msg: 5 }, "EchoRequest.msg: expected string, got 5"],
  [AllTypes, { ...all, vbool: 1 }, "AllTypes.vbool: expected bool, got 1"],
  [AllTypes, { ...all, vbyte: 128 }, "AllTypes.vbyte: expected i8, got 128"],
  [AllTypes, { ...all, vbyte: -129 }, "AllTypes.vbyte: expected i8, got -129"],
  [AllTypes, { ...all, vi16: 32768 }, "AllTypes.vi16: expected i16, got 32768"],
  [AllTypes, { ...all, vi32: 1.5 }, "AllTypes.vi32: expected i32, got 1.5"],
  [AllTypes, { ...all, vi32: NaN }, "AllTypes.vi32: expected i32, got NaN"],
  [AllTypes, { ...all, vi32: 5n }, "AllTypes.vi32: expected i32, got 5n"],
  [AllTypes, { ...all, vi32: "5" }, 'AllTypes.vi32: expected i32, got "5"'],
  [AllTypes, { ...all, vi64: 5 }, "AllTypes.vi64: expected i64 as bigint, got 5"],
  [AllTypes, { ...all, vi64: 2n ** 63n }, "AllTypes.vi64: expected i64 as bigint, got 9223372036854775808n"],
  [AllTypes, { ...all, vdouble: "1" }, 'AllTypes.vdouble: expected double, got "1"'],
  [AllTypes, { ...all, vstring: null }, "AllTypes.vstring: missing"],
  [AllTypes, { ...all, vstring: new String("x") }, "AllTypes.vstring: expected string, got a String"],
  [AllTypes, { ...all, vbinary: [1, 2] }, "AllTypes.vbinary: expected binary, got an array of 2"],
  [AllTypes, { ...all, venum: "RED" }, 'AllTypes.venum: expected Color (an i32), got "RED"'],
  [AllTypes, { ...all, lstring: ["a", 5] }, "AllTypes.lstring[1]: expected string, got 5"],
  [AllTypes, { ...all, lstring: { length: 2 } }, "AllTypes.lstring: expected an array, got an object"],
  [AllTypes, { ...all, li64: [1n, , 2n] }, "AllTypes.li64[1]: expected i64 as bigint, got undefined"],
  [AllTypes, { ...all, si32: [1] }, "AllTypes.si32: expected a Set, got an array of 1"],
  [AllTypes, { ...all, si32: new Set([1, "x"]) }, 'AllTypes.si32[1]: expected i32, got "x"'],
  [AllTypes, { ...all, mss: { a: "b" } }, "AllTypes.mss: expected a Map, got an object"],
  [AllTypes, { ...all, mss: new Map([[5, "x"]]) }, "AllTypes.mss key 5: expected string, got 5"],
  [AllTypes, { ...all, mss: new Map([["k", 5]]) }, 'AllTypes.mss["k"]: expected string, got 5'],
  [
    AllTypes,
    { ...all, mii: new Map([[3, { name: "x", child: { name: 1 } }]]) },
    "AllTypes.mii[3].child.name: expected string, got 1",
  ],
  [AllTypes, { ...all, lli: [[1], [2, 2.5]] }, "AllTypes.lli[1][1]: expected i32, got 2.5"],
  [AllTypes, { ...all, inner: 7 }, "AllTypes.inner: expected Inner, got 7"],
  [AllTypes, { ...all, ldouble: [0, undefined] }, "AllTypes.ldouble[1]: expected double, got undefined"],
  [AllTypes, { ...all, choice: { kind: "" } }, 'AllTypes.choice.kind: expected one of "s", "n", "inner", got ""'],
  [AllTypes, { ...all, choice: { kind: "n", value: "5" } }, 'AllTypes.choice.n: expected i64 as bigint, got "5"'],
  [AllTypes, { ...all, choice: { kind: "n" } }, "AllTypes.choice.n: expected i64 as bigint, got undefined"],
  [Odd, { ...odd, num64: 2 ** 53 }, "Odd.num64: expected i64 as number, got 9007199254740992"],
  [Odd, { ...odd, text64: "12x" }, 'Odd.text64: expected i64 as string, got "12x"'],
  [Odd, { ...odd, text64: "9223372036854775808" }, 'Odd.text64: expected i64 as string, got "9223372036854775808"'],
  [Odd, { ...odd, id: "no" }, 'Odd.id: expected uuid, got "no"'],
  [Odd, { ...odd, byName: new Map() }, "Odd.byName: expected an object, got a Map"],
  [Odd, { ...odd, byName: { a: "x" } }, 'Odd.byName["a"]: expected i32, got "x"'],
  [Odd, { ...odd, byInner: new Map([[{}, "x"]]) }, "Odd.byInner key an object.name: missing"],
  [Choice, { kind: "constructor", value: 5 }, 'Choice.kind: expected one of "s", "n", "inner", got "constructor"'],
];

describe("writing a value that does not fit its type", () => {
  for (const [schema, value, message] of wrong) {
    it(`says ${message}`, () => {
      const writers: [Payload, StructSchema<unknown>][] = [[binary(), schema]];
      for (const payload of payloads()) writers.push([payload, bare(schema)]);
      for (const [payload, written] of writers) {
        const error = write(payload, written, value);
        assertEquals([error.kind, error.message], ["invalid", message]);
      }
    });
  }

  it("says so of a value nested too deep, or in itself", () => {
    const loop: Inner = { name: "n" };
    loop.child = loop;
    for (const schema of [Inner, bare<unknown>(Inner)]) {
      const error = write(binary(), schema, loop);
      assert(error.message.endsWith(".child.child: nested deeper than 64"), error.message);
    }
  });

  it("leaves the buffer as it was", () => {
    for (const [payload, schema] of [[binary(), Inner], ...payloads().map((p) => [p, bare(Inner)] as const)] as const) {
      const w = new WriteBuffer(4);
      payload.codec(schema as StructSchema<unknown>).encode(w, inner);
      const before = toHex(w.written());
      const long = { name: "x".repeat(100), colors: [1, 2.5] };
      assertThrows(() => payload.codec(schema as StructSchema<unknown>).encode(w, long), RpcError);
      assertEquals(toHex(w.written()), before);
    }
  });

  it("hands on what a getter throws", () => {
    const cause = new TypeError("from the getter");
    const value = {
      get name(): string {
        throw cause;
      },
    };
    for (const schema of [Inner, bare<unknown>(Inner)]) {
      const thrown = assertThrows(() => encode<unknown>(binary(), schema, value));
      assertStrictEquals(thrown instanceof RpcError ? thrown.cause : thrown, cause);
    }
  });
});

describe("writing", () => {
  it("takes null for an optional field as unset, and leaves out a missing struct", () => {
    const value = { name: "n", num: null, child: null, colors: undefined };
    for (const schema of [Inner, bare(Inner)]) {
      assertEquals(
        toHex(encode(binary(), schema as StructSchema<unknown>, value)),
        toHex(encode(binary(), Inner, inner)),
      );
    }
  });

  it("takes -0 for an integer", () => {
    const schema = structOf<number>({ kind: "i32" });
    for (const payload of payloads()) {
      assertEquals(encode(payload, schema, { v: -0 }), encode(payload, schema, { v: 0 }));
    }
  });

  it("takes typed arrays that are views, and Buffers", () => {
    const schema = structOf<Uint8Array>({ kind: "binary" });
    const bytes = hex("0001020304").subarray(1, 3);
    for (const payload of payloads()) {
      assertEquals(encode(payload, schema, { v: bytes }), encode(payload, schema, { v: new Uint8Array([1, 2]) }));
    }
  });

  it("grows the buffer wherever it is full", () => {
    const strings: TypeSchema = { kind: "list", element: { kind: "string" } };
    const schema = struct("S", { a: { kind: "string" }, b: strings, c: { kind: "binary" }, d: { kind: "i64" } });
    const value = { a: "é".repeat(30), b: ["", "x", "é".repeat(20)], c: new Uint8Array(33), d: -1n };
    for (const [payload, codec] of [...payloads().map((p) => [p, p.codec(schema)] as const)]) {
      const whole = encode(payload, schema, value);
      for (let capacity = 1; capacity < whole.length + 5; capacity++) {
        const w = new WriteBuffer(capacity);
        codec.encode(w, value);
        assertEquals(w.written(), whole);
      }
    }
    const wide = AllTypes.create({ bigid: "é".repeat(10), lstring: ["a", "é"], oinner: { name: "é" }, obool: true });
    const whole = encode(binary(), AllTypes, wide);
    for (let capacity = 1; capacity < whole.length + 5; capacity++) {
      const w = new WriteBuffer(capacity);
      AllTypes.encode(w, wide);
      assertEquals(w.written(), whole);
    }
  });
});
