/**
 * Codecs beside each other: nanoseconds to encode and decode one nested struct (945 bytes of Binary).
 *
 * `codec.ts [--rounds 9] [--ms 50]`, unchanged on Deno, Bun and Node. All take turns in every round; medians are printed with
 * their ratio to the limit, the quickest code written by hand for this struct, and saved in `bench/out/codec-<runtime>.json`.
 * Wants a quiet machine.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { binary } from "../codecs/thrift/binary.ts";
import { compact } from "../codecs/thrift/compact.ts";
import { json } from "../codecs/thrift/json.ts";
import type { Payload } from "../codecs/thrift/payload.ts";
import { ReadBuffer } from "../lib/io/read_buffer.ts";
import { WriteBuffer } from "../lib/io/write_buffer.ts";
import type { StructSchema } from "../lib/schema/types.ts";
import { apache } from "./codec/apache.ts";
import { Order } from "./codec/gen/order.ts";
import { protobuf } from "./codec/protobuf.ts";

/** What is measured: the same work again and again. */
type Work = () => unknown;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const rounds = Number(option("rounds", "9"));
const ms = Number(option("ms", "50"));

const order: Order = {
  id: 9007199254740n,
  user: "user-000123@example",
  kind: 7,
  flag: true,
  total: 1234.5678,
  items: Array.from({ length: 10 }, (_, i) => (
    { id: 100000 + i, name: `item name no. ${i} blue`, price: 9.99 * (i + 1), ok: (i & 1) === 0 }
  )),
  tags: new Map(Array.from({ length: 8 }, (_, i) => [`key-${i}-abc`, `value of the tag ${i}`])),
  codes: Array.from({ length: 20 }, (_, i) => i * 1000),
};

/** Measures everything, prints and saves it. */
async function main(): Promise<void> {
  const bytes = encodeOnce(binary(), Order);
  const [encoders, decoders] = [await encodeWork(bytes), await decodeWork(bytes)];
  const result = {
    runtime: runtime(),
    rounds,
    ms,
    bytes: bytes.length,
    encode: measure(encoders),
    decode: measure(decoders),
  };
  console.log(`${result.runtime}, ${result.bytes} bytes, median of ${rounds} rounds`);
  print("encode", result.encode);
  print("decode", result.decode);
  mkdirSync(here("./out"), { recursive: true });
  writeFileSync(here(`./out/codec-${result.runtime.split(" ")[0]}.json`), JSON.stringify(result, undefined, 2));
}

async function encodeWork(expected: Uint8Array): Promise<Record<string, Work>> {
  const byHand = async (name: string, loopChars: number, native: boolean): Promise<Work> => {
    const encode = (await hand(name)).handEncoder(loopChars, native);
    if (Buffer.compare(encode(order), expected) !== 0) throw new Error(`${name} writes other bytes`);
    return () => encode(order);
  };
  const [thriftBinary, thriftCompact] = [
    await apache("TBinaryProtocol", order),
    await apache("TCompactProtocol", order),
  ];
  if (Buffer.compare(thriftBinary.encode(), expected) !== 0) throw new Error("Apache writes other bytes");
  const utf8 = new TextEncoder();
  const plain = plainOrder();
  return {
    "hand: loop <= 48, encodeInto": await byHand("loop48", 48, false),
    "hand: loop <= 16, utf8Write": await byHand("loop16", 16, true),
    "generated Binary": encodeWith(binary(), Order),
    "Binary from the schema": encodeWith(binary(), bare(Order)),
    Compact: encodeWith(compact(), Order),
    JSON: encodeWith(json(), Order),
    "Apache thrift Binary": thriftBinary.encode,
    "Apache thrift Compact": thriftCompact.encode,
    "protobuf-es": protobuf(order).encode,
    "JSON.stringify and TextEncoder": () => utf8.encode(JSON.stringify(plain)),
  };
}

