/**
 * Values as other implementations wrote them, in `codecs.txt`: each is read and written.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { HpackDecoder } from "../../../codecs/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../../codecs/http2/hpack/encoder.ts";
import { kitexProtobufPayload } from "../../../codecs/kitex_protobuf/payload.ts";
import { ApplicationExceptionSchema } from "../../../codecs/thrift/application_exception.ts";
import { binary } from "../../../codecs/thrift/binary.ts";
import type { Payload } from "../../../codecs/thrift/payload.ts";
import { crc32c } from "../../../codecs/ttheader/crc32c.ts";
import { decodeFrame, encodeFrame, type FrameInit } from "../../../codecs/ttheader/frame.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { decode, encode, header, hex, payloads, struct, structOf, text, toHex, utf8 } from "../thrift/payloads.ts";
import { linesOf } from "./vectors.ts";

type Struct = StructSchema<Record<string, unknown>>;

const bool: TypeSchema = { kind: "bool" };
const i32: TypeSchema = { kind: "i32" };
const i64: TypeSchema = { kind: "i64" };
const double: TypeSchema = { kind: "double" };
const string: TypeSchema = { kind: "string" };
const bytes: TypeSchema = { kind: "binary" };
const Part = struct("Part", { b: bool });

const FIELDS: readonly [id: number, type: TypeSchema, value: unknown][] = [
  [1, bool, true],
  [2, bool, false],
  [3, { kind: "i8" }, -1],
  [4, { kind: "i16" }, -2],
  [5, i32, -2147483648],
  [6, i64, 9223372036854775807n],
  [7, double, 1.5],
  [8, string, 'hé"\n'],
  [9, bytes, new Uint8Array([255, 0])],
  [10, { kind: "list", element: bool }, [true, false]],
  [30, { kind: "set", element: i32 }, new Set(Array.from({ length: 16 }, (_, i) => i))],
  [31, { kind: "map", key: i32, value: string }, new Map([[5, "x"]])],
  [32, { kind: "map", key: string, value: i64 }, new Map()],
  [-1, { kind: "struct", of: () => Part }, { b: true }],
];
const All: Struct = {
  kind: "struct",
  name: "All",
  fields: FIELDS.map(([id, type]) => ({ id, name: `f${id}`, key: `f${id}`, type, requiredness: "default" })),
};

/** Structs by the names of their vectors. */
const STRUCTS: Readonly<Record<string, readonly [schema: Struct, value: Record<string, unknown>]>> = {
  all: [All, Object.fromEntries(FIELDS.map(([id, , value]) => [`f${id}`, value]))],
  base: [struct("Base", { LogID: string, Caller: string, Addr: string }), { LogID: "L", Caller: "c", Addr: "a" }],
  baseresp: [
    struct("BaseResp", {
      StatusMessage: string,
      StatusCode: i32,
      Extra: { kind: "map", key: string, value: string },
    }),
    { StatusMessage: "ok", StatusCode: 0, Extra: new Map([["k", "v"]]) },
  ],
};

interface Message {
  readonly method: string;
  readonly type: number;
  readonly seqid: number;
  readonly schema: Struct;
  readonly body: Record<string, unknown>;
}

const EXCEPTION = ApplicationExceptionSchema as unknown as Struct;

/** Whole messages. */
const MESSAGES: Readonly<Record<string, Message>> = {
  call: { method: "add", type: 1, seqid: 7, schema: struct("add_args", { n: i32 }), body: { n: 300 } },
  exc: { method: "add", type: 3, seqid: -2, schema: EXCEPTION, body: { message: "boom", type: 6 } },
  "gopkg exc": { method: "m", type: 3, seqid: 1, schema: EXCEPTION, body: { message: "unknown service", type: 20 } },
};

/** Values that are no struct: they are read and written as the one field of one. */
const VALUES: Readonly<Record<string, readonly [type: TypeSchema, value: unknown]>> = {
  "double 0": [double, 0],
  "double 1": [double, 1],
  "double 1e+21": [double, 1e21],
  "double 1e-07": [double, 1e-7],
  "double 3.14": [double, 3.14],
  "double 1.2345678901234567e+19": [double, 12345678901234567890],
  "double NaN": [double, NaN],
  "double +Inf": [double, Infinity],
  "double -Inf": [double, -Infinity],
  "double -0": [double, -0],
  i64min: [i64, -9223372036854775808n],
  "map<bool,double>": [{ kind: "map", key: bool, value: double }, new Map([[true, 2]])],
  binary01: [bytes, new Uint8Array([1])],
  string: [string, "</\u2028\u0001\x7f\té"],
};

