/**
 * Structs and containers in the JSON protocol.
 *
 * ```text
 * struct    {"1":{"i32":300},"2":{"str":"x"}}
 * list, set ["i32",3,1,2,3]
 * map       ["str","i64",1,{"key":5}]
 * ```
 * Sizes are only compared with what came; nothing is made for them.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { encodeText } from "../../lib/io/text.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema, TypeSchema } from "../../lib/schema/types.ts";
import { INVALID, MAX_WRITE_DEPTH } from "./invalid.ts";
import { type JsonCodec, jsonScalar } from "./json_scalars.ts";
import { skipJson } from "./json_skip.ts";
import { readHeader, readTag, tagOf } from "./json_tags.ts";
import {
  another,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  expect,
  OPEN_LIST,
  OPEN_OBJECT,
  peekToken,
  readInteger,
  writeAscii,
} from "./json_text.ts";
import { mapEntries, mapToObject } from "./map_object.ts";
import { writeByte, writeBytes } from "./put.ts";
import { chargeNested, tooDeep } from "./reader_guards.ts";
import type { ListSchema, MapSchema, Parts } from "./schema_compiler.ts";
import { StructPlan } from "./struct_plan.ts";
import { isSet, isTree, ttypeName, ttypeOf } from "./ttype.ts";
import { malformed } from "./underrun.ts";

/** The parts of codecs of the JSON protocol. */
export const jsonParts: Parts<JsonCodec> = {
  scalar: jsonScalar,
  list: (type, element) => new JsonList(type, element),
  map: (type, key, value) => new JsonMap(type, key, value),
  struct: (schema, of) => new JsonStruct(schema, of),
};

class JsonStruct implements JsonCodec {
  readonly #schema: StructSchema;
  readonly #codec: (type: TypeSchema) => JsonCodec;
  /** Made at first use: only then do the schemas it refers to surely exist. */
  #plan: StructPlan<JsonCodec> | undefined;
  /** What stands before each field's value: `"id":{"tag":`. */
  #prefixes: readonly Uint8Array[] = [];

  constructor(schema: StructSchema, codec: (type: TypeSchema) => JsonCodec) {
    this.#schema = schema;
    this.#codec = codec;
  }

  write(w: WriteBuffer, value: unknown, depth: number): void {
    if (depth > MAX_WRITE_DEPTH) throw INVALID;
    const plan = this.#prepare();
    const parts = plan.partsOf(value);
    const { kind, name } = plan.schema;
    if (kind === "union" && plan.unknownOf(value) !== undefined && parts.every((part) => part === undefined)) {
      throw unsendable(name);
    }
    writeByte(w, OPEN_OBJECT);
    let first = true;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part === undefined) continue;
      if (!first) writeByte(w, COMMA);
      first = false;
      writeBytes(w, this.#prefixes[i]!);
      plan.fields[i]!.codec.write(w, part, depth + 1);
      writeByte(w, CLOSE_OBJECT);
    }
    writeByte(w, CLOSE_OBJECT);
  }

  /** A struct as a key is written like any other: Apache's peers do so, JSON or not. */
  writeKey(w: WriteBuffer, value: unknown, depth: number): void {
    this.write(w, value, depth);
  }

  read(r: ReadBuffer, depth: number): unknown {
    if (depth > r.maxDepth) throw tooDeep(r);
    const plan = this.#prepare();
    const parts: unknown[] = new Array(plan.fields.length).fill(undefined);
    let last = -1;
    expect(r, OPEN_OBJECT);
    if (peekToken(r) === CLOSE_OBJECT) r.pos++;
    else {
      do {
        const header = readHeader(r);
        const index = plan.find(header, last + 1);
        if (index < 0) skipJson(r, header >>> 16, depth);
        else parts[last = index] = plan.fields[index]!.codec.read(r, depth + 1);
        expect(r, CLOSE_OBJECT);
      } while (another(r, CLOSE_OBJECT));
    }
    return plan.build(parts, last);
  }

  #prepare(): StructPlan<JsonCodec> {
    if (this.#plan === undefined) {
      const plan = new StructPlan(this.#schema, this.#codec);
      this.#prefixes = plan.fields.map(({ schema, ttype }) => encodeText(`"${schema.id}":{"${tagOf(ttype)}":`));
      this.#plan = plan;
    }
    return this.#plan;
  }
}

class JsonList implements JsonCodec {
  readonly #isSet: boolean;
  readonly #ttype: number;
  readonly #element: JsonCodec;

  constructor(type: ListSchema, element: JsonCodec) {
    this.#isSet = isSet(type);
    this.#ttype = ttypeOf(type.element);
    this.#element = element;
  }

