/**
 * Bounds what a message of Protocol Buffers becomes in memory. Two bytes can stand for a message with many fields, or for a field
 * that is unknown and kept: a large message is looked through for them before anything is made of it.
 *
 * @module
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { RpcError } from "../../lib/errors.ts";
import type { MessageLimits } from "./limits.ts";

/** Bytes that a field takes at least. */
const LEAST_BYTES = 2;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** The numbers of the fields of a map's entries. */
const MAP_KEY = 1;
const MAP_VALUE = 2;
/** More than any varint has. */
const MAX_VARINT_BYTES = 10;

/** A type of messages: by their numbers its fields, for each that holds messages of which type, for others `null`. */
interface Shape {
  readonly fields: ReadonlyMap<number, Shape | null>;
}

/**
 * Looks through messages of one type for messages in them and unknown fields. Gives nothing for those that cannot hold more than
 * `maxNested`, or are malformed, for which the reader has better words.
 */
export function nestedGuard(desc: DescMessage, limits: MessageLimits): (bytes: Uint8Array) => void {
  const known = new Map<DescMessage, Shape>();
  return (bytes) => {
    if (bytes.length < LEAST_BYTES * limits.maxNested) return;
    new Walk(bytes, limits).message(shapeOf(desc, known), bytes.length, 0);
  };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;

/** The same for JSON, of which each object may become a message: throws for more than `maxNested` and the outermost one. */
export function checkObjects(text: string, maxNested: number): void {
  if (text.length < LEAST_BYTES * maxNested) return;
  let found = -1;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) quoted = !quoted;
    else if (char === BACKSLASH && quoted) i++;
    else if (char === OPEN_OBJECT && !quoted && ++found > maxNested) throw tooMany(maxNested);
  }
}

function tooMany(maxNested: number): RpcError {
  return new RpcError("protocol", `more than ${maxNested} messages and unknown fields in a message`);
}

/** The shape of a type. Types may hold each other: one that is being made is there already, its fields come. */
function shapeOf(desc: DescMessage, known: Map<DescMessage, Shape>): Shape {
  const made = known.get(desc);
  if (made !== undefined) return made;
  const fields = new Map<number, Shape | null>();
  const shape = { fields };
  known.set(desc, shape);
  for (const field of desc.fields) fields.set(field.number, heldBy(field, known));
  return shape;
}

function heldBy(field: DescField, known: Map<DescMessage, Shape>): Shape | null {
  const message = field.fieldKind === "scalar" || field.fieldKind === "enum" ? undefined : field.message;
  const held = message === undefined ? null : shapeOf(message, known);
  // An entry is a message of a key and a value.
  return field.fieldKind === "map" ? { fields: new Map([[MAP_KEY, null], [MAP_VALUE, held]]) } : held;
}

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

  /** Goes through the fields up to `end`; false if they are malformed. */
  message({ fields }: Shape, end: number, depth: number): boolean {
    if (depth > this.#limits.maxDepth) return false;
    while (this.#pos < end) {
      const tag = this.#varint();
      const type = tag & 7;
      const held = fields.get(tag >>> 3);
      if (held !== null) this.#count();
      if (type === BYTES) {
        const length = this.#varint();
        const stop = this.#pos + length;
        if (stop > end) return false;
        if (held !== null && held !== undefined && !this.message(held, stop, depth + 1)) return false;
        this.#pos = stop;
      } else if (type === VARINT) this.#varint();
      else if (type === FIXED64) this.#pos += 8;
      else if (type === FIXED32) this.#pos += 4;
      else if (type > FIXED32) return false;
      // What a group holds is looked at as if it stood here.
    }
    return true;
  }

  #count(): void {
    if (++this.#found > this.#limits.maxNested) throw tooMany(this.#limits.maxNested);
  }

  /** A varint. What is beyond 2^53 need not be exact, and what does not end is for the reader to refuse. */
  #varint(): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let i = 0, scale = 1; i < MAX_VARINT_BYTES; i++, scale *= 128) {
      const byte = bytes[this.#pos++];
      if (byte === undefined) break;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  }
}