/** What stands before a value as field 1 of a struct: in Binary, in Compact, in JSON. */
const FIELD_OF: Readonly<Record<string, readonly [binary: string, compact: string, json: string]>> = {
  double: ["04", "17", "dbl"],
  i64: ["0a", "16", "i64"],
  binary: ["0b", "18", "str"],
  string: ["0b", "18", "str"],
  map: ["0d", "1b", "map"],
};

/** What may be written in several ways, and is not by us as by Go. */
const OURS: Readonly<Record<string, string>> = {
  "double NaN/binary": "7ff8000000000000",
  "double NaN/binary-nonstrict": "7ff8000000000000",
  "double NaN/compact": "000000000000f87f",
  "double 1e-07/json": "1e-7",
  "double 1.2345678901234567e+19/json": "12345678901234567000",
  "string/json": '"</\u2028\\u0001\x7f\\té"',
};

const FRAMES: Readonly<Record<string, FrameInit>> = {
  "ttheader empty": { seqid: 1 },
  "ttheader int": { seqid: 1, ints: new Map([[22, "1"]]) },
  "ttheader str": { seqid: 1, strings: new Map([["isn", "Vec"]]) },
  "ttheader acl": { seqid: 1, strings: new Map([["RPC_TRANSIT_gdpr-token", "tok"]]) },
  "ttheader all": {
    flags: 1,
    seqid: -1,
    strings: new Map([["RPC_TRANSIT_gdpr-token", "tok"], ["isn", "Vec"]]),
    ints: new Map([[9, "add"]]),
    payload: new Uint8Array([0xde, 0xad]),
  },
};

/** Frames that gopkg refuses; the error is ours, that in the file is its. */
const REFUSED: Readonly<Record<string, readonly [frame: string, error: string]>> = {
  hsize0: ["0000000a 1000 0000 00000001 0000", "header size 0: it holds at least a protocol id"],
  proto2: ["0000000e 1000 0000 00000001 0001 0200 0000", "protocol id 2 is not 0, 3, 4, 16 or 17"],
  "info 02": ["0000000e 1000 0000 00000001 0001 0000 0200", "info block type 0x2 at byte 0 of the header"],
  "trunc kv": ["0000000e 1000 0000 00000001 0001 0000 0100", "the header's info ends within the entry at byte 1"],
};

/** A request that x/net compressed, twice on one connection. */
const FIELDS_OF_HPACK: readonly (readonly [string, string])[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/Vec/add"],
  [":authority", "svc"],
  ["content-type", "application/grpc+thrift"],
  ["te", "trailers"],
];
const hpack = new HpackDecoder({ maxListBytes: 4096 });

/** A name, the form if there are several, the bytes. */
const VECTOR = /^([^/]+?)(?:\/(binary|binary-nonstrict|compact|json))? +(\S+)$/;

/** Tests of one vector, by its name; true if there are any. */
const TESTS: readonly ((name: string, form: string, vector: string) => boolean)[] = [
  message,
  (name, form, vector) => {
    const known = STRUCTS[name];
    return known !== undefined && roundTrip(`${name}/${form}`, form, known[0], known[1], vector, vector);
  },
  value,
  (name, _form, vector) => {
    const init = FRAMES[name];
    if (init !== undefined) frame(name, init, vector);
    return init !== undefined;
  },
  (name) => {
    const refused = REFUSED[name];
    if (refused !== undefined) {
      it(`${name} is refused: ${refused[1]}`, () => {
        const error = assertThrows(() => decodeFrame(hex(refused[0])), RpcError, refused[1]);
        assertEquals(error.kind, "protocol");
      });
    }
    return refused !== undefined;
  },
  others,
];

describe("vectors of Go's codecs", () => {
  for (const line of linesOf("codecs.txt")) {
    const [, name = "", form = "binary", vector = ""] = /^([a-z0-9 ]+)()(): /.exec(line) ?? VECTOR.exec(line) ?? [];
    if (!TESTS.some((test) => test(name, form, vector))) {
      it(`${line} has a test`, () => {
        throw new Error("nothing here knows it");
      });
    }
  }
});

function payloadOf(form: string): Payload {
  if (form === "binary-nonstrict") return binary({ acceptOld: true });
  return payloads().find((payload) => payload.name === form)!;
}

function bytesOf(form: string, vector: string): Uint8Array {
  return form === "json" ? utf8(vector) : hex(vector);
}

