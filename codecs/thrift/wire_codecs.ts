/**
 * Structs and containers over any `Wire`.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema, TypeSchema } from "../../lib/schema/types.ts";
import { INVALID, MAX_WRITE_DEPTH } from "./invalid.ts";
import { mapEntries, mapToObject } from "./map_object.ts";
import { tooDeep } from "./reader_guards.ts";
import type { ListSchema, MapSchema, Parts, ValueCodec } from "./schema_compiler.ts";
import { StructPlan } from "./struct_plan.ts";
import { keepField, writeKept } from "./transcode.ts";
import { isSet, TType, ttypeOf } from "./ttype.ts";
import type { Wire } from "./wire.ts";

/** The parts of codecs that write as `wire` does. */
export function wireParts(wire: Wire): Parts<ValueCodec> {
  return {
    scalar: wire.scalar,
    list: (type, element) => isSet(type) ? new SetValue(wire, type, element) : new ListValue(wire, type, element),
    map: (type, key, value) => new MapValue(wire, type, key, value),
    struct: (schema, of) => new StructValue(schema, wire, of),
  };
}

class StructValue implements ValueCodec {
  readonly #schema: StructSchema;
  readonly #wire: Wire;
  readonly #codec: (type: TypeSchema) => ValueCodec;
  /** Made at first use: only then do the schemas it refers to surely exist. */
  #plan: StructPlan<ValueCodec> | undefined;

  constructor(schema: StructSchema, wire: Wire, codec: (type: TypeSchema) => ValueCodec) {
    this.#schema = schema;
    this.#wire = wire;
    this.#codec = codec;
  }

  write(w: WriteBuffer, value: unknown, depth: number): void {
    if (depth > MAX_WRITE_DEPTH) throw INVALID;
    const wire = this.#wire;
    const plan = this.#plan ??= new StructPlan(this.#schema, this.#codec);
    const parts = plan.partsOf(value);
    let lastId = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part === undefined) continue;
      const { ttype, codec, schema: { id } } = plan.fields[i]!;
      if (ttype === TType.BOOL) {
        if (typeof part !== "boolean") throw INVALID;
        wire.writeBoolField(w, part, id, lastId);
      } else {
        wire.writeField(w, ttype, id, lastId);
        codec.write(w, part, depth + 1);
      }
      lastId = id;
    }
    const unknown = plan.unknownOf(value);
    if (unknown !== undefined) writeKept(wire, w, unknown, lastId, depth);
    wire.writeStop(w);
  }

  read(r: ReadBuffer, depth: number): unknown {
    if (depth > r.maxDepth) throw tooDeep(r);
    const wire = this.#wire;
    const plan = this.#plan ??= new StructPlan(this.#schema, this.#codec);
    const parts: unknown[] = new Array(plan.fields.length).fill(undefined);
    let last = -1;
    let lastId = 0;
    let kept: WriteBuffer | undefined;
    for (let header = wire.readField(r, 0); header !== 0; header = wire.readField(r, lastId)) {
      lastId = (header << 16) >> 16;
      const index = plan.find(header & 0xffffff, last + 1);
      if (index < 0) {
        if (plan.schema.keepsUnknown === true) keepField(wire, r, header, kept ??= new WriteBuffer(64), depth);
        else wire.skipField(r, header, depth);
        continue;
      }
      const { ttype, codec } = plan.fields[index]!;
      parts[index] = ttype === TType.BOOL ? wire.readBoolField(r, header) : codec.read(r, depth + 1);
      last = index;
    }
    return plan.build(parts, last, kept?.written().slice());
  }
}

class ListValue implements ValueCodec {
  readonly #wire: Wire;
  readonly #ttype: number;
  readonly #element: ValueCodec;

  constructor(wire: Wire, type: ListSchema, element: ValueCodec) {
    this.#wire = wire;
    this.#ttype = ttypeOf(type.element);
    this.#element = element;
  }

  write(w: WriteBuffer, value: unknown, depth: number): void {
    if (!Array.isArray(value)) throw INVALID;
    const size = value.length;
    this.#wire.writeList(w, this.#ttype, size);
    for (let i = 0; i < size; i++) this.#element.write(w, value[i], depth + 1);
  }

  read(r: ReadBuffer, depth: number): unknown[] {
    const size = this.#wire.readList(r, this.#ttype);
    const list: unknown[] = [];
    for (let i = 0; i < size; i++) list.push(this.#element.read(r, depth + 1));
    return list;
  }
}

class SetValue implements ValueCodec {
  readonly #wire: Wire;
  readonly #ttype: number;
  readonly #element: ValueCodec;

  constructor(wire: Wire, type: ListSchema, element: ValueCodec) {
    this.#wire = wire;
    this.#ttype = ttypeOf(type.element);
    this.#element = element;
  }

  write(w: WriteBuffer, value: unknown, depth: number): void {
    if (!(value instanceof Set)) throw INVALID;
    this.#wire.writeList(w, this.#ttype, value.size);
    for (const element of value) this.#element.write(w, element, depth + 1);
  }

  read(r: ReadBuffer, depth: number): Set<unknown> {
    const size = this.#wire.readList(r, this.#ttype);
    const set = new Set<unknown>();
    for (let i = 0; i < size; i++) set.add(this.#element.read(r, depth + 1));
    return set;
  }
}

class MapValue implements ValueCodec {
  readonly #wire: Wire;
  readonly #keyType: number;
  readonly #key: ValueCodec;
  readonly #valueType: number;
  readonly #value: ValueCodec;
  /** True for a map kept as an object without a prototype. */
  readonly #asObject: boolean;

  constructor(wire: Wire, type: MapSchema, key: ValueCodec, value: ValueCodec) {
    this.#wire = wire;
    this.#keyType = ttypeOf(type.key);
    this.#key = key;
    this.#valueType = ttypeOf(type.value);
    this.#value = value;
    this.#asObject = type.as === "object";
  }

  write(w: WriteBuffer, value: unknown, depth: number): void {
    const entries = mapEntries(value, this.#asObject);
    this.#wire.writeMap(w, this.#keyType, this.#valueType, entries.size);
    for (const entry of entries) {
      this.#key.write(w, entry[0], depth + 1);
      this.#value.write(w, entry[1], depth + 1);
    }
  }

  read(r: ReadBuffer, depth: number): unknown {
    const size = this.#wire.readMap(r, this.#keyType, this.#valueType);
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < size; i++) {
      const key = this.#key.read(r, depth + 1);
      map.set(key, this.#value.read(r, depth + 1));
    }
    return this.#asObject ? mapToObject(map) : map;
  }
}
