/**
 * Bytes that other implementations wrote, in `vectors.json`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ApplicationExceptionSchema } from "../../../codecs/thrift/application_exception.ts";
import { binary } from "../../../codecs/thrift/binary.ts";
import type { Payload } from "../../../codecs/thrift/payload.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { decode, encode, header, hex, payloads, struct, structOf, text, toHex, utf8 } from "./payloads.ts";
import vectors from "./vectors.json" with { type: "json" };

/** Bytes as the vectors write them. */
function shown(payload: Payload, bytes: Uint8Array): string {
  return payload.name === "json" ? text(bytes) : toHex(bytes);
}

function bytesOf(payload: Payload, vector: string): Uint8Array {
  return payload.name === "json" ? utf8(vector) : hex(vector);
}

const CallArgs = struct("add_args", { n: { kind: "i32" } });

describe("messages written by Go", () => {
  for (const vector of vectors.messages) {
    const schema = (vector.type === 3 ? ApplicationExceptionSchema : CallArgs) as StructSchema<Record<string, unknown>>;
    const forms: [Payload, string | undefined][] = payloads().map((payload) => [payload, vector[payload.name]]);
    forms.push([binary({ acceptOld: true }), vector.old]);
    for (const [payload, form] of forms) {
      if (form === undefined) continue;
      const old = form === vector.old;
      it(`${vector.name} in ${old ? "old " : ""}${payload.name} is read`, () => {
        const r = new ReadBuffer().reset(bytesOf(payload, form));
        const head = header();
        payload.readMessageBegin(r, head);
        const body = payload.codec(schema).decode(r);
        payload.readMessageEnd(r);
        assertEquals(r.pos, r.end);
        assertEquals(body, vector.body as Record<string, unknown>);
        assertEquals([head.type, head.seqid], [vector.type, vector.seqid]);
        assertEquals(text(r.bytes.subarray(head.nameStart, head.nameEnd)), vector.method);
      });
      if (old) continue;
      it(`${vector.name} in ${payload.name} is written the same`, () => {
        const w = new WriteBuffer(1);
        payload.writeMessageBegin(w, utf8(vector.method), vector.type, vector.seqid);
        payload.codec(schema).encode(w, vector.body as Record<string, unknown>);
        payload.writeMessageEnd(w);
        assertEquals(shown(payload, w.written()), form);
      });
    }
  }
});

const i32: TypeSchema = { kind: "i32" };
const Part = struct("Part", { b: { kind: "bool" } });
const fields: [number, TypeSchema, unknown][] = [
  [1, { kind: "bool" }, true],
  [2, { kind: "bool" }, false],
  [3, { kind: "i8" }, -1],
  [4, { kind: "i16" }, -2],
  [5, i32, -2147483648],
  [6, { kind: "i64" }, 9223372036854775807n],
  [7, { kind: "double" }, 1.5],
  [8, { kind: "string" }, 'hé"\n'],
  [9, { kind: "binary" }, new Uint8Array([255, 0])],
  [10, { kind: "list", element: { kind: "bool" } }, [true, false]],
  [30, { kind: "set", element: i32 }, new Set(Array.from({ length: 16 }, (_, i) => i))],
  [31, { kind: "map", key: i32, value: { kind: "string" } }, new Map([[5, "x"]])],
  [32, { kind: "map", key: { kind: "string" }, value: { kind: "i64" } }, new Map()],
  [-1, { kind: "struct", of: () => Part }, { b: true }],
];
const All: StructSchema<Record<string, unknown>> = {
  kind: "struct",
  name: "All",
  fields: fields.map(([id, type]) => ({ id, name: `f${id}`, key: `f${id}`, type, requiredness: "default" })),
};
const all = Object.fromEntries(fields.map(([id, , value]) => [`f${id}`, value]));

describe("a struct with every type written by Go", () => {
  for (const payload of payloads()) {
    const vector = vectors.all[payload.name];
    it(`is read from ${payload.name}`, () => assertEquals(decode(payload, All, bytesOf(payload, vector)), all));
    it(`is written the same in ${payload.name}`, () => {
      assertEquals(shown(payload, encode(payload, All, all)), vector);
    });
  }
});

const types: Record<string, TypeSchema> = {
  double: { kind: "double" },
  i64: { kind: "i64" },
  binary: { kind: "binary" },
  string: { kind: "string" },
  map: { kind: "map", key: { kind: "bool" }, value: { kind: "double" } },
};
const tags: Record<string, [string, string, string]> = {
  double: ["04", "17", "dbl"],
  i64: ["0a", "16", "i64"],
  binary: ["0b", "18", "str"],
  string: ["0b", "18", "str"],
  map: ["0d", "1b", "map"],
};

function valueOf(type: string, value: unknown): unknown {
  if (type === "double") return Number(value);
  if (type === "i64") return BigInt(value as string);
  if (type === "binary") return hex(value as string);
  return type === "map" ? new Map(value as [boolean, number][]) : value;
}

describe("single values written by Go", () => {
  for (const vector of vectors.values) {
    const [binaryType, compactType, tag] = tags[vector.type]!;
    const forms = {
      binary: `${binaryType}0001${vector.binary}00`,
      compact: `${compactType}${vector.compact}00`,
      json: `{"1":{"${tag}":${vector.json}}}`,
    };
    const schema = structOf<unknown>(types[vector.type]!);
    const value = { v: valueOf(vector.type, vector.value) };
    for (const payload of payloads()) {
      const form = forms[payload.name];
      it(`${vector.name} is read from ${payload.name}`, () => {
        assertEquals(decode(payload, schema, bytesOf(payload, form)), value);
      });
      it(`${vector.name} is written to ${payload.name} as it is or as the same value`, () => {
        const bytes = encode(payload, schema, value);
        const sameBytes = payload.name !== "json" && vector.value !== "NaN"; // JSON and NaN have several forms
        if (sameBytes) assertEquals(shown(payload, bytes), form);
        else assertEquals(decode(payload, schema, bytes), value);
      });
    }
  }
});

describe("Kitex's base structs", () => {
  const string: TypeSchema = { kind: "string" };
  it("Base is written as gopkg writes it", () => {
    const Base = struct("Base", { LogID: string, Caller: string, Addr: string });
    const value = { LogID: "L", Caller: "c", Addr: "a" };
    assertEquals(toHex(encode(binary(), Base, value)), vectors.base.base);
  });
  it("BaseResp is read as gopkg writes it", () => {
    const extra: TypeSchema = { kind: "map", key: string, value: string };
    const BaseResp = struct("BaseResp", { StatusMessage: string, StatusCode: i32, Extra: extra });
    const value = { StatusMessage: "ok", StatusCode: 0, Extra: new Map([["k", "v"]]) };
    assertEquals(decode(binary(), BaseResp, hex(vectors.base.baseResp)), value);
  });
});