async function decodeWork(bytes: Uint8Array): Promise<Record<string, Work>> {
  const byHand = async (name: string, whole: boolean): Promise<Work> => {
    const decode = (await hand(name)).handDecoder(whole);
    const buffer = Buffer.from(bytes);
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    check(decode(buffer, view));
    return () => decode(buffer, view);
  };
  const [thriftBinary, thriftCompact] = [
    await apache("TBinaryProtocol", order),
    await apache("TCompactProtocol", order),
  ];
  const utf8 = new TextDecoder();
  const text = new TextEncoder().encode(JSON.stringify(plainOrder()));
  return {
    "hand: parts of one latin1Slice": await byHand("whole", true),
    "hand: utf8Slice a string": await byHand("slice", false),
    "generated Binary": decodeWith(binary(), Order),
    "Binary from the schema": decodeWith(binary(), bare(Order)),
    Compact: decodeWith(compact(), Order),
    JSON: decodeWith(json(), Order),
    "Apache thrift Binary": thriftBinary.decode,
    "Apache thrift Compact": thriftCompact.decode,
    "protobuf-es": protobuf(order).decode,
    "TextDecoder and JSON.parse": () => JSON.parse(utf8.decode(text)),
  };
}

/** A copy of the module for each name: see there. */
function hand(name: string): Promise<typeof import("./codec/hand.ts")> {
  return import(`./codec/hand.ts?${name}`);
}

function encodeWith(payload: Payload, schema: StructSchema<Order>): Work {
  const w = new WriteBuffer();
  const codec = payload.codec(schema);
  return () => {
    w.pos = 0;
    codec.encode(w, order);
    return w.pos;
  };
}

function decodeWith(payload: Payload, schema: StructSchema<Order>): Work {
  const bytes = encodeOnce(payload, schema);
  const r = new ReadBuffer();
  const codec = payload.codec(schema);
  check(codec.decode(r.reset(bytes)));
  return () => codec.decode(r.reset(bytes));
}

function encodeOnce(payload: Payload, schema: StructSchema<Order>): Uint8Array {
  const w = new WriteBuffer();
  payload.codec(schema).encode(w, order);
  return w.written().slice();
}

/** The struct without its generated code. */
function bare<T>({ kind, name, fields }: StructSchema<T>): StructSchema<T> {
  return { kind, name, fields };
}

/** The order with nothing that JSON cannot say. */
function plainOrder(): Record<string, unknown> {
  return { ...order, id: Number(order.id), tags: Object.fromEntries(order.tags) };
}

function check(read: Order): void {
  const same = read.id === order.id && read.items[9]?.name === order.items[9]?.name && read.codes[19] === 19000 &&
    read.tags.get("key-3-abc") === "value of the tag 3" && read.items.length === 10;
  if (!same) throw new Error("decoded something else");
}

/** Median nanoseconds of each; all take turns in every round. */
function measure(all: Record<string, Work>): Record<string, number> {
  for (const work of Object.values(all)) time(work, 3 * ms);
  const times = new Map(Object.keys(all).map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(all)) times.get(name)!.push(time(work, ms));
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]));
}

/** So that no result is dropped unseen. */
const kept: { value: unknown } = { value: undefined };

function time(work: Work, ms: number): number {
  const start = performance.now();
  let now = start;
  let count = 0;
  for (; now - start < ms; now = performance.now()) {
    for (let i = 0; i < 50; i++) kept.value = work();
    count += 50;
  }
  return (now - start) * 1e6 / count;
}

function median(list: number[]): number {
  return list.sort((a, b) => a - b)[list.length >> 1]!;
}

function print(title: string, figures: Record<string, number>): void {
  const byHand = Object.entries(figures).filter(([name]) => name.startsWith("hand"));
  const limit = Math.min(...byHand.map(([, ns]) => ns));
  console.log(`\n${title.padEnd(34)}   ns/op   x limit`);
  for (const [name, ns] of Object.entries(figures)) {
    console.log(`${name.padEnd(34)} ${ns.toFixed(0).padStart(7)} ${(ns / limit).toFixed(2).padStart(9)}`);
  }
}

function runtime(): string {
  const { versions } = process;
  if (versions.deno !== undefined) return `deno ${versions.deno}`;
  return versions.bun !== undefined ? `bun ${versions.bun}` : `node ${versions.node}`;
}

function option(name: string, value: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? value : process.argv[at + 1] ?? value;
}

await main();
