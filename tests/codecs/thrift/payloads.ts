/**
 * What the tests of all payloads share: the payloads, and values in and out of bytes.
 *
 * @module
 */
import { binary } from "../../../codecs/thrift/binary.ts";
import { compact } from "../../../codecs/thrift/compact.ts";
import { json } from "../../../codecs/thrift/json.ts";
import type { Limits } from "../../../codecs/thrift/limits.ts";
import { withDefaults } from "../../../codecs/thrift/limits.ts";
import { type MessageHeader, MessageType, type Payload } from "../../../codecs/thrift/payload.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { FieldSchema, StructSchema, TypeSchema } from "../../../lib/schema/types.ts";

/** A payload of each kind. */
export function payloads(limits: Partial<Limits> = {}): Payload[] {
  const all = withDefaults(limits);
  return [binary({ limits: all }), compact({ limits: all }), json({ limits: all })];
}

/** The same struct without generated code, so that its codec is made from the schema. */
export function bare<T>(schema: StructSchema<T>): StructSchema<T> {
  const { kind, name, fields, make } = schema;
  return make === undefined ? { kind, name, fields } : { kind, name, fields, make };
}

/** A struct with one field, number 1. */
export function structOf<T>(type: TypeSchema, more: Partial<FieldSchema> = {}): StructSchema<{ v: T }> {
  const field: FieldSchema = { id: 1, name: "v", key: "v", type, requiredness: "default", ...more };
  return { kind: "struct", name: "S", fields: [field] };
}

/** A struct of these fields, all of requiredness "default" unless said otherwise, numbered from 1. */
export function struct(
  name: string,
  fields: Record<string, TypeSchema>,
  more: Partial<FieldSchema> = {},
): StructSchema<Record<string, unknown>> {
  const list = Object.entries(fields).map(([key, type], index): FieldSchema => (
    { id: index + 1, name: key, key, type, requiredness: "default", ...more }
  ));
  return { kind: "struct", name, fields: list };
}

/** A value as bytes, in memory of their own. */
export function encode<T>(payload: Payload, schema: StructSchema<T>, value: T): Uint8Array {
  const w = new WriteBuffer(16);
  payload.codec(schema).encode(w, value);
  return w.written().slice();
}

/** A value of all of `bytes`, with the payload's limits kept. */
export function decode<T>(payload: Payload, schema: StructSchema<T>, bytes: Uint8Array): T {
  const message = wrap(payload, bytes);
  const r = new ReadBuffer().reset(message);
  payload.readMessageBegin(r, header());
  const value = payload.codec(schema).decode(r);
  payload.readMessageEnd(r);
  if (r.pos !== r.end) throw new Error(`${r.end - r.pos} bytes left`);
  return value;
}

/** A struct's bytes as a message: `CALL` of `m`, sequence id 1. */
export function wrap(payload: Payload, body: Uint8Array): Uint8Array {
  const w = new WriteBuffer(16);
  payload.writeMessageBegin(w, new TextEncoder().encode("m"), MessageType.CALL, 1);
  w.reserve(body.length);
  w.bytes.set(body, w.pos);
  w.pos += body.length;
  payload.writeMessageEnd(w);
  return w.written().slice();
}

/** An empty header to read into. */
export function header(): MessageHeader {
  return { type: 0, seqid: 0, nameStart: 0, nameEnd: 0 };
}

/** Bytes from hexadecimal digits; spaces are for reading. */
export function hex(digits: string): Uint8Array {
  const plain = digits.replaceAll(" ", "");
  return Uint8Array.from({ length: plain.length / 2 }, (_, i) => parseInt(plain.slice(i * 2, i * 2 + 2), 16));
}

/** Hexadecimal digits of bytes. */
export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** UTF-8 as text. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