  write(w: WriteBuffer, value: unknown, depth: number): void {
    if (this.#isSet ? !(value instanceof Set) : !Array.isArray(value)) throw INVALID;
    const size = value instanceof Set ? value.size : (value as unknown[]).length;
    writeAscii(w, `["${tagOf(this.#ttype)}",${size}`);
    for (const element of value as Iterable<unknown>) {
      writeByte(w, COMMA);
      this.#element.write(w, element, depth + 1);
    }
    writeByte(w, CLOSE_LIST);
  }

  writeKey(w: WriteBuffer, value: unknown, depth: number): void {
    this.write(w, value, depth);
  }

  read(r: ReadBuffer, depth: number): unknown {
    expect(r, OPEN_LIST);
    const pos = r.pos;
    const found = readTag(r);
    expect(r, COMMA);
    const size = readSize(r);
    const list: unknown[] = [];
    if (size > 0) checkType(r, found, this.#ttype, pos);
    while (another(r, CLOSE_LIST)) {
      countElement(r, isTree(this.#ttype), list.length, size, pos);
      list.push(this.#element.read(r, depth + 1));
    }
    checkCount(r, list.length, size, pos);
    return this.#isSet ? new Set(list) : list;
  }
}

class JsonMap implements JsonCodec {
  readonly #keyType: number;
  readonly #key: JsonCodec;
  readonly #valueType: number;
  readonly #value: JsonCodec;
  /** True for a map kept as an object without a prototype. */
  readonly #asObject: boolean;

  constructor(type: MapSchema, key: JsonCodec, value: JsonCodec) {
    this.#keyType = ttypeOf(type.key);
    this.#key = key;
    this.#valueType = ttypeOf(type.value);
    this.#value = value;
    this.#asObject = type.as === "object";
  }

  write(w: WriteBuffer, value: unknown, depth: number): void {
    const entries = mapEntries(value, this.#asObject);
    writeAscii(w, `["${tagOf(this.#keyType)}","${tagOf(this.#valueType)}",${entries.size},{`);
    let first = true;
    for (const entry of entries) {
      if (!first) writeByte(w, COMMA);
      first = false;
      this.#key.writeKey(w, entry[0], depth + 1);
      writeByte(w, COLON);
      this.#value.write(w, entry[1], depth + 1);
    }
    writeByte(w, CLOSE_OBJECT);
    writeByte(w, CLOSE_LIST);
  }

  writeKey(w: WriteBuffer, value: unknown, depth: number): void {
    this.write(w, value, depth);
  }

  read(r: ReadBuffer, depth: number): unknown {
    expect(r, OPEN_LIST);
    const pos = r.pos;
    const keyFound = readTag(r);
    expect(r, COMMA);
    const valueFound = readTag(r);
    expect(r, COMMA);
    const size = readSize(r);
    if (size > 0) {
      checkType(r, keyFound, this.#keyType, pos);
      checkType(r, valueFound, this.#valueType, pos);
    }
    expect(r, COMMA);
    expect(r, OPEN_OBJECT);
    const map = new Map<unknown, unknown>();
    const nested = isTree(this.#keyType) || isTree(this.#valueType);
    let count = 0;
    if (peekToken(r) === CLOSE_OBJECT) r.pos++;
    else {
      do {
        countElement(r, nested, count++, size, pos);
        const key = this.#key.read(r, depth + 1);
        expect(r, COLON);
        map.set(key, this.#value.read(r, depth + 1));
      } while (another(r, CLOSE_OBJECT));
    }
    checkCount(r, count, size, pos);
    expect(r, CLOSE_LIST);
    return this.#asObject ? mapToObject(map) : map;
  }
}

function unsendable(union: string): RpcError {
  return new RpcError("invalid", `${union} holds only what the IDL does not know, which JSON cannot send on`);
}

/** Reads the size of a container and holds it against the limit. */
function readSize(r: ReadBuffer): number {
  const pos = r.pos;
  const size = readInteger(r, -0x8000_0000, 0x7fff_ffff);
  if (size < 0) throw malformed(r, `negative container size ${size}`, pos);
  if (size > r.maxContainerSize) throw malformed(r, `container of ${size} elements exceeds ${r.maxContainerSize}`, pos);
  return size;
}

/** Before an element: throws if there were to be no more. */
function countElement(r: ReadBuffer, nested: boolean, before: number, size: number, at: number): void {
  if (before === size) throw malformed(r, `container of ${size} elements has more`, at);
  if (nested) chargeNested(r, 1, at);
}

/** After the elements. */
function checkCount(r: ReadBuffer, count: number, size: number, at: number): void {
  if (count !== size) throw malformed(r, `container of ${size} elements has ${count}`, at);
}

function checkType(r: ReadBuffer, found: number, expected: number, at: number): void {
  if (found === expected) return;
  throw malformed(r, `elements of type ${ttypeName(found)} where ${ttypeName(expected)} is declared`, at);
}
