/**
 * How a binary payload writes the parts that structs are made of, for codecs made from schemas.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { ScalarSchema, ValueCodec } from "./schema_compiler.ts";

/** What Binary and Compact differ in. Type ids are those of Binary throughout. */
export interface Wire {
  /** The codec of a type without elements. */
  scalar(type: ScalarSchema): ValueCodec;
  /** Writes the header of a field; `lastId` is the id of the one before it in the struct, 0 for the first. */
  writeField(w: WriteBuffer, ttype: number, id: number, lastId: number): void;
  /** Writes a bool field whole. */
  writeBoolField(w: WriteBuffer, value: boolean, id: number, lastId: number): void;
  /** Writes the end of a struct. */
  writeStop(w: WriteBuffer): void;
  /** Writes the header of a list or set. */
  writeList(w: WriteBuffer, element: number, size: number): void;
  /** Writes the header of a map. */
  writeMap(w: WriteBuffer, key: number, value: number, size: number): void;
  /** Reads the header of a field: 0 at the end of the struct, else `type << 16 | id & 0xffff` and bits above of its own. */
  readField(r: ReadBuffer, lastId: number): number;
  /** Reads the value of a bool field whose header was just read. */
  readBoolField(r: ReadBuffer, header: number): boolean;
  /** Reads the header of a list or set and checks element type and size. */
  readList(r: ReadBuffer, element: number): number;
  /** Reads the header of a map and checks types and size. */
  readMap(r: ReadBuffer, key: number, value: number): number;
  /** Reads the header of a list or set of whatever type: `size * 0x100 + element`. An empty one has any element type. */
  openList(r: ReadBuffer): number;
  /** Reads the header of a map of whatever types: `size * 0x10000 + key * 0x100 + value`. An empty one has any types. */
  openMap(r: ReadBuffer): number;
  /** Writes the length of a string or binary. */
  writeLength(w: WriteBuffer, length: number): void;
  /** Reads the length of a string or binary and holds it against the limit. */
  readLength(r: ReadBuffer): number;
  /** Moves over the value of a field of a struct at depth `depth` whose header was just read. */
  skipField(r: ReadBuffer, header: number, depth: number): void;
}
