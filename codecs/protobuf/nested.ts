/**
 * Bounds what a message of Protocol Buffers becomes in memory. Two bytes can stand for a message with many fields, or for a field
 * that is unknown and kept: a large message is looked through for them before anything is made of it.
 *
 * The reader (protobuf-es) believes a field's number and not its type on the wire, and lets a message end behind the one it lies in.
 * What looks through a message must see what the reader will: where the two could differ, a large message is refused.
 *
 * @module
 */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { RpcError } from "../../lib/errors.ts";
import type { MessageLimits } from "./limits.ts";

/** Bytes that a field takes at least. */
const LEAST_BYTES = 2;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const GROUP = 3;
const GROUP_END = 4;
const FIXED32 = 5;

/** The numbers of the fields of a map's entries. */
const MAP_KEY = 1;
const MAP_VALUE = 2;
/** Bytes of a varint that count for 32 bits, and all that it may have. */
const [VARINT32_BYTES, VARINT_BYTES] = [5, 10];

/** A type of messages, or of a map's entries. */
interface Shape {
  readonly name: string;
  /** Its fields by their numbers. */
  readonly parts: ReadonlyMap<number, Part>;
  /** True for entries, of which nothing that is unknown is kept. */
  readonly isEntry: boolean;
}

/** One field. */
interface Part {
  /** Its type on the wire. */
  readonly type: number;
  /** True where values may also lie one behind the other in bytes. */
  readonly packable: boolean;
  /** The messages it holds. */
  readonly holds?: Shape;
  /** The values it may have; others are kept as unknown fields. */
  readonly values?: ReadonlySet<number>;
}

/**
 * Looks through messages of one type for messages in them and unknown fields. Throws an `RpcError` of kind `"protocol"` for more
 * than `maxNested`, and for what is malformed. Those too short to hold so many are not looked at.
 */
export function nestedGuard(desc: DescMessage, limits: MessageLimits): (bytes: Uint8Array) => void {
  const known = new Map<DescMessage, Shape>();
  return (bytes) => {
    if (bytes.length < LEAST_BYTES * limits.maxNested) return;
    new Walk(bytes, limits).message(shapeOf(desc, known), bytes.length, 1);
  };
}

/** The error of a message in which there is too much. */
export function tooMany(maxNested: number): RpcError {
  return new RpcError("protocol", `more than ${maxNested} messages and unknown fields in a message (maxNested)`);
}

/** The shape of a type. Types may hold each other: one that is being made is there already, its fields come. */
function shapeOf(desc: DescMessage, known: Map<DescMessage, Shape>): Shape {
  const made = known.get(desc);
  if (made !== undefined) return made;
  const parts = new Map<number, Part>();
  const shape = { name: desc.typeName, parts, isEntry: false };
  known.set(desc, shape);
  for (const field of desc.fields) parts.set(field.number, partOf(field, known));
  return shape;
}

function partOf(field: DescField, known: Map<DescMessage, Shape>): Part {
  const isList = field.fieldKind === "list";
  if (field.fieldKind === "map") {
    const parts = new Map([[MAP_KEY, scalarPart(field.mapKey, false)], [MAP_VALUE, valueOf(field, false, known)]]);
    return { type: BYTES, packable: false, holds: { name: `an entry of ${field}`, parts, isEntry: true } };
  }
  const part = valueOf(field, isList, known);
  // Of lists and maps, the reader keeps any.
  if (field.fieldKind !== "enum" || field.enum.open) return part;
  return { ...part, values: new Set(field.enum.values.map(({ number }) => number)) };
}

function valueOf(field: DescField, isList: boolean, known: Map<DescMessage, Shape>): Part {
  if (field.message !== undefined) {
    const isGroup = field.fieldKind !== "map" && field.delimitedEncoding === true;
    return { type: isGroup ? GROUP : BYTES, packable: false, holds: shapeOf(field.message, known) };
  }
  return scalarPart(field.scalar ?? ScalarType.INT32, isList);
}

function scalarPart(scalar: ScalarType, isList: boolean): Part {
  const type = SCALAR_TYPES[scalar] ?? VARINT;
  return { type, packable: isList && type !== BYTES };
}