function shown(form: string, bytes: Uint8Array): string {
  return form === "json" ? text(bytes) : toHex(bytes);
}

function message(name: string, form: string, vector: string): boolean {
  const known = MESSAGES[name];
  if (known === undefined) return false;
  const { method, type, seqid, schema, body } = known;
  const payload = payloadOf(form);
  it(`${name}/${form} is read`, () => {
    const r = new ReadBuffer().reset(bytesOf(form, vector));
    const head = header();
    payload.readMessageBegin(r, head);
    const found = payload.codec(schema).decode(r);
    payload.readMessageEnd(r);
    assertEquals(r.pos, r.end);
    assertEquals({ ...found }, body);
    assertEquals([head.type, head.seqid], [type, seqid]);
    assertEquals(text(r.bytes.subarray(head.nameStart, head.nameEnd)), method);
  });
  // The old form is for reading only.
  if (form === "binary-nonstrict") return true;
  it(`${name}/${form} is written the same`, () => {
    const w = new WriteBuffer(1);
    payload.writeMessageBegin(w, utf8(method), type, seqid);
    payload.codec(schema).encode(w, body);
    payload.writeMessageEnd(w);
    assertEquals(shown(form, w.written()), vector);
  });
  return true;
}

function value(name: string, form: string, vector: string): boolean {
  const known = VALUES[name];
  if (known === undefined) return false;
  const [type, value] = known;
  const [binaryType, compactType, tag] = FIELD_OF[type.kind]!;
  const within = (bytes: string): string =>
    form === "json"
      ? `{"1":{"${tag}":${bytes}}}`
      : form === "compact"
      ? `${compactType}${bytes}00`
      : `${binaryType}0001${bytes}00`;
  const ours = OURS[`${name}/${form}`] ?? vector;
  return roundTrip(`${name}/${form}`, form, structOf(type) as Struct, { v: value }, within(vector), within(ours));
}

function roundTrip(
  name: string,
  form: string,
  schema: Struct,
  value: Record<string, unknown>,
  vector: string,
  ours: string,
): true {
  const payload = payloadOf(form);
  it(`${name} is read`, () => assertEquals({ ...decode(payload, schema, bytesOf(form, vector)) }, value));
  it(`${name} is written ${ours === vector ? "the same" : "in our way, and read"}`, () => {
    assertEquals(shown(form, encode(payload, schema, value)), ours);
    assertEquals({ ...decode(payload, schema, bytesOf(form, ours)) }, value);
  });
  return true;
}

function frame(name: string, init: FrameInit, vector: string): void {
  it(`${name} is read`, () => {
    const { flags, seqid, strings, ints, payload, consumed } = decodeFrame(hex(vector))!;
    const expected = { flags: 0, strings: new Map(), ints: new Map(), payload: new Uint8Array(), ...init };
    assertEquals({ flags, seqid, strings, ints, payload }, expected as never);
    assertEquals(consumed, vector.length / 2);
  });
  it(`${name} is written the same`, () => {
    const w = new WriteBuffer(8);
    encodeFrame(w, init);
    assertEquals(toHex(w.written()), vector);
  });
}

function others(name: string, _form: string, vector: string): boolean {
  const payload = kitexProtobufPayload();
  switch (name) {
    case "pberror":
      it("pberror is read", () => {
        const error = payload.readException(new ReadBuffer().reset(hex(vector)));
        assertEquals([error.kind, error.code, error.message, error.remote], ["internal", 6, "boom", true]);
      });
      it("pberror is written the same", () => {
        const w = new WriteBuffer(1);
        payload.writeException(w, new RpcError("internal", "boom"));
        assertEquals(toHex(w.written()), vector);
      });
      return true;
    case "crc32c 123456789":
      it("crc32c is the same", () => assertEquals(crc32c(utf8("123456789")).toString(16), vector));
      return true;
    case "hpack req":
    case "hpack req second":
      it(`${name} is read`, () => {
        const block = hex(vector);
        assertEquals([...hpack.decode(block, 0, block.length)], FIELDS_OF_HPACK as [string, string][]);
      });
      it(`${name}, as we write it, is read`, () => {
        const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder({ maxListBytes: 4096 })];
        for (let times = name === "hpack req" ? 1 : 3; times > 0; times--) {
          const w = new WriteBuffer(1);
          encoder.encode(w, HeaderList.of(FIELDS_OF_HPACK));
          assertEquals([...decoder.decode(w.bytes, 0, w.pos)], FIELDS_OF_HPACK as [string, string][]);
        }
      });
      return true;
  }
  return false;
}
