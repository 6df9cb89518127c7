import { assertEquals } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { seeded } from "../../lib/io/random.ts";
import { Foreign, type ForeignMessage } from "./foreign.ts";
import { decode, encode, header, payloads, struct, text, toHex, utf8 } from "./payloads.ts";
import { randomValue } from "./random_schema.ts";
import { show } from "./show.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";

const string: TypeSchema = { kind: "string" };
const i32: TypeSchema = { kind: "i32" };
const i64: TypeSchema = { kind: "i64" };
const double: TypeSchema = { kind: "double" };
const Inner = struct("Inner", { flag: { kind: "bool" }, name: string, off: { kind: "bool" } }, {
  requiredness: "optional",
});
const inner: TypeSchema = { kind: "struct", of: () => Inner };
const All: StructSchema<Record<string, unknown>> = struct("All", {
  bool: { kind: "bool" },
  i8: { kind: "i8" },
  i16: { kind: "i16" },
  i32,
  i64,
  double,
  string,
  binary: { kind: "binary" },
  inner,
  strings: { kind: "list", element: string },
  longs: { kind: "list", element: i64 },
  structs: { kind: "list", element: inner },
  set: { kind: "set", element: i32 },
  bools: { kind: "list", element: { kind: "bool" } },
  doubles: { kind: "list", element: double },
  map: { kind: "map", key: string, value: i32 },
  byNumber: { kind: "map", key: i32, value: string },
}, { requiredness: "optional" });

/** What the other side does not do right, which is left out of the values it is given. */
interface Flaws {
  /** It writes -0 as 0. */
  readonly negativeZero: boolean;
  /** Compact: it reads all bools of a list as false. */
  readonly boolElements: boolean;
  /** JSON: it reads no empty containers, no infinities, and no control characters, and gives maps another order. */
  readonly json: boolean;
}

function values(flaws: Flaws): Record<string, unknown>[] {
  const random = seeded(4711);
  return Array.from({ length: 40 }, () => {
    const value: Record<string, unknown> = {};
    for (const { key, type } of All.fields) {
      const part = random(4) === 0 ? undefined : avoid(flaws, randomValue(random, type));
      value[key] = flaws.boolElements && key === "bools" ? undefined : part;
    }
    return value;
  });
}

function avoid(flaws: Flaws, value: unknown): unknown {
  if (typeof value === "number") {
    return (flaws.json && !Number.isFinite(value)) || (flaws.negativeZero && Object.is(value, -0)) ? 0.5 : value;
  }
  if (!flaws.json) return Array.isArray(value) ? value.map((part) => avoid(flaws, part)) : value;
  if (typeof value === "string") return value.replaceAll("\0", "zero");
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((part) => avoid(flaws, part));
  if (value instanceof Set) return value.size === 0 ? undefined : value;
  if (value instanceof Map) return value.size === 0 ? undefined : new Map([...value].slice(0, 1));
  return value;
}

describe("Apache thrift for Node", () => {
  let foreign: Foreign;
  beforeAll(async () => {
    foreign = await Foreign.load();
  });

  for (const payload of payloads()) {
    const flaws: Flaws = { negativeZero: false, boolElements: false, json: payload.name === "json" };
    const envelope: Omit<ForeignMessage, "value"> = { name: "method", type: 1, seqid: 77 };

    it(`reads what we write in ${payload.name}`, () => {
      for (const value of values({ ...flaws, boolElements: payload.name === "compact" })) {
        const w = new WriteBuffer(16);
        payload.writeMessageBegin(w, utf8(envelope.name), envelope.type, envelope.seqid);
        payload.codec(All).encode(w, value);
        payload.writeMessageEnd(w);
        const read = foreign.read(payload.name, All, w.written());
        assertEquals(show(read), show({ ...envelope, value }));
      }
    });

    it(`writes what we read in ${payload.name}`, () => {
      for (const value of values({ ...flaws, negativeZero: true })) {
        const bytes = foreign.write(payload.name, All, { ...envelope, value });
        const r = new ReadBuffer().reset(bytes);
        const head = header();
        payload.readMessageBegin(r, head);
        const read = payload.codec(All).decode(r);
        payload.readMessageEnd(r);
        assertEquals([head.type, head.seqid, r.pos], [envelope.type, envelope.seqid, bytes.length]);
        assertEquals(text(bytes.subarray(head.nameStart, head.nameEnd)), envelope.name);
        assertEquals(show(read), show(value));
        assertEquals(payload.scanner().scan(bytes), bytes.length);
      }
    });

    if (payload.name === "json") continue; // it has several forms of the same value
    it(`writes the same bytes as we do in ${payload.name}`, () => {
      for (const value of values({ ...flaws, negativeZero: true })) {
        const bytes = foreign.write(payload.name, All, { ...envelope, value });
        const w = new WriteBuffer(16);
        payload.writeMessageBegin(w, utf8(envelope.name), envelope.type, envelope.seqid);
        payload.codec(All).encode(w, value);
        assertEquals(toHex(w.written()), toHex(bytes));
      }
    });
  }

  it("writes numbers that are none without quotes, which we read", () => {
    const [, , json] = payloads();
    const schema = struct("D", { a: double, b: double, c: double });
    const value = { a: NaN, b: Infinity, c: -Infinity };
    const bytes = foreign.write("json", schema, { name: "m", type: 1, seqid: 1, value });
    const r = new ReadBuffer().reset(bytes);
    json!.readMessageBegin(r, header());
    assertEquals(json!.codec(schema).decode(r), value);
    assertEquals(decode(json!, schema, encode(json!, schema, value)), value);
  });
});