/** Types on the wire of those that are no varints. */
const SCALAR_TYPES: { readonly [K in ScalarType]?: number } = {
  [ScalarType.STRING]: BYTES,
  [ScalarType.BYTES]: BYTES,
  [ScalarType.DOUBLE]: FIXED64,
  [ScalarType.FIXED64]: FIXED64,
  [ScalarType.SFIXED64]: FIXED64,
  [ScalarType.FLOAT]: FIXED32,
  [ScalarType.FIXED32]: FIXED32,
  [ScalarType.SFIXED32]: FIXED32,
};

/** One look through a message. */
class Walk {
  readonly #bytes: Uint8Array;
  readonly #limits: MessageLimits;
  #pos = 0;
  #found = 0;

  constructor(bytes: Uint8Array, limits: MessageLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  /** Goes through the fields up to `end`, or to the end of the group of that number. */
  message(shape: Shape, end: number, depth: number, group = 0): void {
    this.#mustFit(depth);
    while (this.#pos < end) {
      const tag = this.#varint() >>> 0;
      const number = tag >>> 3;
      const type = tag & 7;
      if (type === GROUP_END && number === group && group !== 0) return;
      const part = shape.parts.get(number);
      if (part === undefined) {
        if (shape.isEntry) throw malformed(`field ${number} in ${shape.name}`);
        this.#count();
        this.#skip(type, number, end, depth);
      } else if (part.type !== type && !(part.packable && type === BYTES)) {
        throw malformed(`field ${number} of ${shape.name} has type ${type} on the wire, not ${part.type}`);
      } else if (part.holds !== undefined) this.#nested(part.holds, number, type, end, depth);
      else if (part.values === undefined) this.#skip(type, number, end, depth);
      else if (!part.values.has(this.#varint())) this.#count();
      if (this.#pos > end) throw malformed(`field ${number} of ${shape.name} is longer than what it lies in`);
    }
    if (group !== 0) throw malformed(`group ${group} has no end`);
  }

  #nested(shape: Shape, number: number, type: number, end: number, depth: number): void {
    this.#count();
    if (type === GROUP) return this.message(shape, end, depth + 1, number);
    const length = this.#varint() >>> 0;
    const stop = this.#pos + length;
    if (stop > end) this.#pos = stop;
    // Entries are no level of their own.
    else this.message(shape, stop, shape.isEntry ? depth : depth + 1);
  }

  #skip(type: number, number: number, end: number, depth: number): void {
    if (type === VARINT) this.#varint();
    else if (type === FIXED64) this.#pos += 8;
    else if (type === FIXED32) this.#pos += 4;
    else if (type === BYTES) {
      const length = this.#varint() >>> 0;
      this.#pos += length;
    } else if (type === GROUP) this.#skipGroup(number, end, depth + 1);
    else throw malformed(`a field has type ${type} on the wire`);
  }

  #skipGroup(group: number, end: number, depth: number): void {
    this.#mustFit(depth);
    while (this.#pos < end) {
      const tag = this.#varint() >>> 0;
      const number = tag >>> 3;
      const type = tag & 7;
      if (type === GROUP_END && number === group) return;
      this.#skip(type, number, end, depth);
    }
    throw malformed(`group ${group} has no end`);
  }

  #mustFit(depth: number): void {
    if (depth > this.#limits.maxDepth) throw malformed(`nested deeper than ${this.#limits.maxDepth}`);
  }

  #count(): void {
    if (++this.#found > this.#limits.maxNested) throw tooMany(this.#limits.maxNested);
  }

  /** The low 32 bits of a varint. */
  #varint(): number {
    const bytes = this.#bytes;
    let value = bytes[this.#pos]!;
    if (value < 128) {
      this.#pos++;
      return value;
    }
    value = 0;
    for (let i = 0; i < VARINT_BYTES; i++) {
      const byte = bytes[this.#pos++]!;
      if (i < VARINT32_BYTES) value |= (byte & 127) << (7 * i);
      if (!(byte >= 128)) return value; // also behind the end
    }
    throw malformed(`a number of more than ${VARINT_BYTES} bytes`);
  }
}

function malformed(what: string): RpcError {
  return new RpcError("protocol", `malformed message: ${what}`);
}
