/**
 * What generated code makes of a struct, union or exception: its schema with its straight-line Binary codec.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import { explainInvalid } from "./explain.ts";

/** A struct as generated code describes it. `T` is the type of its values. */
export interface ThriftStruct<T> extends StructSchema<T> {
  /** A value with the IDL's defaults and zero values where `init` says nothing. For a union, `init` itself. */
  create(init?: Partial<T>): T;
  /**
   * Appends a value in the Binary protocol. Throws an `RpcError` of kind `"invalid"` that names the path to what
   * does not fit; nothing is appended then.
   */
  encode(w: WriteBuffer, value: T): void;
  /** Reads a value in the Binary protocol. Throws `UNDERRUN`, or an `RpcError` of kind `"protocol"`. */
  decode(r: ReadBuffer): T;
  /** For generated code: writes at `pos`, and gives the position after it. Throws anything for a value that does not fit. */
  write(w: WriteBuffer, pos: number, value: T, depth: number): number;
  /** For generated code: reads a struct that lies at depth `depth`; the outermost is at 0. */
  read(r: ReadBuffer, depth: number): T;
}

/** What generated code gives for a struct. */
export interface ThriftStructParts<T> extends StructSchema<T> {
  /** See `ThriftStruct.create`. */
  readonly create: (init?: Partial<T>) => T;
  /** See `ThriftStruct.write`. */
  readonly write: (w: WriteBuffer, pos: number, value: T, depth: number) => number;
  /** See `ThriftStruct.read`. */
  readonly read: (r: ReadBuffer, depth: number) => T;
}

/** Completes what generated code gives to a `ThriftStruct`. */
export function thriftStruct<T>(parts: ThriftStructParts<T>): ThriftStruct<T> {
  return {
    ...parts,
    encode(w: WriteBuffer, value: T): void {
      const start = w.pos;
      try {
        w.pos = parts.write(w, start, value, 0);
      } catch (reason) {
        w.pos = start;
        throw explainInvalid(parts, value, reason);
      }
    },
    decode(r: ReadBuffer): T {
      return parts.read(r, 0);
    },
  };
}

/** True for a schema that brings its own Binary codec. */
export function isThriftStruct<T>(schema: StructSchema<T>): schema is ThriftStruct<T> {
  return "write" in schema && "read" in schema && "encode" in schema;
}
